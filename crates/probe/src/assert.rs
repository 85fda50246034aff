//! What the assertions of a monitor say about what was found.

use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, AssertionResult, Facts, ResponseBody, ResponseFacts};
use tidewatch_domain::probe::PhaseReached;

use crate::redact::{MASK, Redactor};

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
            let tells_text = !matches!(
                assertion,
                Assertion::BodyLength(_) | Assertion::BodySha256(_)
            );
            if let Some(clean) = clean.as_ref().filter(|_| tells_text) {
                // Shortening could cut a secret in two, and half a secret is not found any more:
                // the value shown is taken from texts that have none.
                let shown = response.map(|response| clean.facts(response));
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
    url: String,
    headers: Vec<(String, String)>,
    /// Absent where the body has no secret in it.
    body: Option<ResponseBody>,
}

impl Redacted {
    fn of(response: ResponseFacts<'_>, redactor: &Redactor) -> Option<Self> {
        let body = response.body.text();
        let body_tells = redactor.finds_any(&body);
        let tells = body_tells
            || response.url.contains('?')
            || redactor.finds_any(response.url)
            || response
                .headers
                .iter()
                .any(|(name, value)| name == SET_COOKIE || redactor.finds_any(value));
        tells.then(|| Redacted {
            url: redactor.text(&without_query(response.url)),
            headers: response
                .headers
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
            body: body_tells.then(|| ResponseBody::new(redactor.text(&body).into_bytes())),
        })
    }

    fn facts<'a>(&'a self, response: ResponseFacts<'a>) -> ResponseFacts<'a> {
        ResponseFacts {
            url: &self.url,
            status: response.status,
            headers: &self.headers,
            body: self.body.as_ref().unwrap_or(response.body),
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
