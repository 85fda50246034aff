//! Demands on the server's certificate.

use tidewatch_domain::Timestamp;
use tidewatch_domain::monitor::{Assertion, CertificateTest};

use super::{answer, tests_on};
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

#[derive(Clone, Copy)]
enum Field {
    DaysLeft,
    NotAfter,
    Issuer,
    Subject,
    Names,
    Fingerprint,
    KeyBits,
}

const FIELDS: [(&str, Field); 7] = [
    ("days_left", Field::DaysLeft),
    ("not_after", Field::NotAfter),
    ("issuer", Field::Issuer),
    ("subject", Field::Subject),
    ("names", Field::Names),
    ("fingerprint", Field::Fingerprint),
    ("key_bits", Field::KeyBits),
];

pub(super) fn certificate(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let remedy =
        "say what is looked at: `days_left`, `fingerprint`, or another of docs/monitors.md";
    let field = fields.required("field", remedy, report);
    let Some(field) = field.and_then(|node| node.choice(&FIELDS, report)) else {
        // Which test there can be depends on the field, which is the fault to be corrected first.
        tests_on::pass_over(fields);
        return None;
    };
    let test = match field {
        Field::DaysLeft => CertificateTest::DaysLeft(tests_on::number(fields, report)?),
        Field::NotAfter => {
            let remedy = "write an instant, like `2027-01-31T00:00:00Z`";
            let node = fields.required("at_least", remedy, report)?;
            CertificateTest::NotAfter(instant(&node, remedy, report)?)
        }
        Field::Issuer => CertificateTest::Issuer(tests_on::text(fields, report)?),
        Field::Subject => CertificateTest::Subject(tests_on::text(fields, report)?),
        Field::Names => CertificateTest::Names(tests_on::text(fields, report)?),
        Field::Fingerprint => {
            let remedy = "list the digests of the certificates that are trusted";
            let is = fields.required("is", remedy, report)?;
            CertificateTest::Fingerprint(tests_on::wanted(&is, remedy, answer::digest, report)?)
        }
        Field::KeyBits => CertificateTest::KeyBits(tests_on::number(fields, report)?),
    };
    Some(Assertion::Certificate(test))
}

fn instant(node: &Node<'_>, remedy: &str, report: &mut Report) -> Option<Timestamp> {
    let instant = node
        .text(report)?
        .parse::<jiff::Timestamp>()
        .ok()
        .and_then(|instant| i64::try_from(instant.as_nanosecond()).ok());
    if instant.is_none() {
        report.fault(node, "is no instant", remedy);
    }
    // Finer steps than those that are shown would not come back from a definition.
    instant.map(|nanos| Timestamp::from_nanos(nanos).truncated_to_millis())
}
