//! Names that do not resolve, and addresses that must not be talked to.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Network, Target as Site};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_probe::{AddressPolicy, NameServer};
use tidewatch_testkit::{DnsAnswer, DnsServer, refused_port};

use super::case::Case;
use crate::support::{PATIENCE, engine, options, quick};

const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

pub(super) async fn cases() -> Vec<Case> {
    let server = DnsServer::start(&[
        ("nodata.example", DnsAnswer::NoData),
        ("servfail.example", DnsAnswer::ServFail),
        ("refused.example", DnsAnswer::Refused),
        ("silent.example", DnsAnswer::Silence),
        ("garbage.example", DnsAnswer::Garbage),
        ("lame.example", DnsAnswer::Referral),
        ("truncated.example", DnsAnswer::Truncated),
        ("inner.example", DnsAnswer::Address(METADATA)),
        ("long-inner.example", DnsAnswer::LongerThanUdp(METADATA)),
    ])
    .await
    .unwrap();
    let mut options = options();
    options.name_server = NameServer::At(server.address());
    options.addresses = AddressPolicy::only_public([]);
    let probing = Arc::new(engine(options));
    let server = Arc::new(server);
    let late = "took longer than the attempt timeout of 600 ms";
    let rows = [
        (
            "nowhere.example",
            Class::DnsNxdomain,
            Site,
            "nowhere.example does not exist in DNS (NXDOMAIN)",
        ),
        (
            "nodata.example",
            Class::DnsNodata,
            Site,
            "nodata.example exists in DNS, but does not have an address",
        ),
        (
            "servfail.example",
            Class::DnsServfail,
            Network,
            "(SERVFAIL)",
        ),
        ("refused.example", Class::DnsRefused, Network, "(REFUSED)"),
        ("silent.example", Class::DnsTimeout, Network, late),
        (
            "garbage.example",
            Class::DnsBadAnswer,
            Network,
            "cannot be used",
        ),
        (
            "lame.example",
            Class::DnsBadAnswer,
            Network,
            "only refers to other name servers",
        ),
        (
            "truncated.example",
            Class::DnsBadAnswer,
            Network,
            "truncated",
        ),
        (
            "inner.example",
            Class::BlockedAddress,
            Config,
            "inner.example is at 169.254.169.254, a metadata address",
        ),
        (
            "long-inner.example",
            Class::BlockedAddress,
            Config,
            "long-inner.example is at 169.254.169.254",
        ),
        (
            "127.0.0.1",
            Class::BlockedAddress,
            Config,
            "127.0.0.1, a loopback address",
        ),
    ];
    let mut cases: Vec<Case> = rows
        .into_iter()
        .map(|(name, class, owner, says)| {
            let monitor = quick(&format!("http://{name}:9/"));
            // The others answer, some of them more often than once.
            let monitor = match class {
                Class::DnsTimeout => monitor.attempt_timeout(PATIENCE),
                _ => monitor,
            };
            let wanted = (class, owner, At::Resolve);
            Case::new(
                format!("name: {name}"),
                wanted,
                says,
                &probing,
                monitor,
                server.clone(),
            )
        })
        .collect();

    let mut options = crate::support::options();
    options.name_server = NameServer::At(refused_port().unwrap());
    let alone = Arc::new(engine(options));
    cases.push(Case::new(
        "name: no name server",
        (Class::DnsTimeout, Network, At::Resolve),
        "shop.example",
        &alone,
        quick("http://shop.example/").attempt_timeout(PATIENCE),
        (),
    ));
    cases
}
