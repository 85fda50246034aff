//! What must hold of an answer. Evaluation is pure and happens after the last byte was stamped,
//! so that it is never part of a latency.

mod dns;

pub use dns::{Bounds, DnsAssertion, Which};

use std::fmt;

use regex::Regex;

use crate::cause::{Cause, ErrorClass};
use crate::probe::Attempt;

/// One demand on the answer.
#[derive(Clone, Debug)]
pub enum Assertion {
    /// The status code is one of these.
    Status(StatusSet),
    /// A header passes a test.
    Header {
        /// The header's name, lower case.
        name: String,
        /// The test on its value; several values are joined by `, `.
        test: TextTest,
    },
    /// The body, as far as it was read, passes a test; bytes that are no UTF-8 are replaced.
    Body(TextTest),
    /// The answer of a name server passes a test.
    Dns(DnsAssertion),
}

/// A test on a text.
#[derive(Clone, Debug)]
pub enum TextTest {
    /// Is exactly this.
    Equals(String),
    /// Has this within it.
    Contains(String),
    /// Does not have this within it.
    NotContains(String),
    /// Has a match of this regular expression.
    Matches(Regex),
}

/// A set of status codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSet(Vec<StatusRange>);

/// Status codes from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRange {
    /// The lowest.
    pub first: u16,
    /// The highest.
    pub last: u16,
}

impl StatusSet {
    /// The codes of all `ranges`.
    pub fn new(ranges: Vec<StatusRange>) -> Self {
        StatusSet(ranges)
    }

    /// 200 to 299, what is wanted where a definition says nothing.
    pub fn success() -> Self {
        StatusSet(vec![StatusRange {
            first: 200,
            last: 299,
        }])
    }

    /// Whether `code` is in the set.
    pub fn contains(&self, code: u16) -> bool {
        self.0
            .iter()
            .any(|range| (range.first..=range.last).contains(&code))
    }
}

/// `200, 300-399`.
impl fmt::Display for StatusSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            if range.first == range.last {
                write!(formatter, "{}", range.first)?;
            } else {
                write!(formatter, "{}-{}", range.first, range.last)?;
            }
        }
        Ok(())
    }
}

/// What an assertion can look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The attempt, complete but for what the assertions say: timings, address, certificate, DNS
    /// answer.
    pub attempt: &'a Attempt,
    /// The HTTP response, of a kind of check that gets one.
    pub response: Option<ResponseFacts<'a>>,
}

/// An HTTP response as far as it was read.
#[derive(Clone, Copy, Debug)]
pub struct ResponseFacts<'a> {
    /// The status code.
    pub status: u16,
    /// All headers, names in lower case, in order of arrival.
    pub headers: &'a [(String, String)],
    /// The body as far as it was read.
    pub body: &'a [u8],
}

/// What became of one assertion. Whoever stores or shows it redacts secrets first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionResult {
    /// What was demanded, readable by people: `header content-type contains`.
    pub expression: String,
    /// The wanted value.
    pub expected: String,
    /// The value found, shortened; `(absent)` when there was none.
    pub actual: String,
    /// Whether it held.
    pub passed: bool,
    /// The class that a failure has.
    pub class: ErrorClass,
}

impl AssertionResult {
    /// Why the probe failed, when this assertion did not hold.
    pub fn cause(&self) -> Option<Cause> {
        (!self.passed).then(|| {
            Cause::new(
                self.class,
                format!(
                    "{}: expected `{}`, got `{}`",
                    self.expression, self.expected, self.actual
                ),
            )
        })
    }
}

impl Assertion {
    /// Compares the demand with what was found.
    pub fn evaluate(&self, facts: Facts<'_>) -> AssertionResult {
        let response = facts.response;
        match self {
            Assertion::Status(wanted) => {
                let status = response.map(|response| response.status);
                AssertionResult {
                    expression: "status".to_owned(),
                    expected: wanted.to_string(),
                    actual: status.map_or_else(absent, |status| status.to_string()),
                    passed: status.is_some_and(|status| wanted.contains(status)),
                    class: ErrorClass::StatusMismatch,
                }
            }
            Assertion::Header { name, test } => {
                let values: Vec<&str> = response
                    .iter()
                    .flat_map(|response| response.headers)
                    .filter(|(found, _)| found == name)
                    .map(|(_, value)| value.as_str())
                    .collect();
                let value = (!values.is_empty()).then(|| values.join(", "));
                test.evaluate(
                    &format!("header {name}"),
                    value.as_deref(),
                    ErrorClass::HeaderMismatch,
                )
            }
            Assertion::Body(test) => {
                let text = response.map(|response| String::from_utf8_lossy(response.body));
                test.evaluate("body", text.as_deref(), ErrorClass::BodyMismatch)
            }
            Assertion::Dns(assertion) => assertion.evaluate(facts.attempt.dns.as_ref()),
        }
    }
}

impl TextTest {
    fn evaluate(&self, subject: &str, value: Option<&str>, class: ErrorClass) -> AssertionResult {
        let (verb, expected, passed) = match self {
            TextTest::Equals(wanted) => ("equals", wanted.as_str(), value == Some(wanted)),
            TextTest::Contains(wanted) => (
                "contains",
                wanted.as_str(),
                value.is_some_and(|value| value.contains(wanted.as_str())),
            ),
            TextTest::NotContains(unwanted) => (
                "not_contains",
                unwanted.as_str(),
                !value.is_some_and(|value| value.contains(unwanted.as_str())),
            ),
            TextTest::Matches(regex) => (
                "matches",
                regex.as_str(),
                value.is_some_and(|value| regex.is_match(value)),
            ),
        };
        AssertionResult {
            expression: format!("{subject} {verb}"),
            expected: expected.to_owned(),
            actual: value.map_or_else(absent, shortened),
            passed,
            class,
        }
    }
}

/// Definitions are compared to see whether an edit changed anything; two regular expressions are
/// the same when their texts are.
impl PartialEq for TextTest {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (TextTest::Equals(a), TextTest::Equals(b))
            | (TextTest::Contains(a), TextTest::Contains(b))
            | (TextTest::NotContains(a), TextTest::NotContains(b)) => a == b,
            (TextTest::Matches(a), TextTest::Matches(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl PartialEq for Assertion {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Assertion::Status(a), Assertion::Status(b)) => a == b,
            (
                Assertion::Header {
                    name: a,
                    test: test_a,
                },
                Assertion::Header {
                    name: b,
                    test: test_b,
                },
            ) => a == b && test_a == test_b,
            (Assertion::Body(a), Assertion::Body(b)) => a == b,
            (Assertion::Dns(a), Assertion::Dns(b)) => a == b,
            _ => false,
        }
    }
}

fn absent() -> String {
    "(absent)".to_owned()
}

/// At most 120 characters of a value, so that a whole page never ends up in a row.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 120;
    match value.char_indices().nth(LONGEST) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::tests::attempt;

    /// Evaluates `assertion` on a response of status 301.
    fn evaluated(
        assertion: &Assertion,
        headers: &[(String, String)],
        body: &[u8],
    ) -> AssertionResult {
        assertion.evaluate(Facts {
            attempt: &attempt(1, 10),
            response: Some(ResponseFacts {
                status: 301,
                headers,
                body,
            }),
        })
    }

    #[test]
    fn status_sets_know_their_members() {
        let set = StatusSet::new(vec![
            StatusRange {
                first: 200,
                last: 299,
            },
            StatusRange {
                first: 301,
                last: 301,
            },
        ]);
        assert_eq!(set.to_string(), "200-299, 301");
        let result = evaluated(&Assertion::Status(set), &[], b"");
        assert!(result.passed);
        let result = evaluated(&Assertion::Status(StatusSet::success()), &[], b"");
        assert_eq!(
            result.cause().unwrap().to_string(),
            "status_mismatch: status: expected `200-299`, got `301`"
        );
    }

    #[test]
    fn text_tests_on_headers_and_body() {
        let headers = [
            ("via".to_owned(), "a".to_owned()),
            ("via".to_owned(), "b".to_owned()),
        ];
        let cases: Vec<(Assertion, bool)> = vec![
            (header("via", TextTest::Equals("a, b".into())), true),
            (header("via", TextTest::Contains("c".into())), false),
            (header("server", TextTest::NotContains("x".into())), true),
            (header("server", TextTest::Equals(String::new())), false),
            (
                Assertion::Body(TextTest::Matches(Regex::new("^he.*o$").unwrap())),
                true,
            ),
            (Assertion::Body(TextTest::NotContains("ell".into())), false),
        ];
        for (assertion, passed) in cases {
            let result = evaluated(&assertion, &headers, b"hello");
            assert_eq!(result.passed, passed, "{result:?}");
        }
    }

    #[test]
    fn a_long_value_is_shortened_in_the_result() {
        let body = "x".repeat(10_000);
        let result = evaluated(
            &Assertion::Body(TextTest::Contains("y".into())),
            &[],
            body.as_bytes(),
        );
        assert!(
            result.actual.chars().count() <= 121,
            "{}",
            result.actual.len()
        );
    }

    fn header(name: &str, test: TextTest) -> Assertion {
        Assertion::Header {
            name: name.to_owned(),
            test,
        }
    }
}
