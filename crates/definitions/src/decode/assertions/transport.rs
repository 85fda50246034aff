//! Demands on how the answer came: timings, TLS, the address.

use std::time::Duration;

use tidewatch_domain::address::Cidr;
use tidewatch_domain::monitor::{AddressTest, Assertion, Timing, TlsField};

use super::tests_on;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

/// The longest limit on a timing, in milliseconds: a day.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1_000;

pub(super) fn timing(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let choices: Vec<_> = Timing::ALL
        .iter()
        .map(|timing| (timing.name(), *timing))
        .collect();
    let phase = fields.required("phase", "name the phase, like `wait`", report);
    let phase = phase.and_then(|node| node.choice(&choices, report));
    let limit = fields.required("at_most_ms", "write the limit in milliseconds", report);
    let limit = limit.and_then(|node| node.whole(1..=LONGEST_MS, report));
    Some(Assertion::Timing {
        timing: phase?,
        at_most: Duration::from_millis(limit?),
    })
}

pub(super) fn tls(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let choices: Vec<_> = TlsField::ALL
        .iter()
        .map(|field| (field.name(), *field))
        .collect();
    let remedy = "say what is looked at: `version`, `cipher`, `alpn` or `group`";
    let field = fields.required("field", remedy, report);
    let field = field.and_then(|node| node.choice(&choices, report));
    let test = tests_on::text(fields, report);
    Some(Assertion::Tls {
        field: field?,
        test: test?,
    })
}

pub(super) fn remote_addr(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let test = match fields.get("in") {
        None => AddressTest::Text(tests_on::text(fields, report)?),
        Some(node) => {
            let ranges = tests_on::wanted(&node, "list ranges of addresses", range, report);
            tests_on::no_other(fields, &node, report)?;
            AddressTest::In(ranges?)
        }
    };
    Some(Assertion::RemoteAddr(test))
}

fn range(node: &Node<'_>, report: &mut Report) -> Option<Cidr> {
    match node.text(report)?.parse::<Cidr>() {
        Ok(range) => Some(range),
        Err(error) => {
            let remedy = "write an address, or a range like `10.0.0.0/8`";
            report.fault(node, error.to_string(), remedy);
            None
        }
    }
}
