//! A complete answer, and what the assertions say about it.

use http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, AssertionResult, ResponseFacts, StatusSet};
use tidewatch_domain::probe::PhaseReached;

use crate::redact::Redactor;

/// An answer as far as it was read.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty when nobody looks at it.
    pub(super) body: Vec<u8>,
    /// Whether the body went on beyond the limit.
    pub(super) body_cut: bool,
}

/// Whether the body has to be kept until the assertions are evaluated.
pub(super) fn looks_at_body(assertions: &[Assertion]) -> bool {
    assertions
        .iter()
        .any(|assertion| matches!(assertion, Assertion::Body(_)))
}

/// The name of a protocol version in results.
pub(super) fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    }
}

impl Answer {
    /// Where the answer points to, if it is a redirect. Without a `location` it is none.
    pub(super) fn redirect(&self) -> Option<&HeaderValue> {
        let redirects = matches!(
            self.status,
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        );
        self.headers.get(header::LOCATION).filter(|_| redirects)
    }

    /// Evaluates the assertions, all of them, and adds the causes of those that do not hold in
    /// order of precedence. Without an assertion on the status, 200 to 299 is wanted.
    pub(super) fn judge(
        self,
        assertions: &[Assertion],
        redactor: &Redactor,
        attempt: &mut Attempt,
    ) {
        let headers: Vec<(String, String)> = self
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let facts = ResponseFacts {
            status: self.status.as_u16(),
            headers: &headers,
            body: &self.body,
        };
        if !assertions
            .iter()
            .any(|assertion| matches!(assertion, Assertion::Status(_)))
        {
            attempt
                .assertions
                .push(Assertion::Status(StatusSet::success()).evaluate(facts));
        }
        let clean = Redacted::of(facts, redactor);
        for assertion in assertions {
            let result = assertion.evaluate(facts);
            attempt.assertions.push(match &clean {
                None => result,
                // Shortening could cut a secret in two, and half a secret is not found any more:
                // the value shown is taken from texts that have none.
                Some(clean) => AssertionResult {
                    actual: assertion.evaluate(clean.facts(facts.status)).actual,
                    ..result
                },
            });
        }
        for result in &mut attempt.assertions {
            result.expected = redactor.text(&result.expected);
        }
        attempt.causes = attempt
            .assertions
            .iter()
            .filter_map(AssertionResult::cause)
            .collect();
        attempt.causes.sort_by_key(|cause| cause.class.stage());
        attempt.reached = if attempt.causes.is_empty() {
            PhaseReached::Done
        } else {
            PhaseReached::Assert
        };
    }
}

/// An answer that gives secrets away, without them.
struct Redacted {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Redacted {
    fn of(facts: ResponseFacts<'_>, redactor: &Redactor) -> Option<Self> {
        let body = String::from_utf8_lossy(facts.body);
        let tells = redactor.finds_any(&body)
            || facts
                .headers
                .iter()
                .any(|(_, value)| redactor.finds_any(value));
        tells.then(|| Redacted {
            headers: facts
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), redactor.text(value)))
                .collect(),
            body: redactor.text(&body).into_bytes(),
        })
    }

    fn facts(&self, status: u16) -> ResponseFacts<'_> {
        ResponseFacts {
            status,
            headers: &self.headers,
            body: &self.body,
        }
    }
}
