//! How the target is reached: fields of `request` that all kinds of checks have.

use tidewatch_domain::monitor::{AddressFamily, Network};

use crate::fields::Fields;
use crate::report::Report;

/// The field `family` of a request.
pub(super) fn network(fields: &mut Fields<'_>, report: &mut Report) -> Network {
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
    network
}
