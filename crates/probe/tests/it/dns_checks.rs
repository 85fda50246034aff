//! The kind `dns`: every transport, every way to fail, what the facts say.

mod classes;
mod records;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::rr::RData;
use tidewatch_domain::monitor::{
    Assertion, Bounds, Check, Connection, DnsAssertion, DnsCheck, DnsServer as Asked, DnsTransport,
    Network, RecordType, TextTest, Which,
};
use tidewatch_domain::probe::{DnsFlag, PhaseReached};
use tidewatch_domain::{Attempt, ErrorClass, ErrorOwner, Monitor};
use tidewatch_probe::{AddressPolicy, Engine, EngineOptions, NameServer};
use tidewatch_testkit::{Authority, DnsAnswer, DnsReply, DnsServer, MonitorBuilder, Validity};
use url::Host;

use crate::support::{SHORT, attempt, engine, failure, options, probe, quick, trusting};

/// A monitor that asks `server` for the addresses of `shop.example`; `change` says what else.
fn asking(server: SocketAddr, change: impl FnOnce(&mut DnsCheck)) -> Monitor {
    on(quick("http://unused.example/"), Some(server), change)
}

/// A monitor that asks the prober's own name server.
fn asking_own(change: impl FnOnce(&mut DnsCheck)) -> Monitor {
    on(quick("http://unused.example/"), None, change)
}

fn on(
    builder: MonitorBuilder,
    server: Option<SocketAddr>,
    change: impl FnOnce(&mut DnsCheck),
) -> Monitor {
    let mut check = DnsCheck {
        name: "shop.example.".to_owned(),
        record_type: RecordType::A,
        server: server.map(|address| Asked {
            host: match address.ip() {
                IpAddr::V4(address) => Host::Ipv4(address),
                IpAddr::V6(address) => Host::Ipv6(address),
            },
            port: address.port(),
        }),
        transport: None,
        recursion: true,
        edns_size: Some(DnsCheck::EDNS_SIZE),
        dnssec: false,
        network: Network::default(),
    };
    change(&mut check);
    let mut monitor = builder.build();
    monitor.target = "dns:shop.example".to_owned();
    monitor.check = Check::Dns(check);
    monitor
}

fn over(transport: DnsTransport) -> impl FnOnce(&mut DnsCheck) {
    move |check| check.transport = Some(transport)
}

fn address(last: u8) -> RData {
    RData::A(Ipv4Addr::new(192, 0, 2, last).into())
}

/// A good answer: an address for five minutes.
fn good() -> DnsReply {
    DnsReply::answer().record(300, address(1))
}

/// An engine whose own name server is `server`.
fn with_own(server: SocketAddr, change: impl FnOnce(&mut EngineOptions)) -> Engine {
    let mut options = options();
    options.name_server = NameServer::At(server);
    change(&mut options);
    engine(options)
}

#[track_caller]
fn adds_up(found: &Attempt) {
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.phases.unfinished(), Duration::ZERO);
    let parts: Duration = found
        .phases
        .named()
        .into_iter()
        .filter_map(|(_, phase)| phase)
        .sum();
    assert_eq!(parts, found.phases.total, "{found:#?}");
}

/// The names of the phases that happened.
fn phases(found: &Attempt) -> Vec<&'static str> {
    found
        .phases
        .named()
        .into_iter()
        .filter_map(|(name, phase)| phase.map(|_| name))
        .collect()
}

#[tokio::test]
async fn each_transport_has_its_phases_and_they_add_up() {
    let server = DnsServer::answering(|_| good()).await.unwrap();
    let engine = engine(options());

    let found = attempt(&engine, &asking(server.address(), |_| {})).await;
    adds_up(&found);
    assert_eq!(phases(&found), ["resolve", "send", "wait"]);
    assert_eq!(found.remote_addr, Some(server.address()));
    assert_eq!(found.reached, PhaseReached::Done);

    let found = attempt(&engine, &asking(server.address(), over(DnsTransport::Tcp))).await;
    adds_up(&found);
    assert_eq!(
        phases(&found),
        ["resolve", "connect", "send", "wait", "transfer"]
    );

    let authority = Authority::root();
    let tls = authority
        .server(&["127.0.0.1"], Validity::default())
        .serve()
        .alpn("dot");
    let server = DnsServer::over_tls(tls, |_| good()).await.unwrap();
    let monitor = asking(server.address(), over(DnsTransport::Tls));
    let found = attempt(&trusting(&authority), &monitor).await;
    adds_up(&found);
    assert_eq!(
        phases(&found),
        ["resolve", "connect", "tls", "send", "wait", "transfer"]
    );
    let seen = found.tls.unwrap();
    assert_eq!(seen.version, Some("1.3"));
    assert!(seen.certificate.unwrap().verified);
    assert_eq!(found.dns.unwrap().transport, DnsTransport::Tls);
}

#[tokio::test]
async fn the_servers_own_name_is_resolved_and_timed_apart() {
    let server = DnsServer::answering(|_| good()).await.unwrap();
    let names = DnsServer::start(&[(
        "ns1.example",
        DnsAnswer::Address(Ipv4Addr::LOCALHOST.into()),
    )])
    .await
    .unwrap();
    let engine = with_own(names.address(), |_| {});
    let monitor = asking(server.address(), |check| {
        check.server = Some(Asked {
            host: Host::Domain("ns1.example".to_owned()),
            port: server.address().port(),
        });
    });
    let found = attempt(&engine, &monitor).await;
    adds_up(&found);
    assert_eq!(names.questions(), ["ns1.example. A"]);
    assert_eq!(server.questions(), ["shop.example. A"]);
    assert!(found.phases.resolve.is_some());
}

#[tokio::test]
async fn the_first_server_of_the_prober_is_asked_where_none_is_named() {
    let server = DnsServer::answering(|_| good()).await.unwrap();
    let found = attempt(&with_own(server.address(), |_| {}), &asking_own(|_| {})).await;
    adds_up(&found);
    // Nobody had to be asked where it is.
    assert_eq!(phases(&found), ["send", "wait"]);
    assert_eq!(found.remote_addr, Some(server.address()));
}

#[tokio::test]
async fn what_the_definition_says_is_what_is_sent() {
    let server = DnsServer::answering(|_| good()).await.unwrap();
    let engine = engine(options());
    let monitor = asking(server.address(), |check| {
        check.recursion = false;
        check.edns_size = Some(4_096);
        check.dnssec = true;
    });
    attempt(&engine, &monitor).await;
    attempt(
        &engine,
        &asking(server.address(), |check| check.edns_size = None),
    )
    .await;
    let seen = server.seen();
    assert_eq!(
        (seen[0].recursion, seen[0].edns_size, seen[0].dnssec),
        (false, Some(4_096), true)
    );
    assert_eq!(
        (seen[1].recursion, seen[1].edns_size, seen[1].dnssec),
        (true, None, false)
    );
}

#[tokio::test]
async fn what_is_no_answer_to_the_question_is_passed_over() {
    let server = DnsServer::answering(|_| {
        DnsReply::other_number()
            .then(DnsReply::other_question())
            .then(good())
    })
    .await
    .unwrap();
    let found = attempt(&engine(options()), &asking(server.address(), |_| {})).await;
    adds_up(&found);
    assert_eq!(server.questions().len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_cut_off_is_fetched_over_tcp() {
    let server = DnsServer::answering(|seen| match seen.transport {
        "udp" => DnsReply::answer().cut_off(),
        _ => good().record(300, address(2)),
    })
    .await
    .unwrap();
    let engine = engine(options());
    let found = attempt(&engine, &asking(server.address(), |_| {})).await;
    adds_up(&found);
    assert_eq!(
        phases(&found),
        ["resolve", "connect", "send", "wait", "transfer"]
    );
    let facts = found.dns.unwrap();
    assert!(facts.cut_off_over_udp && !facts.has(DnsFlag::Tc));
    assert_eq!(
        (facts.transport, facts.wanted().count()),
        (DnsTransport::Tcp, 2)
    );

    // Whoever names a transport gets the answer of that transport.
    let found = attempt(&engine, &asking(server.address(), over(DnsTransport::Udp))).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::DnsBadAnswer, ErrorOwner::Target))
    );
    let facts = found.dns.unwrap();
    assert!(facts.has(DnsFlag::Tc) && !facts.cut_off_over_udp);
    let asked: Vec<&str> = server.seen().iter().map(|seen| seen.transport).collect();
    assert_eq!(asked, ["udp", "tcp", "udp"]);
}

#[tokio::test]
async fn a_lost_datagram_is_not_sent_again() {
    let server = DnsServer::answering(|_| DnsReply::silence()).await.unwrap();
    let mut monitor = asking(server.address(), |_| {});
    monitor.timeouts.attempt = SHORT;
    monitor.interval = SHORT;
    let result = probe(&engine(options()), &monitor).await;
    assert_eq!(result.samples.len(), 1);
    let asked = 1 + usize::from(result.retry.is_some());
    assert_eq!(server.questions().len(), asked);
}

#[tokio::test]
async fn connections_are_kept_where_the_monitor_says_so() {
    let server = DnsServer::answering(|_| good()).await.unwrap();
    let engine = engine(options());
    let builder = || quick("http://unused.example/").attempts(3);
    let over_tcp = |builder| on(builder, Some(server.address()), over(DnsTransport::Tcp));
    let result = probe(&engine, &over_tcp(builder().reuse())).await;
    assert_eq!(server.connections(), 1);
    let modes: Vec<Connection> = result.samples.iter().map(|one| one.connection).collect();
    assert_eq!(
        modes,
        [Connection::Fresh, Connection::Reuse, Connection::Reuse]
    );
    for sample in &result.samples {
        adds_up(sample);
    }
    assert_eq!(phases(&result.samples[2]), ["send", "wait", "transfer"]);
    probe(&engine, &over_tcp(builder())).await;
    assert_eq!(server.connections(), 1 + 3);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_ended_is_replaced() {
    let server = DnsServer::answering(|_| good().then(DnsReply::close()))
        .await
        .unwrap();
    let builder = quick("http://unused.example/").attempts(3).reuse();
    let monitor = on(builder, Some(server.address()), over(DnsTransport::Tcp));
    let mut options = options();
    // Long enough for the end of the connection to arrive.
    options.sample_gap = Duration::from_millis(100);
    let result = probe(&engine(options), &monitor).await;
    assert!(result.samples.iter().all(Attempt::succeeded), "{result:#?}");
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn assertions_decide_about_what_would_else_be_wrong() {
    let server = DnsServer::answering(|seen| match seen.name.as_str() {
        "gone.example." => {
            DnsReply::code(hickory_resolver::proto::op::ResponseCode::NXDomain).authoritative()
        }
        "empty.example." => DnsReply::answer(),
        _ => good().record(60, address(2)),
    })
    .await
    .unwrap();
    let engine = engine(options());
    let judged = async |name: &str, assertions: Vec<DnsAssertion>| {
        let mut monitor = asking(server.address(), |check| name.clone_into(&mut check.name));
        monitor.assertions = assertions.into_iter().map(Assertion::Dns).collect();
        attempt(&engine, &monitor).await
    };
    let rcode =
        |code| DnsAssertion::Rcode(vec![tidewatch_domain::probe::Rcode::of_name(code).unwrap()]);
    let count = |at_least, at_most| DnsAssertion::Count(Bounds { at_least, at_most });
    let any = |text: &str| DnsAssertion::Answer {
        which: Which::Any,
        test: TextTest::Equals(text.to_owned()),
    };
    let aa = DnsAssertion::Flag {
        flag: DnsFlag::Aa,
        is: true,
    };

    let found = judged("gone.example.", vec![rcode("NXDOMAIN"), aa.clone()]).await;
    adds_up(&found);
    assert_eq!(found.assertions.len(), 2);
    let found = judged("empty.example.", vec![count(Some(0), Some(0))]).await;
    adds_up(&found);
    let found = judged(
        "shop.example.",
        vec![any("192.0.2.2"), count(Some(2), None)],
    )
    .await;
    adds_up(&found);

    let found = judged(
        "shop.example.",
        vec![rcode("NXDOMAIN"), any("192.0.2.9"), aa],
    )
    .await;
    let texts: Vec<String> = found.causes.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "dns_answer_mismatch: dns_rcode: expected `NXDOMAIN`, got `NOERROR`",
            "dns_answer_mismatch: dns_answer any equals: expected `192.0.2.9`, got `192.0.2.1, \
             192.0.2.2`",
            "dns_answer_mismatch: dns_flag aa: expected `true`, got `false`",
        ]
    );
    assert_eq!(found.reached, PhaseReached::Assert);

    // What is wrong with the answer as a whole comes first, and the demands are judged all the same.
    let found = judged("gone.example.", vec![any("192.0.2.9")]).await;
    let classes: Vec<ErrorClass> = found.causes.iter().map(|cause| cause.class).collect();
    assert_eq!(
        classes,
        [ErrorClass::DnsNxdomain, ErrorClass::DnsAnswerMismatch]
    );
}

#[tokio::test]
async fn the_policy_holds_for_named_servers_and_for_what_the_probers_own_knows() {
    let server = DnsServer::answering(|seen| match seen.name.as_str() {
        "inner.example." => {
            DnsReply::answer().record(60, RData::A(Ipv4Addr::new(10, 0, 0, 7).into()))
        }
        _ => DnsReply::answer().record(60, RData::A(Ipv4Addr::new(93, 184, 216, 34).into())),
    })
    .await
    .unwrap();
    let engine = with_own(server.address(), |options| {
        options.addresses = AddressPolicy::only_public([]);
    });
    let blocked = Some((ErrorClass::BlockedAddress, ErrorOwner::Config));
    for transport in DnsTransport::ALL {
        let found = attempt(&engine, &asking(server.address(), over(*transport))).await;
        assert_eq!(failure(&found), blocked, "{transport:?}");
        assert_eq!(found.remote_addr, None);
    }
    assert_eq!(server.questions(), [] as [String; 0]);

    let found = attempt(&engine, &asking_own(|_| {})).await;
    adds_up(&found);
    let found = attempt(
        &engine,
        &asking_own(|check| "inner.example.".clone_into(&mut check.name)),
    )
    .await;
    assert_eq!(failure(&found), blocked);
    assert_eq!(found.dns, None);
}
