//! What the assertions of a monitor say about what was found.

use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, AssertionResult, Facts, ResponseBody, ResponseFacts};
use tidewatch_domain::probe::PhaseReached;

use crate::redact::{MASK, Redactor};

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
            let tells_text = !matches!(
                assertion,
                Assertion::BodyLength(_) | Assertion::BodySha256(_)
            );
            if let Some(clean) = clean.as_ref().filter(|_| tells_text) {
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
    url: String,
    headers: Vec<(String, String)>,
    /// Absent where the body has no secret in it.
    body: Option<ResponseBody>,
    reply: Vec<u8>,
}

impl Redacted {
    fn of(answer: Answer<'_>, redactor: &Redactor) -> Option<Self> {
        let headers = answer.response.map_or(&[][..], |response| response.headers);
        let url = answer.response.map_or("", |response| response.url);
        let body = answer.response.map(|response| response.body.text());
        let body = body.filter(|body| redactor.finds_any(body));
        let reply = String::from_utf8_lossy(answer.reply.unwrap_or_default());
        let tells = body.is_some()
            || redactor.finds_any(&reply)
            || url.contains('?')
            || redactor.finds_any(url)
            || headers
                .iter()
                .any(|(name, value)| name == SET_COOKIE || redactor.finds_any(value));
        tells.then(|| Redacted {
            url: redactor.text(&without_query(url)),
            headers: headers
                .iter()
                .map(|(name, value)| {
                    let value = if name == SET_COOKIE {
                        without_cookie(value)
                    } else {
                        value.clone()
                    };
                    (name.clone(), redactor.text(&value))
                })
                .collect(),
            body: body.map(|body| ResponseBody::new(redactor.text(&body).into_bytes())),
            reply: redactor.text(&reply).into_bytes(),
        })
    }

    /// The texts of `answer` without secrets.
    fn answer<'a>(&'a self, answer: Answer<'a>) -> Answer<'a> {
        Answer {
            response: answer.response.map(|response| ResponseFacts {
                url: &self.url,
                status: response.status,
                headers: &self.headers,
                body: self.body.as_ref().unwrap_or(response.body),
            }),
            reply: answer.reply.map(|_| self.reply.as_slice()),
        }
    }
}

/// The header with which a server gives out what proves a session.
const SET_COOKIE: &str = "set-cookie";

/// `name=***; Path=/`: a cookie's value is a credential that this prober was just given.
fn without_cookie(value: &str) -> String {
    let (pair, attributes) = value.split_at(value.find(';').unwrap_or(value.len()));
    let name = pair.split_once('=').map_or("", |(name, _)| name);
    format!("{name}={MASK}{attributes}")
}

/// Where redirects led, people put keys into the query too.
fn without_query(url: &str) -> String {
    match url.split_once('?') {
        Some((address, _)) => format!("{address}?{MASK}"),
        None => url.to_owned(),
    }
}
