//! A complete answer, and what the assertions say about it.

use http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::{Assertion, ResponseFacts, StatusSet};

use crate::assert;
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

    /// Evaluates the assertions. Without one on the status, 200 to 299 is wanted.
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
        let response = ResponseFacts {
            status: self.status.as_u16(),
            headers: &headers,
            body: &self.body,
        };
        let on_status = |assertion: &Assertion| matches!(assertion, Assertion::Status(_));
        let success =
            (!assertions.iter().any(on_status)).then(|| Assertion::Status(StatusSet::success()));
        assert::all(
            success.iter().chain(assertions),
            Some(response),
            redactor,
            attempt,
        );
    }
}
