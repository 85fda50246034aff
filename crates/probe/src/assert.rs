//! What the assertions of a monitor say about what was found.

use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, AssertionResult, Facts, ResponseFacts};
use tidewatch_domain::probe::PhaseReached;

use crate::redact::Redactor;

/// Evaluates the assertions, all of them, and adds the causes of those that do not hold in order
/// of precedence. No secret is in what they leave in `attempt`.
pub(crate) fn all<'m>(
    assertions: impl IntoIterator<Item = &'m Assertion>,
    response: Option<ResponseFacts<'_>>,
    redactor: &Redactor,
    attempt: &mut Attempt,
) {
    let clean = response.and_then(|response| Redacted::of(response, redactor));
    let results: Vec<AssertionResult> = assertions
        .into_iter()
        .map(|assertion| {
            let facts = |response| Facts { attempt, response };
            let mut result = assertion.evaluate(facts(response));
            if let Some(clean) = &clean {
                // Shortening could cut a secret in two, and half a secret is not found any more:
                // the value shown is taken from texts that have none.
                let shown = response.map(|response| clean.facts(response.status));
                result.actual = assertion.evaluate(facts(shown)).actual;
            }
            result.expected = redactor.text(&result.expected);
            result
        })
        .collect();
    attempt
        .causes
        .extend(results.iter().filter_map(AssertionResult::cause));
    attempt.causes.sort_by_key(|cause| cause.class.stage());
    attempt.assertions = results;
    attempt.reached = if attempt.causes.is_empty() {
        PhaseReached::Done
    } else {
        PhaseReached::Assert
    };
}

/// A response that gives secrets away, without them.
struct Redacted {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Redacted {
    fn of(response: ResponseFacts<'_>, redactor: &Redactor) -> Option<Self> {
        let body = String::from_utf8_lossy(response.body);
        let tells = redactor.finds_any(&body)
            || response
                .headers
                .iter()
                .any(|(_, value)| redactor.finds_any(value));
        tells.then(|| Redacted {
            headers: response
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
