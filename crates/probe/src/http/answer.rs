//! A complete answer, and what the assertions say about it.

use http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use tidewatch_domain::monitor::{
    Assertion, HttpCheck, OverLimit, ResponseBody, ResponseFacts, StatusSet, limits,
};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, Cause, ErrorClass};
use url::Url;

use super::coding;
use crate::assert;
use crate::failure::Failure;
use crate::redact::Redactor;

/// An answer as far as it was read.
pub(super) struct Answer {
    /// What was asked for.
    pub(super) url: Option<Url>,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty when nobody looks at it.
    pub(super) body: Vec<u8>,
    /// Whether the body went on beyond the limit.
    pub(super) body_cut: bool,
}

/// Whether the body has to be kept until the assertions are evaluated.
pub(super) fn looks_at_body(check: &HttpCheck, assertions: &[Assertion]) -> bool {
    check.compression || assertions.iter().any(Assertion::needs_body)
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

    /// The answer with its body decoded, where compression was asked for. A body of which nobody
    /// looks at the content still has to decode.
    pub(super) fn decode(self, check: &HttpCheck, attempt: &mut Attempt) -> Result<Self, Failure> {
        if !check.compression {
            return Ok(self);
        }
        let limit = check.body_limit.min(limits::BODY_MAX);
        let decoded = coding::decoded(self.body, &self.headers, limit, self.body_cut)
            .map_err(|cause| Failure::new(PhaseReached::Transfer, cause))?;
        attempt.body_cut = decoded.cut;
        Ok(Answer {
            body: decoded.bytes,
            body_cut: decoded.cut,
            ..self
        })
    }

    /// Evaluates the assertions. Without one on the status, 200 to 299 is wanted.
    pub(super) fn judge(
        self,
        check: &HttpCheck,
        assertions: &[Assertion],
        redactor: &Redactor,
        attempt: &mut Attempt,
    ) {
        if self.body_cut && check.over_limit == OverLimit::Fail {
            let limit = check.body_limit;
            let text = format!("the body goes on beyond the limit of {limit} bytes");
            attempt
                .causes
                .push(Cause::new(ErrorClass::BodyTooLarge, text));
        }
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
        let response = ResponseFacts {
            url: self.url.as_ref().map_or("", Url::as_str),
            status: self.status.as_u16(),
            headers: &headers,
            body: &ResponseBody::new(self.body),
        };
        let on_status = |assertion: &Assertion| matches!(assertion, Assertion::Status(_));
        let success =
            (!assertions.iter().any(on_status)).then(|| Assertion::Status(StatusSet::success()));
        assert::all(
            success.iter().chain(assertions),
            assert::Answer {
                response: Some(response),
                ..assert::Answer::default()
            },
            redactor,
            attempt,
        );
    }
}
