//! Name resolution: anew each time, one address, the family that was asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tidewatch_domain::ErrorClass;
use tidewatch_domain::monitor::AddressFamily;
use tidewatch_probe::{Engine, NameServer};
use tidewatch_testkit::{DnsAnswer, DnsServer, Reply, Target, a_monitor};

use crate::support::{attempt, engine, options, probe, quick};

const HERE: DnsAnswer = DnsAnswer::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));

async fn asking(names: &[(&str, DnsAnswer)]) -> (DnsServer, Engine) {
    let server = DnsServer::start(names).await.unwrap();
    let mut options = options();
    options.name_server = NameServer::At(server.address());
    (server, engine(options))
}

#[tokio::test]
async fn every_attempt_looks_the_name_up() {
    let (server, engine) = asking(&[("shop.example", HERE)]).await;
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let monitor = a_monitor(&target.url_as("shop.example", "/"))
        .attempts(3)
        .build();
    let result = probe(&engine, &monitor).await;
    assert!(
        result
            .samples
            .iter()
            .all(tidewatch_domain::Attempt::succeeded),
        "{result:#?}"
    );
    assert_eq!(server.questions(), ["shop.example. A"; 3]);
    assert_eq!(result.samples[0].remote_addr, Some(target.address()));
    let host = format!("shop.example:{}", target.address().port());
    assert_eq!(target.seen()[0].header("host"), Some(host.as_str()));
}

#[tokio::test]
async fn a_retry_looks_the_name_up_again() {
    let (server, engine) = asking(&[]).await;
    let result = probe(&engine, &quick("http://nowhere.example/").build()).await;
    assert_eq!(
        result.retry.unwrap().cause().unwrap().class,
        ErrorClass::DnsNxdomain
    );
    assert_eq!(
        server.questions(),
        ["nowhere.example. A", "nowhere.example. AAAA"].repeat(2)
    );
}

#[tokio::test]
async fn the_family_decides_what_is_asked_for() {
    let six = DnsAnswer::Address(Ipv6Addr::LOCALHOST.into());
    let (_server, engine) = asking(&[("four.example", HERE), ("six.example", six)]).await;
    let cases = [
        ("four.example", AddressFamily::V6, None),
        ("six.example", AddressFamily::V4, None),
        (
            "six.example",
            AddressFamily::Any,
            Some(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ),
        (
            "four.example",
            AddressFamily::Any,
            Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        ),
        ("127.0.0.1", AddressFamily::V6, None),
        ("[::1]", AddressFamily::V4, None),
    ];
    for (name, family, address) in cases {
        let monitor = quick(&format!("http://{name}:9/")).family(family).build();
        let found = attempt(&engine, &monitor).await;
        assert_eq!(
            found.remote_addr.map(|remote| remote.ip()),
            address,
            "{name} {family:?}"
        );
        if address.is_none() {
            assert_eq!(
                found.cause().unwrap().class,
                ErrorClass::DnsNodata,
                "{name} {family:?}"
            );
        }
    }
}

#[tokio::test]
async fn literal_addresses_and_localhost_ask_nobody() {
    let (server, engine) = asking(&[]).await;
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    for host in ["127.0.0.1", "localhost"] {
        let found = attempt(&engine, &quick(&target.url_as(host, "/")).build()).await;
        assert!(found.succeeded(), "{found:#?}");
        assert_eq!(found.remote_addr, Some(target.address()));
        assert!(found.phases.resolve.is_some());
    }
    assert_eq!(server.questions(), [] as [String; 0]);
}

#[tokio::test]
async fn a_name_server_that_is_not_there_is_a_network_failure() {
    let mut options = options();
    let nobody: SocketAddr = tidewatch_testkit::refused_port().unwrap();
    options.name_server = NameServer::At(nobody);
    let monitor = quick("http://shop.example/")
        .attempt_timeout(crate::support::SHORT)
        .build();
    let found = attempt(&engine(options), &monitor).await;
    assert_eq!(
        found.cause().unwrap().class,
        ErrorClass::DnsTimeout,
        "{:?}",
        found.cause()
    );
}
