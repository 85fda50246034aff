//! What must hold of a name server's answer.

use super::number::NumberTest;
use super::result::{Found, Judgement};
use super::text::TextTest;
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
    Count(NumberTest),
    /// The smallest TTL of the answer, in seconds, is within bounds.
    Ttl(NumberTest),
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

impl DnsAssertion {
    pub(super) fn found(&self, answer: Option<&DnsFacts>) -> Found {
        match self {
            DnsAssertion::Rcode(wanted) => Found::of(
                answer.map(|answer| answer.rcode),
                |rcode| wanted.contains(rcode),
                ToString::to_string,
            ),
            DnsAssertion::Answer { which, test } => records(*which, test, answer),
            DnsAssertion::Count(test) => {
                test.found(answer.map(|answer| answer.wanted().count() as f64))
            }
            DnsAssertion::Ttl(test) => test.found(answer.and_then(DnsFacts::ttl).map(f64::from)),
            DnsAssertion::Flag { flag, is } => Found::of(
                answer.map(|answer| answer.has(*flag)),
                |found| found == is,
                ToString::to_string,
            ),
        }
    }

    pub(super) fn judgement(&self) -> Judgement {
        const CLASS: ErrorClass = ErrorClass::DnsAnswerMismatch;
        match self {
            DnsAssertion::Rcode(wanted) => {
                let codes: Vec<String> = wanted.iter().map(ToString::to_string).collect();
                Judgement::new("dns_rcode", codes.join(", "), CLASS)
            }
            DnsAssertion::Answer { which, test } => {
                test.judgement(&format!("dns_answer {}", which.name()), CLASS)
            }
            DnsAssertion::Count(test) => test.judgement("dns_count", "", CLASS),
            DnsAssertion::Ttl(test) => test.judgement("dns_ttl", " s", CLASS),
            DnsAssertion::Flag { flag, is } => {
                Judgement::new(format!("dns_flag {}", flag.name()), is, CLASS)
            }
        }
    }
}

fn records(which: Which, test: &TextTest, answer: Option<&DnsFacts>) -> Found {
    let values: Vec<&str> = answer
        .iter()
        .flat_map(|answer| answer.wanted())
        .map(|record| record.data.as_str())
        .collect();
    let mut passing = values.iter().map(|value| test.holds(value));
    let passed = answer.is_some()
        && match which {
            Which::Any => passing.any(|passed| passed),
            Which::All => !values.is_empty() && passing.all(|passed| passed),
            Which::None => !passing.any(|passed| passed),
        };
    let shown = (!values.is_empty()).then(|| values.join(", "));
    Found {
        passed,
        ..Found::text(shown.as_deref(), |_| passed)
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::monitor::{Assertion, AssertionResult, DnsTransport, Facts, RecordType};
    use crate::probe::DnsRecord;
    use crate::summary::tests::attempt;

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

    fn bounds(at_least: Option<u32>, at_most: Option<u32>) -> NumberTest {
        NumberTest::try_new(at_least.map(f64::from), at_most.map(f64::from)).unwrap()
    }

    fn evaluated(assertion: &DnsAssertion, answer: Option<&DnsFacts>) -> AssertionResult {
        let mut attempt = attempt(1, 10);
        attempt.dns = answer.cloned();
        Assertion::Dns(assertion.clone()).evaluate(Facts {
            attempt: &attempt,
            response: None,
            reply: None,
        })
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
            let result = evaluated(&assertion, Some(&answer()));
            assert_eq!(result.passed, passed, "{result:?}");
            assert!(!evaluated(&assertion, None).passed, "{assertion:?}");
        }
    }

    #[test]
    fn a_failure_names_what_was_wanted_and_what_came() {
        let text = |assertion: DnsAssertion| {
            let cause = evaluated(&assertion, Some(&answer())).cause().unwrap();
            cause.to_string()
        };
        assert_eq!(
            text(of(Which::All, TextTest::Contains(".20".to_owned()))),
            "dns_answer_mismatch: dns_answer all contains: expected `.20`, got `192.0.2.1, 192.0.2.20`"
        );
        assert_eq!(
            text(DnsAssertion::Count(bounds(Some(3), Some(4)))),
            "dns_answer_mismatch: dns_count between: expected `3 and 4`, got `2`"
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
                evaluated(&of(which, test()), Some(&empty)).passed,
                passed,
                "{which:?}"
            );
        }
        assert!(!evaluated(&DnsAssertion::Ttl(bounds(Some(0), None)), Some(&empty)).passed);
    }
}
