//! Addresses that must not be talked to.

use std::net::{IpAddr, Ipv4Addr};

use tidewatch_domain::{ErrorClass, ErrorOwner, Tenant};
use tidewatch_probe::{AddressPolicy, NameServer};
use tidewatch_testkit::{DnsAnswer, DnsServer, Reply, Target};

use crate::support::{attempt, engine, failure, options, probe, quick};

const BLOCKED: Option<(ErrorClass, ErrorOwner)> =
    Some((ErrorClass::BlockedAddress, ErrorOwner::Config));

#[tokio::test]
async fn literals_names_and_localhost_are_refused_before_a_connection() {
    let here = DnsAnswer::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let server = DnsServer::start(&[("shop.example", here)]).await.unwrap();
    let target = Target::http(|_| Reply::ok("")).await.unwrap();
    let mut options = options();
    options.addresses = AddressPolicy::only_public([]);
    options.name_server = NameServer::At(server.address());
    let engine = engine(options);
    for host in [
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "localhost",
        "shop.example",
        "2130706433",
        "0x7f.1",
    ] {
        let result = probe(&engine, &quick(&target.url_as(host, "/")).build()).await;
        let found = &result.samples[0];
        assert_eq!(failure(found), BLOCKED, "{host}");
        assert_eq!(found.remote_addr, None);
        // Asking again would change nothing.
        assert_eq!(result.retry, None, "{host}");
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn tenants_that_are_exempt_may() {
    let target = Target::http(|_| Reply::ok("")).await.unwrap();
    let mut options = options();
    options.addresses = AddressPolicy::only_public([Tenant::try_new("test").unwrap()]);
    let found = attempt(&engine(options), &quick(&target.url("/")).build()).await;
    assert!(found.succeeded(), "{found:#?}");
}
