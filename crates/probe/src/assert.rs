//! What the assertions of a monitor say about what was found.

use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, AssertionResult, Facts, ResponseFacts};
use tidewatch_domain::probe::PhaseReached;

use crate::redact::Redactor;

/// What the target said, as far as its kind of check has such a thing.
#[derive(Clone, Copy, Default)]
pub(crate) struct Answer<'a> {
    /// An HTTP response.
    pub(crate) response: Option<ResponseFacts<'a>>,
    /// The last reply of a dialogue.
    pub(crate) reply: Option<&'a [u8]>,
}

/// Evaluates the assertions, all of them, and adds the causes of those that do not hold in order
/// of precedence. No secret is in what they leave in `attempt`.
pub(crate) fn all<'m>(
    assertions: impl IntoIterator<Item = &'m Assertion>,
    answer: Answer<'_>,
    redactor: &Redactor,
    attempt: &mut Attempt,
) {
    let clean = Redacted::of(answer, redactor);
    let results: Vec<AssertionResult> = assertions
        .into_iter()
        .map(|assertion| {
            let facts = |answer: Answer<'_>| {
                assertion.evaluate(Facts {
                    attempt,
                    response: answer.response,
                    reply: answer.reply,
                })
            };
            let mut result = facts(answer);
            if let Some(clean) = &clean {
                // Shortening could cut a secret in two, and half a secret is not found any more:
                // the value shown is taken from texts that have none.
                result.actual = facts(clean.answer(answer)).actual;
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

/// An answer that gives secrets away, without them.
struct Redacted {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    reply: Vec<u8>,
}

impl Redacted {
    fn of(answer: Answer<'_>, redactor: &Redactor) -> Option<Self> {
        let headers = answer.response.map_or(&[][..], |response| response.headers);
        let body = String::from_utf8_lossy(answer.response.map_or(&[], |response| response.body));
        let reply = String::from_utf8_lossy(answer.reply.unwrap_or_default());
        let tells = redactor.finds_any(&body)
            || redactor.finds_any(&reply)
            || headers.iter().any(|(_, value)| redactor.finds_any(value));
        tells.then(|| Redacted {
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), redactor.text(value)))
                .collect(),
            body: redactor.text(&body).into_bytes(),
            reply: redactor.text(&reply).into_bytes(),
        })
    }

    /// The texts of `answer` without secrets.
    fn answer(&self, answer: Answer<'_>) -> Answer<'_> {
        Answer {
            response: answer.response.map(|response| ResponseFacts {
                status: response.status,
                headers: &self.headers,
                body: &self.body,
            }),
            reply: answer.reply.map(|_| self.reply.as_slice()),
        }
    }
}
