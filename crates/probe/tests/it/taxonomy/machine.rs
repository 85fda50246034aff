//! Rows that need a machine of their own: its routes, its local ports, its file descriptors.
//!
//! The test runs itself once more, in a network namespace in which it is root (`unshare -rn`, no
//! privilege needed), with loopback as its only interface. No packet leaves it.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};
use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Network, Prober};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_domain::{Attempt, ErrorClass};
use tidewatch_probe::{AddressPolicy, NameServer};
use tidewatch_testkit::{DnsAnswer, DnsServer, Reply, Target};

use super::case::{Case, Found, Wanted};
use crate::support::{SHORT, attempt, engine, options, quick};

/// Set in the child process.
const MARK: &str = "TIDEWATCH_TEST_MACHINE";
/// What begins a line of the child's that tells what was found.
const LINE: &str = "found\t";

/// The rows: name, what has to come out, a part of the text.
const TABLE: [(&str, Wanted, &str); ROWS] = [
    (
        BLACK_HOLE,
        (Class::ConnectTimeout, Network, At::Connect),
        "connect to 198.51.100.9:80 took longer than the connect timeout of 150 ms",
    ),
    (
        UNREACHABLE,
        (Class::ConnectUnreachable, Network, At::Connect),
        "connect to 203.0.113.1:80 failed: the host cannot be reached",
    ),
    (
        PROHIBITED,
        (Class::ConnectUnreachable, Network, At::Connect),
        "connect to 203.0.113.2:80 failed: a firewall or a route of the prober's machine forbids it",
    ),
    (
        NO_ROUTE,
        (Class::ConnectUnreachable, Network, At::Connect),
        "connect to 192.0.2.1:80 failed: the prober has no route to this network",
    ),
    (
        NO_ROUTE_TO_NAMES,
        (Class::DnsTimeout, Network, At::Resolve),
        "shop.example",
    ),
    (
        FORBIDDEN,
        (Class::RedirectBlocked, Config, At::Resolve),
        "the redirect to http://169.254.169.254/latest is not followed: 169.254.169.254 is at 169.254.169.254, a metadata address",
    ),
    (
        FORBIDDEN_NAME,
        (Class::RedirectBlocked, Config, At::Resolve),
        "the redirect to http://inner.example/ is not followed: inner.example is at 10.0.0.1, a private address",
    ),
    (
        NO_PORT,
        (Class::LocalPort, Prober, At::Connect),
        "net.ipv4.ip_local_port_range",
    ),
    (
        NO_DESCRIPTOR,
        (Class::LocalFd, Prober, At::Connect),
        "ulimit -n",
    ),
    (
        NO_DESCRIPTOR_FOR_NAMES,
        (Class::LocalFd, Prober, At::Resolve),
        "ulimit -n",
    ),
];
const BLACK_HOLE: &str = "black hole";
const UNREACHABLE: &str = "host unreachable";
const PROHIBITED: &str = "prohibited";
const NO_ROUTE: &str = "no route";
const NO_ROUTE_TO_NAMES: &str = "no route to the name server";
const FORBIDDEN: &str = "redirect to a forbidden address";
const FORBIDDEN_NAME: &str = "redirect to the name of a forbidden address";
const NO_PORT: &str = "no local port left";
const NO_DESCRIPTOR: &str = "no descriptor left";
const NO_DESCRIPTOR_FOR_NAMES: &str = "no descriptor left to ask for names";

/// How many rows there are.
pub(super) const ROWS: usize = 10;
/// The classes that only these rows show.
pub(super) const CLASSES: [ErrorClass; 3] =
    [Class::ConnectUnreachable, Class::LocalPort, Class::LocalFd];

/// Whether this process is the child.
pub(super) fn is_here() -> bool {
    std::env::var_os(MARK).is_some()
}

/// Runs the child and makes a row of each of its findings; `None` where the kernel does not allow
/// a namespace, which is said aloud, and is an error for root.
pub(super) fn cases() -> Option<Vec<Case>> {
    let output = match child() {
        Ok(output) if output.status.success() => output,
        refused => {
            assert!(
                !geteuid().is_root(),
                "no network namespace for root: {refused:?}"
            );
            let mut stderr = std::io::stderr();
            writeln!(
                stderr,
                "skipped: {ROWS} rows need a network namespace: {refused:?}"
            )
            .unwrap();
            return None;
        }
    };
    let told = String::from_utf8(output.stdout).unwrap();
    let rows = TABLE.map(|(name, wanted, says)| {
        let found = told
            .lines()
            .find_map(|line| read(line, name))
            .unwrap_or_else(|| panic!("nothing about `{name}` in {told}"));
        Case::of(name, wanted, says, std::future::ready(found))
    });
    Some(rows.into())
}

fn child() -> std::io::Result<Output> {
    Command::new("unshare")
        .args(["--map-root-user", "--net", "--"])
        .arg(std::env::current_exe()?)
        .args(["taxonomy::every_misbehaviour", "--nocapture"])
        .env(MARK, "1")
        .output()
}

fn read(line: &str, name: &str) -> Option<Found> {
    // The test harness begins the first line with words of its own.
    let (_, told) = line.split_once(LINE)?;
    let mut parts = told.split('\t');
    if parts.next()? != name {
        return None;
    }
    let mut next = || parts.next().map(str::to_owned);
    Some(Found {
        class: next()?,
        owner: next()?,
        phase: next()?,
        text: next()?,
    })
}

/// In the child: makes the machine as bad as each row wants it, and tells what comes out.
pub(super) async fn tell_all() {
    for command in [
        "link set lo up",
        // What is sent to these comes back by loopback, is for nobody here, and is dropped.
        "route add 198.51.100.0/24 dev lo",
        "route add unreachable 203.0.113.1",
        "route add prohibit 203.0.113.2",
        // Public addresses of this machine, as far as the policy can see.
        "address add 9.9.9.9/32 dev lo",
    ] {
        ip(command);
    }
    let anywhere = engine(options());
    // First, before anything was opened that could be closed meanwhile.
    no_descriptors(&anywhere).await;
    for (name, address) in [
        (BLACK_HOLE, "198.51.100.9"),
        (UNREACHABLE, "203.0.113.1"),
        (PROHIBITED, "203.0.113.2"),
        (NO_ROUTE, "192.0.2.1"),
    ] {
        let monitor = quick(&format!("http://{address}/")).connect_timeout(SHORT);
        tell(name, &attempt(&anywhere, &monitor.build()).await);
    }
    names_out_of_reach().await;
    forbidden_hops().await;
    no_ports(&anywhere).await;
}

async fn names_out_of_reach() {
    let mut options = options();
    options.name_server = NameServer::At("192.0.2.1:53".parse().unwrap());
    let monitor = quick("http://shop.example/").attempt_timeout(SHORT).build();
    tell(
        NO_ROUTE_TO_NAMES,
        &attempt(&engine(options), &monitor).await,
    );
}

async fn forbidden_hops() {
    let inner = DnsAnswer::Address(Ipv4Addr::new(10, 0, 0, 1).into());
    let names = DnsServer::start(&[("inner.example", inner)]).await.unwrap();
    let mut options = options();
    options.name_server = NameServer::At(names.address());
    options.addresses = AddressPolicy::only_public([]);
    let engine = engine(options);
    let public = IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9));
    let target = Target::http_at(public, |seen| match seen.path.as_str() {
        "/by-name" => Reply::redirect(302, "http://inner.example/"),
        _ => Reply::redirect(302, "http://169.254.169.254/latest"),
    })
    .await
    .unwrap();
    for (name, path) in [(FORBIDDEN, "/"), (FORBIDDEN_NAME, "/by-name")] {
        let monitor = quick(&target.url_as("9.9.9.9", path)).build();
        tell(name, &attempt(&engine, &monitor).await);
    }
}

async fn no_ports(engine: &tidewatch_probe::Engine) {
    let target = Target::http(|_| Reply::ok("")).await.unwrap();
    let range = "/proc/sys/net/ipv4/ip_local_port_range";
    let before = std::fs::read(range).unwrap();
    std::fs::write(range, "40000 40001").unwrap();
    let taken: Vec<TcpStream> =
        std::iter::from_fn(|| TcpStream::connect(target.address()).ok()).collect();
    assert_eq!(taken.len(), 2);
    tell(
        NO_PORT,
        &attempt(engine, &quick(&target.url("/")).build()).await,
    );
    std::fs::write(range, before).unwrap();
}

async fn no_descriptors(engine: &tidewatch_probe::Engine) {
    let target = Target::http(|_| Reply::ok("")).await.unwrap();
    let names = DnsServer::start(&[]).await.unwrap();
    let mut options = options();
    options.name_server = NameServer::At(names.address());
    let asking = Arc::new(self::engine(options));
    let before = getrlimit(Resource::Nofile);
    // The lowest free number is the next one that would be given.
    let next = std::fs::File::open("/dev/null").unwrap();
    let next = u64::try_from(std::os::fd::AsRawFd::as_raw_fd(&next)).unwrap();
    let limit = Rlimit {
        current: Some(next),
        ..before
    };
    setrlimit(Resource::Nofile, limit).unwrap();
    let by_address = attempt(engine, &quick(&target.url_as("127.0.0.1", "/")).build()).await;
    let by_name = attempt(&asking, &quick("http://shop.example/").build()).await;
    setrlimit(Resource::Nofile, before).unwrap();
    tell(NO_DESCRIPTOR, &by_address);
    tell(NO_DESCRIPTOR_FOR_NAMES, &by_name);
}

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output();
    let output = output.expect("`ip` of iproute2 is installed");
    assert!(output.status.success(), "ip {arguments}: {output:?}");
}

fn tell(name: &str, attempt: &Attempt) {
    let Found {
        class,
        owner,
        phase,
        text,
    } = Found::of(attempt);
    let line = format!("{LINE}{name}\t{class}\t{owner}\t{phase}\t{text}");
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}").unwrap();
}
