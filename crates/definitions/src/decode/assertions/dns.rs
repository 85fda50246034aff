//! What must hold of a name server's answer.

use tidewatch_domain::monitor::{Bounds, DnsAssertion, Which};
use tidewatch_domain::probe::{DnsFlag, Rcode};

use super::text_test;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;
use crate::suggest::alternatives;

/// No message has more records.
const MOST_RECORDS: u64 = 65_535;
/// The longest time to live, in seconds (RFC 2181, section 8).
const LONGEST_TTL: u64 = 2_147_483_647;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum On {
    Rcode,
    Answer,
    Count,
    Ttl,
    Flag,
}

/// The words for what is looked at.
pub(super) const ON: [(&str, On); 5] = [
    ("dns_rcode", On::Rcode),
    ("dns_answer", On::Answer),
    ("dns_count", On::Count),
    ("dns_ttl", On::Ttl),
    ("dns_flag", On::Flag),
];

/// The rest of an assertion whose `on` is known.
pub(super) fn assertion(
    on: On,
    fields: &mut Fields<'_>,
    report: &mut Report,
) -> Option<DnsAssertion> {
    match on {
        On::Rcode => rcode(fields, report).map(DnsAssertion::Rcode),
        On::Answer => answer(fields, report),
        On::Count => bounds(fields, MOST_RECORDS, report).map(DnsAssertion::Count),
        On::Ttl => bounds(fields, LONGEST_TTL, report).map(DnsAssertion::Ttl),
        On::Flag => flag(fields, report),
    }
}

fn rcode(fields: &mut Fields<'_>, report: &mut Report) -> Option<Vec<Rcode>> {
    let remedy = "list the wanted codes, like `[NOERROR, NXDOMAIN]`";
    let is = fields.required("is", remedy, report)?;
    let nodes = is.one_or_more(report)?;
    if nodes.is_empty() {
        report.fault(&is, "is empty, so no answer would do", remedy);
        return None;
    }
    let wanted = nodes.len();
    let codes: Vec<Rcode> = nodes
        .iter()
        .filter_map(|node| one_rcode(node, report))
        .collect();
    (codes.len() == wanted).then_some(codes)
}

fn one_rcode(node: &Node<'_>, report: &mut Report) -> Option<Rcode> {
    let code = Rcode::of_name(node.text(report)?);
    if code.is_none() {
        let known: Vec<&str> = Rcode::names().collect();
        let remedy = format!("use {}", alternatives(&known));
        report.fault(node, "is no response code", remedy);
    }
    code
}

/// `any: {equals: 192.0.2.1}`.
fn answer(fields: &mut Fields<'_>, report: &mut Report) -> Option<DnsAssertion> {
    let given: Vec<(Which, Node<'_>)> = Which::ALL
        .iter()
        .filter_map(|which| Some((*which, fields.get(which.name())?)))
        .collect();
    let [(which, node)] = given.as_slice() else {
        let problem = match given.len() {
            0 => "does not say how many records must pass".to_owned(),
            count => format!("has {count} tests"),
        };
        let remedy = "write exactly one of any, all and none, like `any: {equals: 192.0.2.1}`";
        report.fault(fields.own_place(), problem, remedy);
        return None;
    };
    let mut inner = node.fields("write a test, like `{equals: 192.0.2.1}`", report)?;
    let test = text_test(&mut inner, report);
    inner.finish(
        &[("equal", "equals"), ("regex", "matches"), ("is", "equals")],
        report,
    );
    Some(DnsAssertion::Answer {
        which: *which,
        test: test?,
    })
}

fn bounds(fields: &mut Fields<'_>, most: u64, report: &mut Report) -> Option<Bounds> {
    let is = fields.get("is");
    let at_least = fields.get("at_least");
    let at_most = fields.get("at_most");
    let bounds = match (&is, &at_least, &at_most) {
        (Some(is), None, None) => {
            let number = is.whole(0..=most, report)?;
            Bounds {
                at_least: Some(number),
                at_most: Some(number),
            }
        }
        (None, None, None) | (Some(_), ..) => {
            let remedy = "write `is`, or `at_least`, `at_most` or both";
            let problem = if is.is_some() {
                "has `is` beside a bound"
            } else {
                "has no bound"
            };
            report.fault(fields.own_place(), problem, remedy);
            return None;
        }
        _ => {
            let number = |node: &Option<Node<'_>>, report: &mut Report| match node {
                None => Some(None),
                Some(node) => node.whole(0..=most, report).map(Some),
            };
            let (least, most) = (number(&at_least, report), number(&at_most, report));
            Bounds {
                at_least: least?,
                at_most: most?,
            }
        }
    };
    if let (Some(least), Some(most), Some(node)) = (bounds.at_least, bounds.at_most, &at_least)
        && least > most
    {
        report.fault(node, "is more than at_most", "use a smaller at_least");
        return None;
    }
    Some(bounds)
}

fn flag(fields: &mut Fields<'_>, report: &mut Report) -> Option<DnsAssertion> {
    let choices: Vec<_> = DnsFlag::ALL
        .iter()
        .map(|flag| (flag.name(), *flag))
        .collect();
    let flag = fields.required("flag", "name the flag, like `aa`", report);
    let flag = flag.and_then(|node| node.choice(&choices, report));
    let is = match fields.get("is") {
        None => Some(true),
        Some(node) => node.boolean(report),
    };
    Some(DnsAssertion::Flag {
        flag: flag?,
        is: is?,
    })
}
