//! What must hold of a name server's answer.

use std::fmt;

use super::{AssertionResult, TextTest, absent, shortened};
use crate::cause::ErrorClass;
use crate::probe::{DnsFacts, DnsFlag, Rcode};

/// One demand on a name server's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum DnsAssertion {
    /// The response code is one of these.
    Rcode(Vec<Rcode>),
    /// So many of the records of the type asked for pass a test on their text.
    Answer {
        /// How many.
        which: Which,
        /// The test on the text of each.
        test: TextTest,
    },
    /// The number of records of the type asked for is within bounds.
    Count(Bounds),
    /// The smallest TTL of the answer, in seconds, is within bounds.
    Ttl(Bounds),
    /// A flag of the header is set, or is not.
    Flag {
        /// The flag.
        flag: DnsFlag,
        /// Whether it must be set.
        is: bool,
    },
}

/// How many of the records must pass a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// At least one.
    Any,
    /// Every one, and there must be one.
    All,
    /// Not one.
    None,
}

impl Which {
    /// Every quantity.
    pub const ALL: &'static [Which] = &[Which::Any, Which::All, Which::None];

    /// The stable name, as written in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Which::Any => "any",
            Which::All => "all",
            Which::None => "none",
        }
    }
}

/// Whole numbers from `at_least` to `at_most`, both included where they are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The lowest.
    pub at_least: Option<u64>,
    /// The highest.
    pub at_most: Option<u64>,
}

impl Bounds {
    /// Whether `number` is within them.
    pub fn contain(self, number: u64) -> bool {
        self.at_least.is_none_or(|least| number >= least)
            && self.at_most.is_none_or(|most| number <= most)
    }
}

/// `2`, `2 to 4`, `at least 2`, `at most 4`.
impl fmt::Display for Bounds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => write!(formatter, "{least}"),
            (Some(least), Some(most)) => write!(formatter, "{least} to {most}"),
            (Some(least), None) => write!(formatter, "at least {least}"),
            (None, Some(most)) => write!(formatter, "at most {most}"),
            (None, None) => formatter.write_str("any number"),
        }
    }
}

impl DnsAssertion {
    /// Compares the demand with the answer, if there was one.
    pub(super) fn evaluate(&self, answer: Option<&DnsFacts>) -> AssertionResult {
        match self {
            DnsAssertion::Rcode(wanted) => result(
                "dns_rcode".to_owned(),
                listed(wanted.iter()),
                answer.map(|answer| answer.rcode.to_string()),
                answer.is_some_and(|answer| wanted.contains(&answer.rcode)),
            ),
            DnsAssertion::Answer { which, test } => records(*which, test, answer),
            DnsAssertion::Count(bounds) => {
                let count = answer.map(|answer| answer.wanted().count() as u64);
                within("dns_count", *bounds, count)
            }
            DnsAssertion::Ttl(bounds) => within(
                "dns_ttl",
                *bounds,
                answer.and_then(DnsFacts::ttl).map(u64::from),
            ),
            DnsAssertion::Flag { flag, is } => {
                let found = answer.map(|answer| answer.has(*flag));
                result(
                    format!("dns_flag {}", flag.name()),
                    is.to_string(),
                    found.map(|found| found.to_string()),
                    found == Some(*is),
                )
            }
        }
    }
}

/// `dns_answer any equals 192.0.2.1`.
impl fmt::Display for DnsAssertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let demand = self.evaluate(None);
        write!(formatter, "{} {}", demand.expression, demand.expected)
    }
}

fn records(which: Which, test: &TextTest, answer: Option<&DnsFacts>) -> AssertionResult {
    let values: Vec<&str> = answer
        .iter()
        .flat_map(|answer| answer.wanted())
        .map(|record| record.data.as_str())
        .collect();
    let one = |value| test.evaluate("", value, ErrorClass::DnsAnswerMismatch);
    let mut passing = values.iter().map(|value| one(Some(value)).passed);
    let passed = answer.is_some()
        && match which {
            Which::Any => passing.any(|passed| passed),
            Which::All => !values.is_empty() && passing.all(|passed| passed),
            Which::None => !passing.any(|passed| passed),
        };
    let AssertionResult {
        expression,
        expected,
        ..
    } = one(None);
    result(
        format!("dns_answer {}{expression}", which.name()),
        expected,
        (!values.is_empty()).then(|| shortened(&values.join(", "))),
        passed,
    )
}

fn within(subject: &str, bounds: Bounds, found: Option<u64>) -> AssertionResult {
    result(
        subject.to_owned(),
        bounds.to_string(),
        found.map(|found| found.to_string()),
        found.is_some_and(|found| bounds.contain(found)),
    )
}

fn result(
    expression: String,
    expected: String,
    actual: Option<String>,
    passed: bool,
) -> AssertionResult {
    AssertionResult {
        expression,
        expected,
        actual: actual.unwrap_or_else(absent),
        passed,
        class: ErrorClass::DnsAnswerMismatch,
    }
}

fn listed(values: impl Iterator<Item = impl fmt::Display>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    values.join(", ")
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::monitor::{DnsTransport, RecordType};
    use crate::probe::DnsRecord;

    fn record(record_type: &str, ttl: u32, data: &str) -> DnsRecord {
        DnsRecord {
            name: "shop.example.".to_owned(),
            record_type: record_type.to_owned(),
            ttl,
            data: data.to_owned(),
        }
    }

    /// An alias and two addresses.
    fn answer() -> DnsFacts {
        DnsFacts {
            record_type: RecordType::A,
            rcode: Rcode::NOERROR,
            flags: vec![DnsFlag::Rd, DnsFlag::Ra],
            answers: vec![
                record("CNAME", 30, "web.example."),
                record("A", 300, "192.0.2.1"),
                record("A", 300, "192.0.2.20"),
            ],
            authorities: 0,
            transport: DnsTransport::Udp,
            cut_off_over_udp: false,
        }
    }

    fn of(which: Which, test: TextTest) -> DnsAssertion {
        DnsAssertion::Answer { which, test }
    }

    fn bounds(at_least: Option<u64>, at_most: Option<u64>) -> Bounds {
        Bounds { at_least, at_most }
    }

    #[test]
    fn every_demand_holds_and_fails_where_it_should() {
        let equals = |text: &str| TextTest::Equals(text.to_owned());
        let net = || TextTest::Matches(Regex::new(r"^192\.0\.2\.").unwrap());
        let flag = |flag, is| DnsAssertion::Flag { flag, is };
        let cases = [
            (DnsAssertion::Rcode(vec![Rcode::NOERROR]), true),
            (
                DnsAssertion::Rcode(vec![Rcode::NXDOMAIN, Rcode::REFUSED]),
                false,
            ),
            (of(Which::Any, equals("192.0.2.20")), true),
            (of(Which::Any, equals("192.0.2.2")), false),
            // The alias is no record of the type that was asked for.
            (of(Which::All, net()), true),
            (of(Which::All, equals("192.0.2.1")), false),
            (of(Which::None, equals("192.0.2.9")), true),
            (of(Which::None, net()), false),
            (DnsAssertion::Count(bounds(Some(2), Some(2))), true),
            (DnsAssertion::Count(bounds(Some(3), None)), false),
            (DnsAssertion::Count(bounds(None, Some(1))), false),
            // The alias is what ends the answer's life.
            (DnsAssertion::Ttl(bounds(Some(30), Some(60))), true),
            (DnsAssertion::Ttl(bounds(Some(60), None)), false),
            (flag(DnsFlag::Ra, true), true),
            (flag(DnsFlag::Aa, true), false),
            (flag(DnsFlag::Aa, false), true),
        ];
        for (assertion, passed) in cases {
            let result = assertion.evaluate(Some(&answer()));
            assert_eq!(result.passed, passed, "{result:?}");
            assert!(!assertion.evaluate(None).passed, "{assertion:?}");
        }
    }

    #[test]
    fn a_failure_names_what_was_wanted_and_what_came() {
        let text = |assertion: DnsAssertion| {
            let cause = assertion.evaluate(Some(&answer())).cause().unwrap();
            cause.to_string()
        };
        assert_eq!(
            text(of(Which::All, TextTest::Contains(".20".to_owned()))),
            "dns_answer_mismatch: dns_answer all contains: expected `.20`, got `192.0.2.1, 192.0.2.20`"
        );
        assert_eq!(
            text(DnsAssertion::Count(bounds(Some(3), Some(4)))),
            "dns_answer_mismatch: dns_count: expected `3 to 4`, got `2`"
        );
        assert_eq!(
            text(DnsAssertion::Rcode(vec![Rcode::new(11), Rcode::SERVFAIL])),
            "dns_answer_mismatch: dns_rcode: expected `RCODE11, SERVFAIL`, got `NOERROR`"
        );
    }

    #[test]
    fn without_records_all_and_any_fail_and_none_holds() {
        let empty = DnsFacts {
            answers: Vec::new(),
            ..answer()
        };
        let test = || TextTest::Contains("x".to_owned());
        for (which, passed) in [
            (Which::Any, false),
            (Which::All, false),
            (Which::None, true),
        ] {
            assert_eq!(
                of(which, test()).evaluate(Some(&empty)).passed,
                passed,
                "{which:?}"
            );
        }
        assert!(
            !DnsAssertion::Ttl(bounds(Some(0), None))
                .evaluate(Some(&empty))
                .passed
        );
    }
}
