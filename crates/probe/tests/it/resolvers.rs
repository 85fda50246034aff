//! Name servers and addresses that a monitor names for itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tidewatch_domain::monitor::{Check, Network, Redirects};
use tidewatch_domain::{ErrorClass, ErrorOwner, Monitor};
use tidewatch_probe::{AddressPolicy, NameServer};
use tidewatch_testkit::{DnsAnswer, DnsServer, MonitorBuilder, Reply, Target, refused_port};

use crate::support::{SHORT, attempt, engine, failure, options, quick};

const HERE: DnsAnswer = DnsAnswer::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));

fn reached_by(builder: MonitorBuilder, change: impl FnOnce(&mut Network)) -> Monitor {
    let mut monitor = builder.build();
    if let Check::Http(check) = &mut monitor.check {
        change(&mut check.network);
    }
    monitor
}

#[tokio::test]
async fn a_monitors_own_resolver_is_asked_instead_of_the_engines() {
    let engines = DnsServer::start(&[]).await.unwrap();
    let own = DnsServer::start(&[("shop.example", HERE)]).await.unwrap();
    let other = DnsServer::start(&[("shop.example", DnsAnswer::ServFail)])
        .await
        .unwrap();
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let mut options = options();
    options.name_server = NameServer::At(engines.address());
    let engine = engine(options);
    let asking = |server: &DnsServer| {
        let builder = quick(&target.url_as("shop.example", "/"));
        reached_by(builder, |network| network.resolver = Some(server.address()))
    };
    for _ in 0..2 {
        let found = attempt(&engine, &asking(&own)).await;
        assert!(found.succeeded(), "{found:#?}");
        assert!(found.phases.resolve.is_some());
    }
    let found = attempt(&engine, &asking(&other)).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::DnsServfail, ErrorOwner::Network))
    );
    assert_eq!(own.questions(), ["shop.example. A"; 2]);
    assert_eq!(engines.questions(), [] as [String; 0]);
}

#[tokio::test]
async fn a_resolver_that_is_not_there_is_a_network_failure() {
    let nobody: SocketAddr = refused_port().unwrap();
    let builder = quick("http://shop.example/").attempt_timeout(SHORT);
    let monitor = reached_by(builder, |network| network.resolver = Some(nobody));
    let found = attempt(&engine(options()), &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::DnsTimeout, ErrorOwner::Network))
    );
}

#[tokio::test]
async fn the_policy_holds_for_a_monitors_own_resolver_and_address() {
    let own = DnsServer::start(&[("shop.example", HERE)]).await.unwrap();
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let mut options = options();
    options.addresses = AddressPolicy::only_public([]);
    let engine = engine(options);
    let blocked = Some((ErrorClass::BlockedAddress, ErrorOwner::Config));
    let shop = || quick(&target.url_as("shop.example", "/"));
    let by_resolver = reached_by(shop(), |network| network.resolver = Some(own.address()));
    let at_address = reached_by(shop(), |network| {
        network.address = Some(Ipv4Addr::LOCALHOST.into());
    });
    for monitor in [by_resolver, at_address] {
        let found = attempt(&engine, &monitor).await;
        assert_eq!(failure(&found), blocked, "{found:#?}");
    }
    assert_eq!(own.questions(), [] as [String; 0]);
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn a_fixed_address_asks_nobody_and_has_no_resolve_phase() {
    let engines = DnsServer::start(&[]).await.unwrap();
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let mut options = options();
    options.name_server = NameServer::At(engines.address());
    let monitor = reached_by(quick(&target.url_as("shop.example", "/")), |network| {
        network.address = Some(Ipv4Addr::LOCALHOST.into());
    });
    let found = attempt(&engine(options), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.phases.resolve, None);
    assert!(found.phases.connect.is_some());
    assert_eq!(found.phases.unfinished(), std::time::Duration::ZERO);
    assert_eq!(engines.questions(), [] as [String; 0]);
    let host = format!("shop.example:{}", target.address().port());
    assert_eq!(target.seen()[0].header("host"), Some(host.as_str()));
}

#[tokio::test]
async fn a_fixed_address_is_the_monitors_own_hosts_alone() {
    let engines = DnsServer::start(&[("elsewhere.example", HERE)])
        .await
        .unwrap();
    let last = Target::http(|_| Reply::ok("x")).await.unwrap();
    let url = last.url_as("elsewhere.example", "/");
    let first = Target::http(move |_| Reply::status(302).header("location", &url))
        .await
        .unwrap();
    let mut options = options();
    options.name_server = NameServer::At(engines.address());
    let builder = quick(&first.url_as("shop.example", "/")).redirects(Redirects::Follow { max: 3 });
    let monitor = reached_by(builder, |network| {
        network.address = Some(Ipv4Addr::LOCALHOST.into());
    });
    let found = attempt(&engine(options), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(engines.questions(), ["elsewhere.example. A"]);
    assert_eq!(found.hops[0].phases.resolve, None);
    assert!(found.hops[1].phases.resolve.is_some());
}
