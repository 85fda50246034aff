//! Every way in which a name server can misbehave has its class, its owner, and the phase in
//! which the attempt ended.

use hickory_resolver::proto::op::ResponseCode;
use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Network, Target as Site};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::{SilentPort, refused_port};

use super::*;

type Expected = (Class, ErrorOwner, At);

fn came_out(found: &Attempt) -> Option<Expected> {
    let cause = found.cause()?;
    Some((cause.class, cause.owner, found.reached))
}

/// Attempts end early, so that those that wait do not wait for long.
fn soon(mut monitor: Monitor) -> Monitor {
    monitor.timeouts.attempt = SHORT;
    monitor.timeouts.connect = SHORT;
    monitor.interval = SHORT;
    monitor
}

/// What each name of the misbehaving server stands for.
fn misbehaviour(name: &str) -> DnsReply {
    match name.split('.').next().unwrap_or_default() {
        "nxdomain" => DnsReply::code(ResponseCode::NXDomain),
        "servfail" => DnsReply::code(ResponseCode::ServFail),
        "refused" => DnsReply::code(ResponseCode::Refused),
        "formerr" => DnsReply::code(ResponseCode::FormErr),
        "nodata" => DnsReply::answer(),
        // A record that nobody asked for is none.
        "stranger" => DnsReply::answer().record_of("other.example.", 60, address(1)),
        "silent" => DnsReply::silence(),
        "slow" => good().late(SHORT * 4),
        "garbage" => DnsReply::garbage(),
        "number" => DnsReply::other_number(),
        "question" => DnsReply::other_question(),
        "echo" => DnsReply::echo(),
        "close" => DnsReply::close(),
        "half" => good().half(),
        _ => good(),
    }
}

#[tokio::test]
async fn over_udp_and_tcp() {
    let server = DnsServer::answering(|seen| misbehaviour(&seen.name))
        .await
        .unwrap();
    let engine = engine(options());
    let bad = Class::DnsBadAnswer;
    // Name, what comes of it over UDP, and over TCP.
    let table: [(&str, Option<Expected>, Option<Expected>); 13] = [
        same("nxdomain", (Class::DnsNxdomain, Site, At::Assert)),
        same("servfail", (Class::DnsServfail, Site, At::Assert)),
        same("refused", (Class::DnsRefused, Site, At::Assert)),
        same("formerr", (bad, Site, At::Assert)),
        same("nodata", (Class::DnsNodata, Site, At::Assert)),
        same("stranger", (Class::DnsNodata, Site, At::Assert)),
        // A datagram may have been lost on the way; a connection has been accepted.
        (
            "silent",
            Some((Class::DnsTimeout, Network, At::Wait)),
            Some((Class::DnsTimeout, Site, At::Wait)),
        ),
        (
            "slow",
            Some((Class::DnsTimeout, Network, At::Wait)),
            Some((Class::DnsTimeout, Site, At::Wait)),
        ),
        (
            "garbage",
            Some((bad, Site, At::Wait)),
            Some((bad, Site, At::Transfer)),
        ),
        (
            "number",
            Some((bad, Site, At::Wait)),
            Some((bad, Site, At::Transfer)),
        ),
        (
            "question",
            Some((bad, Site, At::Wait)),
            Some((bad, Site, At::Transfer)),
        ),
        (
            "echo",
            Some((bad, Site, At::Wait)),
            Some((bad, Site, At::Transfer)),
        ),
        ("good", None, None),
    ];
    let mut wrong = Vec::new();
    for (name, udp, tcp) in table {
        for (transport, wanted) in [(DnsTransport::Udp, udp), (DnsTransport::Tcp, tcp)] {
            let monitor = soon(asking(server.address(), |check| {
                check.name = format!("{name}.example.");
                check.transport = Some(transport);
            }));
            let found = attempt(&engine, &monitor).await;
            if came_out(&found) != wanted {
                let text = found.cause().map(ToString::to_string);
                wrong.push(format!(
                    "{name} {transport:?}: wanted {wanted:?}, got {:?} ({text:?})",
                    came_out(&found)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn same(name: &str, wanted: Expected) -> (&str, Option<Expected>, Option<Expected>) {
    (name, Some(wanted), Some(wanted))
}

#[tokio::test]
async fn connections_that_end_too_early() {
    let server = DnsServer::answering(|seen| misbehaviour(&seen.name))
        .await
        .unwrap();
    let engine = engine(options());
    for (name, wanted) in [
        ("close", (Class::ClosedBeforeResponse, Site, At::Wait)),
        ("half", (Class::DnsBadAnswer, Site, At::Transfer)),
    ] {
        let monitor = asking(server.address(), |check| {
            check.name = format!("{name}.example.");
            check.transport = Some(DnsTransport::Tcp);
        });
        let found = attempt(&engine, &monitor).await;
        assert_eq!(
            came_out(&found),
            Some(wanted),
            "{name}: {:?}",
            found.cause()
        );
    }
}

#[tokio::test]
async fn servers_that_are_not_there() {
    let engine = engine(options());
    let refused = refused_port().unwrap();
    for (transport, at) in [
        (DnsTransport::Udp, At::Wait),
        (DnsTransport::Tcp, At::Connect),
    ] {
        let found = attempt(&engine, &asking(refused, over(transport))).await;
        assert_eq!(
            came_out(&found),
            Some((Class::ConnectRefused, Site, at)),
            "{transport:?}"
        );
    }
    let silent = SilentPort::open().unwrap();
    let found = attempt(
        &engine,
        &soon(asking(silent.address(), over(DnsTransport::Tcp))),
    )
    .await;
    assert_eq!(
        came_out(&found),
        Some((Class::ConnectTimeout, Network, At::Connect))
    );
}

#[tokio::test]
async fn over_tls() {
    let authority = Authority::root();
    let engine = trusting(&authority);
    let serve = |names: &[&str]| {
        authority
            .server(names, Validity::default())
            .serve()
            .alpn("dot")
    };

    let server = DnsServer::over_tls(serve(&["ns1.example"]), |_| good())
        .await
        .unwrap();
    let found = attempt(&engine, &asking(server.address(), over(DnsTransport::Tls))).await;
    assert_eq!(
        came_out(&found),
        Some((Class::TlsCertNameMismatch, Site, At::Tls))
    );
    assert!(found.tls.unwrap().certificate.is_some());

    let server = DnsServer::over_tls(serve(&["127.0.0.1"]), |_| DnsReply::close())
        .await
        .unwrap();
    let found = attempt(&engine, &asking(server.address(), over(DnsTransport::Tls))).await;
    assert_eq!(
        came_out(&found),
        Some((Class::ClosedBeforeResponse, Site, At::Wait))
    );

    // A server that speaks the plain protocol on the port for TLS.
    let server = DnsServer::answering(|_| good()).await.unwrap();
    let found = attempt(
        &engine,
        &soon(asking(server.address(), over(DnsTransport::Tls))),
    )
    .await;
    assert_eq!(found.reached, At::Tls, "{:?}", found.cause());
    assert_eq!(found.cause().unwrap().owner, Site);
}

#[tokio::test]
async fn the_probers_own_server_is_not_the_target() {
    let server = DnsServer::answering(|seen| misbehaviour(&seen.name))
        .await
        .unwrap();
    let engine = with_own(server.address(), |_| {});
    for (name, wanted) in [
        ("nxdomain", (Class::DnsNxdomain, Site, At::Assert)),
        ("nodata", (Class::DnsNodata, Site, At::Assert)),
        ("servfail", (Class::DnsServfail, Network, At::Assert)),
        ("refused", (Class::DnsRefused, Network, At::Assert)),
        ("formerr", (Class::DnsBadAnswer, Network, At::Assert)),
        ("garbage", (Class::DnsBadAnswer, Network, At::Wait)),
        ("silent", (Class::DnsTimeout, Network, At::Wait)),
    ] {
        let monitor = soon(asking_own(|check| check.name = format!("{name}.example.")));
        let found = attempt(&engine, &monitor).await;
        assert_eq!(
            came_out(&found),
            Some(wanted),
            "{name}: {:?}",
            found.cause()
        );
    }
}

#[tokio::test]
async fn a_server_whose_name_is_not_found_was_never_asked() {
    let names = DnsServer::start(&[("lame.example", DnsAnswer::ServFail)])
        .await
        .unwrap();
    let engine = with_own(names.address(), |_| {});
    for (host, wanted) in [
        ("nowhere.example", (Class::DnsNxdomain, Site, At::Resolve)),
        ("lame.example", (Class::DnsServfail, Network, At::Resolve)),
    ] {
        let monitor = asking(names.address(), |check| {
            check.server = Some(Asked {
                host: Host::Domain(host.to_owned()),
                port: 53,
            });
        });
        let found = attempt(&engine, &monitor).await;
        assert_eq!(came_out(&found), Some(wanted), "{host}");
        assert_eq!(found.dns, None);
    }
}

#[tokio::test]
async fn what_hinders_the_repetition_over_tcp_is_said() {
    let server = DnsServer::answering(|seen| match seen.transport {
        "udp" => DnsReply::answer().cut_off(),
        _ => DnsReply::close(),
    })
    .await
    .unwrap();
    let found = attempt(&engine(options()), &asking(server.address(), |_| {})).await;
    assert_eq!(
        came_out(&found),
        Some((Class::ClosedBeforeResponse, Site, At::Wait))
    );
    let text = &found.cause().unwrap().text;
    assert!(
        text.starts_with("the answer over UDP was cut off, and over TCP 127.0.0.1:"),
        "{text}"
    );
}
