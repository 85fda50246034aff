//! How the target is reached: fields of `request` that all kinds of checks have.

use std::net::{IpAddr, SocketAddr};

use tidewatch_domain::address::non_public_range;
use tidewatch_domain::monitor::{AddressFamily, Network};

use crate::fields::Fields;
use crate::load::Mode;
use crate::node::Node;
use crate::report::Report;

/// The port of name servers.
const DNS: u16 = 53;

/// The fields `family`, `resolver` and `address` of a request.
pub(super) fn network(fields: &mut Fields<'_>, mode: Mode, report: &mut Report) -> Network {
    let mut network = Network::default();
    let families = [
        ("any", AddressFamily::Any),
        ("v4", AddressFamily::V4),
        ("v6", AddressFamily::V6),
    ];
    if let Some(family) = fields
        .get("family")
        .and_then(|node| node.choice(&families, report))
    {
        network.family = family;
    }
    network.resolver = fields
        .get("resolver")
        .and_then(|node| resolver(&node, mode, report));
    network.address = fields
        .get("address")
        .and_then(|node| address(&node, network.family, mode, report));
    network
}

/// `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:53`. A name would have to be resolved by
/// somebody else first.
fn resolver(node: &Node<'_>, mode: Mode, report: &mut Report) -> Option<SocketAddr> {
    let text = node.text(report)?;
    let bare = || Some(SocketAddr::new(text.parse().ok()?, DNS));
    let resolver = text.parse().ok().or_else(bare);
    match resolver {
        Some(resolver) if resolver.port() > 0 => {
            allowed(node, resolver.ip(), mode, report).then_some(resolver)
        }
        _ => {
            let remedy = "write the address of a name server, like `192.0.2.53` or \
                          `[2001:db8::53]:53`";
            report.fault(node, "is no address of a name server", remedy);
            None
        }
    }
}

fn address(
    node: &Node<'_>,
    family: AddressFamily,
    mode: Mode,
    report: &mut Report,
) -> Option<IpAddr> {
    let Ok(address) = node.text(report)?.parse::<IpAddr>() else {
        let remedy = "write an address, like `192.0.2.1`; the port is the target's";
        report.fault(node, "is no address", remedy);
        return None;
    };
    let other = match family {
        AddressFamily::Any => false,
        AddressFamily::V4 => address.is_ipv6(),
        AddressFamily::V6 => address.is_ipv4(),
    };
    if other {
        let remedy = "use an address of that family, or leave `family` out";
        report.fault(node, "is not of the family asked for", remedy);
        return None;
    }
    allowed(node, address, mode, report).then_some(address)
}

fn allowed(node: &Node<'_>, address: IpAddr, mode: Mode, report: &mut Report) -> bool {
    match non_public_range(address).filter(|_| mode.is_only_public()) {
        None => true,
        Some(range) => {
            let problem = format!("is a {range} address, which is refused in AWS");
            let remedy = "use a public address, or run this monitor in local mode";
            report.fault(node, problem, remedy);
            false
        }
    }
}
