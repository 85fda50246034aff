//! Every way in which a target can misbehave has its class, its owner, and the phase in which
//! the attempt ended.

use std::net::Ipv4Addr;

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Network, Target as Site};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_domain::{Attempt, ErrorOwner, Monitor};
use tidewatch_probe::{AddressPolicy, Engine, NameServer};
use tidewatch_testkit::{
    Authority, DnsAnswer, DnsServer, MonitorBuilder, Reply, SilentPort, Step, Target, Validity,
    refused_port,
};

use crate::support::{SHORT, attempt, engine, options, quick, trusting};

/// What one misbehaviour should come out as.
type Expected = (Class, ErrorOwner, At);

/// Collects what differs, so that one run shows everything.
#[derive(Default)]
struct Table {
    wrong: Vec<String>,
    rows: usize,
}

impl Table {
    async fn row(
        &mut self,
        name: &str,
        engine: &Engine,
        monitor: MonitorBuilder,
        wanted: Expected,
    ) {
        let found = attempt(engine, &monitor.build()).await;
        self.check(name, &found, wanted);
    }

    fn check(&mut self, name: &str, found: &Attempt, wanted: Expected) {
        self.rows += 1;
        let cause = found.cause();
        let came_out = cause.map(|cause| (cause.class, cause.owner, found.reached));
        if came_out != Some(wanted) {
            self.wrong.push(format!(
                "{name}: wanted {wanted:?}, got {came_out:?} ({cause:?})"
            ));
        }
    }

    #[track_caller]
    fn end(self, rows: usize) {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        assert_eq!(self.rows, rows);
    }
}

async fn misbehaving(steps: impl IntoIterator<Item = Step>) -> Target {
    let reply = Reply::steps(steps);
    Target::http(move |_| reply.clone()).await.unwrap()
}

#[tokio::test]
async fn transport() {
    let engine = engine(options());
    let mut table = Table::default();

    let refused = refused_port().unwrap();
    let monitor = quick(&format!("http://{refused}/"));
    table
        .row(
            "refused",
            &engine,
            monitor,
            (Class::ConnectRefused, Site, At::Connect),
        )
        .await;

    let silent = SilentPort::open().unwrap();
    let monitor = quick(&format!("http://{}/", silent.address())).connect_timeout(SHORT);
    table
        .row(
            "silent port",
            &engine,
            monitor,
            (Class::ConnectTimeout, Network, At::Connect),
        )
        .await;

    let monitor = quick(&format!("http://{}/", silent.address()))
        .attempt_timeout(SHORT * 2)
        .probe_timeout(SHORT);
    table
        .row(
            "probe's time over",
            &engine,
            monitor,
            (Class::Deadline, Site, At::Connect),
        )
        .await;

    let target = misbehaving([Step::Close]).await;
    let wanted = (Class::ClosedBeforeResponse, Site, At::Wait);
    table
        .row("closes at once", &engine, quick(&target.url("/")), wanted)
        .await;

    let target = misbehaving([Step::Reset]).await;
    table
        .row("resets at once", &engine, quick(&target.url("/")), wanted)
        .await;

    let target = misbehaving([Step::Hang]).await;
    let monitor = quick(&target.url("/")).attempt_timeout(SHORT);
    table
        .row(
            "hangs",
            &engine,
            monitor,
            (Class::ReadTimeoutHeader, Site, At::Wait),
        )
        .await;

    let target = misbehaving([Step::send("HTTP/1.1 200 OK\r\nserver: x"), Step::Hang]).await;
    let monitor = quick(&target.url("/")).attempt_timeout(SHORT);
    let wanted = (Class::ReadTimeoutHeader, Site, At::Transfer);
    table
        .row("hangs in the header", &engine, monitor, wanted)
        .await;

    // More than the kernel's buffers hold, and nobody who reads it.
    let target = Target::raw("http", [Step::Hang]).await.unwrap();
    let monitor = quick(&target.url("/"))
        .method("POST")
        .body(&"x".repeat(16 * 1024 * 1024))
        .attempt_timeout(SHORT);
    table
        .row(
            "does not read",
            &engine,
            monitor,
            (Class::SendFailed, Site, At::Send),
        )
        .await;

    table.end(8);
}

#[tokio::test]
async fn answers() {
    let engine = engine(options());
    let mut table = Table::default();
    let sized = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let broken = (Class::ProtocolError, Site, At::Transfer);
    let cut = (Class::BodyTruncated, Site, At::Transfer);
    let send = |text: String| Step::send(text);

    let cases: Vec<(&str, Vec<Step>, Expected)> = vec![
        (
            "garbage",
            vec![Step::send("SSH-2.0-OpenSSH_9.6\r\n"), Step::Close],
            broken,
        ),
        (
            "header cut",
            vec![Step::send("HTTP/1.1 200 OK\r\nserv"), Step::Close],
            broken,
        ),
        (
            "bad status line",
            vec![Step::send("HTTP/1.1 abc OK\r\n\r\n"), Step::Close],
            broken,
        ),
        (
            "two lengths",
            vec![
                send(format!(
                    "{}content-length: 7\r\n\r\n",
                    &sized[..sized.len() - 2]
                )),
                Step::Close,
            ],
            broken,
        ),
        (
            "endless header",
            vec![
                send(format!(
                    "HTTP/1.1 200 OK\r\nx: {}\r\n\r\n",
                    "y".repeat(70_000)
                )),
                Step::Close,
            ],
            broken,
        ),
        (
            "too many header lines",
            vec![
                send(format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(150))),
                Step::Close,
            ],
            broken,
        ),
        (
            "bad chunk size",
            vec![send(format!("{chunked}zz\r\nhello\r\n")), Step::Close],
            broken,
        ),
        (
            "chunk without end",
            vec![send(format!("{chunked}5\r\nhelloXX0\r\n")), Step::Close],
            broken,
        ),
        (
            "body too short",
            vec![send(format!("{sized}12345")), Step::Close],
            cut,
        ),
        (
            "chunks cut",
            vec![send(format!("{chunked}5\r\nhello\r\n")), Step::Close],
            cut,
        ),
        (
            "within a chunk",
            vec![send(format!("{chunked}5\r\nhe")), Step::Close],
            cut,
        ),
        (
            "reset in the body",
            // The pause lets the bytes be read before the reset overtakes them.
            vec![
                send(format!("{sized}12345")),
                Step::Pause(SHORT / 3),
                Step::Reset,
            ],
            (Class::ResetInBody, Site, At::Transfer),
        ),
        (
            "hangs in the body",
            vec![send(format!("{sized}12345")), Step::Hang],
            (Class::ReadTimeoutBody, Site, At::Transfer),
        ),
    ];
    let rows = cases.len();
    for (name, steps, wanted) in cases {
        let target = misbehaving(steps).await;
        let monitor = quick(&target.url("/")).attempt_timeout(SHORT);
        table.row(name, &engine, monitor, wanted).await;
    }
    for status in [404, 500, 304] {
        let target = Target::http(move |_| Reply::status(status)).await.unwrap();
        let wanted = (Class::StatusMismatch, Site, At::Assert);
        table
            .row("status", &engine, quick(&target.url("/")), wanted)
            .await;
    }
    table.end(rows + 3);
}

#[tokio::test]
async fn names() {
    let server = DnsServer::start(&[
        ("nodata.example", DnsAnswer::NoData),
        ("servfail.example", DnsAnswer::ServFail),
        ("refused.example", DnsAnswer::Refused),
        ("silent.example", DnsAnswer::Silence),
        ("garbage.example", DnsAnswer::Garbage),
        (
            "inner.example",
            DnsAnswer::Address(Ipv4Addr::new(169, 254, 169, 254).into()),
        ),
    ])
    .await
    .unwrap();
    let mut options = options();
    options.name_server = NameServer::At(server.address());
    options.addresses = AddressPolicy::only_public([]);
    let engine = engine(options);
    let mut table = Table::default();
    let cases = [
        ("nowhere.example", Class::DnsNxdomain, Site),
        ("nodata.example", Class::DnsNodata, Site),
        ("servfail.example", Class::DnsServfail, Network),
        ("refused.example", Class::DnsRefused, Network),
        ("silent.example", Class::DnsTimeout, Network),
        ("garbage.example", Class::DnsBadAnswer, Network),
        ("inner.example", Class::BlockedAddress, Config),
        ("127.0.0.1", Class::BlockedAddress, Config),
    ];
    let rows = cases.len();
    for (name, class, owner) in cases {
        let monitor = quick(&format!("http://{name}:9/")).attempt_timeout(SHORT);
        table
            .row(name, &engine, monitor, (class, owner, At::Resolve))
            .await;
    }
    table.end(rows);
}

#[tokio::test]
async fn tls() {
    let root = Authority::root();
    let engine = trusting(&root);
    let mut table = Table::default();
    let alert = b"\x15\x03\x03\x00\x02\x02\x28".to_vec();
    let cases: [(&str, Vec<Step>, Class); 6] = [
        ("closes", vec![Step::Close], Class::TlsEof),
        ("resets", vec![Step::Reset], Class::TlsEof),
        (
            "alert",
            vec![Step::send(alert), Step::Close],
            Class::TlsAlert,
        ),
        (
            "plain HTTP",
            vec![Step::send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Close],
            Class::TlsProtocol,
        ),
        (
            "garbage",
            vec![Step::send(vec![0; 64]), Step::Close],
            Class::TlsProtocol,
        ),
        ("hangs", vec![Step::Hang], Class::TlsTimeout),
    ];
    for (name, steps, class) in cases {
        let target = Target::raw("https", steps).await.unwrap();
        let monitor = quick(&target.url("/")).attempt_timeout(SHORT);
        table
            .row(name, &engine, monitor, (class, Site, At::Tls))
            .await;
    }

    let expired = Validity {
        until: (2026, 3, 1),
        ..Validity::default()
    };
    let future = Validity {
        from: (2027, 1, 1),
        ..Validity::default()
    };
    let good = Validity::default();
    let cases = [
        (
            "expired",
            root.server(&["localhost"], expired),
            Class::TlsCertExpired,
        ),
        (
            "not yet valid",
            root.server(&["localhost"], future),
            Class::TlsCertNotYetValid,
        ),
        (
            "other names",
            root.server(&["a.example", "*.b.example"], good),
            Class::TlsCertNameMismatch,
        ),
        (
            "unknown issuer",
            Authority::root().server(&["localhost"], good),
            Class::TlsCertUnknownIssuer,
        ),
        (
            "intermediate expired",
            root.intermediate(expired).server(&["localhost"], good),
            Class::TlsCertExpired,
        ),
        (
            "intermediate missing",
            root.intermediate(good)
                .server(&["localhost"], good)
                .without_intermediates(),
            Class::TlsCertUnknownIssuer,
        ),
    ];
    for (name, identity, class) in cases {
        let target = Target::https(identity.serve(), |_| Reply::ok(""))
            .await
            .unwrap();
        table
            .row(
                name,
                &engine,
                quick(&target.url("/")),
                (class, Site, At::Tls),
            )
            .await;
    }

    let demanding = |version| {
        let identity = root.server(&["localhost"], good);
        Target::https(identity.serve().demand_client(&root).only(version), |_| {
            Reply::ok("")
        })
    };
    // In TLS 1.3 the client's part of the handshake is over before the server can refuse it.
    let target = demanding(&rustls::version::TLS13).await.unwrap();
    let wanted = (Class::TlsClientAuth, Config, At::Wait);
    table
        .row(
            "client certificate, 1.3",
            &engine,
            quick(&target.url("/")),
            wanted,
        )
        .await;
    let target = demanding(&rustls::version::TLS12).await.unwrap();
    let wanted = (Class::TlsClientAuth, Config, At::Tls);
    table
        .row(
            "client certificate, 1.2",
            &engine,
            quick(&target.url("/")),
            wanted,
        )
        .await;
    table.end(14);
}

#[tokio::test]
async fn http2() {
    let root = Authority::root();
    let engine = trusting(&root);
    let mut table = Table::default();
    let start = |reply: Reply| {
        let tls = root
            .server(&["localhost"], Validity::default())
            .serve()
            .alpn("h2");
        Target::https(tls, move |_| reply.clone())
    };
    let target = start(Reply::steps([Step::Reset])).await.unwrap();
    let wanted = (Class::ProtocolError, Site, At::Wait);
    table
        .row("stream reset", &engine, quick(&target.url("/")), wanted)
        .await;

    let target = start(Reply::steps([Step::Hang])).await.unwrap();
    let monitor = quick(&target.url("/")).attempt_timeout(SHORT);
    table
        .row(
            "hangs",
            &engine,
            monitor,
            (Class::ReadTimeoutHeader, Site, At::Wait),
        )
        .await;
    table.end(2);
}

#[tokio::test]
async fn definitions() {
    let engine = engine(options());
    let mut table = Table::default();
    let monitor = quick("http://127.0.0.1:9/").header("authorization", "Bearer ${env:MISSING}");
    table
        .row(
            "no secret",
            &engine,
            monitor,
            (Class::AuthFailed, Config, At::Resolve),
        )
        .await;
    table.end(1);
}

/// A confirmation follows transport failures, on a fresh connection, and only those.
#[tokio::test]
async fn a_confirmation_follows_transport_failures_only() {
    let engine = engine(options());
    let retried = |monitor: Monitor| {
        let engine = &engine;
        async move { crate::support::probe(engine, &monitor).await.retry }
    };
    let flaky = Target::http(|seen| match seen.connection {
        1 => Reply::steps([Step::Close]),
        _ => Reply::ok("well again"),
    })
    .await
    .unwrap();
    let retry = retried(quick(&flaky.url("/")).build()).await.unwrap();
    assert!(retry.succeeded(), "{retry:#?}");
    assert!(retry.phases.connect.is_some());
    assert_eq!(flaky.connections(), 2);

    let wrong = Target::http(|_| Reply::status(500)).await.unwrap();
    assert_eq!(retried(quick(&wrong.url("/")).build()).await, None);
    let good = Target::http(|_| Reply::ok("")).await.unwrap();
    assert_eq!(retried(quick(&good.url("/")).build()).await, None);
}
