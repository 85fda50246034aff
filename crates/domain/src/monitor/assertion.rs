//! What must hold of an answer. Evaluation is pure and happens after the last byte was stamped,
//! so that it is never part of a latency.

mod address;
mod body;
mod certificate;
mod dns;
mod facts;
mod json;
mod number;
mod result;
mod status;
mod text;
mod timing;
mod tls;

pub use address::AddressTest;
pub use body::Sha256Digest;
pub use certificate::CertificateTest;
pub use dns::{DnsAssertion, Which};
pub use facts::{Facts, ResponseBody, ResponseFacts};
pub use json::{JsonPath, JsonPathError, JsonTest};
pub use number::NumberTest;
pub use result::AssertionResult;
pub use status::{HttpVersion, StatusRange, StatusSet};
pub use text::TextTest;
pub use timing::Timing;
pub use tls::TlsField;

use std::fmt;
use std::time::Duration;

use crate::cause::ErrorClass;
use result::{Found, Judgement};

/// One demand on the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Assertion {
    /// The status code is one of these.
    Status(StatusSet),
    /// The protocol version spoken last is one of these.
    HttpVersion(Vec<HttpVersion>),
    /// A header passes a test.
    Header {
        /// The header's name, lower case.
        name: String,
        /// The test on its value; several values are joined by `, `.
        test: TextTest,
    },
    /// A header is there, whatever its value, or is not.
    HeaderPresent {
        /// The header's name, lower case.
        name: String,
        /// Whether it is to be there.
        present: bool,
    },
    /// The body, as far as it was read, passes a test; bytes that are no UTF-8 are replaced.
    Body(TextTest),
    /// The number of bytes of the body, decoded and as far as it was read.
    BodyLength(NumberTest),
    /// SHA-256 over the decoded body. A body that was cut never passes.
    BodySha256(Sha256Digest),
    /// What a JSONPath (RFC 9535) finds in a body of JSON passes a test.
    Json {
        /// Where to look.
        path: JsonPath,
        /// What must hold of what is found.
        test: JsonTest,
    },
    /// The address of the last request, without user information and fragment.
    FinalUrl(TextTest),
    /// A part of the attempt took no longer than this.
    Timing {
        /// The part.
        timing: Timing,
        /// The longest that it may take.
        at_most: Duration,
    },
    /// The server's certificate passes a test.
    Certificate(CertificateTest),
    /// Something that the TLS handshake agreed on passes a test.
    Tls {
        /// What was agreed on.
        field: TlsField,
        /// The test on its name.
        test: TextTest,
    },
    /// The address talked to last passes a test.
    RemoteAddr(AddressTest),
    /// The answer of a name server passes a test.
    Dns(DnsAssertion),
    /// What the server of a dialogue said last passes a test; bytes that are no UTF-8 are
    /// replaced.
    Reply(TextTest),
}

impl Assertion {
    /// Compares the demand with what was found.
    pub fn evaluate(&self, facts: Facts<'_>) -> AssertionResult {
        let Found { actual, passed } = self.found(facts);
        let Judgement {
            expression,
            expected,
            class,
        } = self.judgement();
        AssertionResult {
            expression,
            expected,
            actual,
            passed,
            class,
        }
    }

    /// Whether the body is looked at, so that it has to be kept.
    pub fn needs_body(&self) -> bool {
        matches!(
            self,
            Assertion::Body(_)
                | Assertion::BodyLength(_)
                | Assertion::BodySha256(_)
                | Assertion::Json { .. }
        )
    }

    fn found(&self, facts: Facts<'_>) -> Found {
        let response = facts.response;
        match self {
            Assertion::Status(wanted) => Found::of(
                response.map(|response| response.status),
                |status| wanted.contains(*status),
                ToString::to_string,
            ),
            Assertion::HttpVersion(wanted) => Found::of(
                facts.attempt.http_version,
                |version| wanted.iter().any(|wanted| wanted.name() == *version),
                |version| (*version).to_owned(),
            ),
            Assertion::Header { name, test } => test.found(facts.header(name).as_deref()),
            Assertion::HeaderPresent { name, present } => {
                let value = facts.header(name);
                let passed = value.is_some() == *present;
                Found {
                    passed,
                    ..Found::text(value.as_deref(), |_| passed)
                }
            }
            Assertion::Body(test) => {
                test.found(response.map(|response| response.body.text()).as_deref())
            }
            Assertion::BodyLength(test) => {
                test.found(response.map(|response| response.body.bytes().len() as f64))
            }
            Assertion::BodySha256(wanted) => wanted.found(facts),
            Assertion::Json { path, test } => match response {
                Some(response) => test.found(path, response.body),
                None => Found::absent(),
            },
            Assertion::FinalUrl(test) => test.found(response.map(|response| response.url)),
            Assertion::Timing { timing, at_most } => timing.found(&facts.attempt.phases, *at_most),
            Assertion::Certificate(test) => test.found(facts.attempt),
            Assertion::Tls { field, test } => {
                let tls = facts.attempt.tls.as_ref();
                test.found(tls.and_then(|tls| field.of(tls)))
            }
            Assertion::RemoteAddr(test) => {
                test.found(facts.attempt.remote_addr.map(|address| address.ip()))
            }
            Assertion::Dns(assertion) => assertion.found(facts.attempt.dns.as_ref()),
            Assertion::Reply(test) => {
                test.found(facts.reply.map(String::from_utf8_lossy).as_deref())
            }
        }
    }

    /// What is demanded, and the class of a failure.
    ///
    /// The list of classes is closed. A certificate that is not the demanded one is like one that
    /// is not the pinned one; where redirects led to is what headers said; an unwanted address is
    /// what the DNS answered.
    fn judgement(&self) -> Judgement {
        match self {
            Assertion::Status(wanted) => {
                Judgement::new("status", wanted, ErrorClass::StatusMismatch)
            }
            Assertion::HttpVersion(wanted) => {
                let names: Vec<&str> = wanted.iter().map(|version| version.name()).collect();
                Judgement::new(
                    "http_version",
                    names.join(", "),
                    ErrorClass::VersionMismatch,
                )
            }
            Assertion::Header { name, test } => {
                test.judgement(&format!("header {name}"), ErrorClass::HeaderMismatch)
            }
            Assertion::HeaderPresent { name, present } => Judgement::new(
                format!("header {name}"),
                if *present { "(present)" } else { "(absent)" },
                ErrorClass::HeaderMismatch,
            ),
            Assertion::Body(test) => test.judgement("body", ErrorClass::BodyMismatch),
            Assertion::BodyLength(test) => {
                test.judgement("body_length", " bytes", ErrorClass::BodyMismatch)
            }
            Assertion::BodySha256(wanted) => {
                Judgement::new("body_sha256", wanted, ErrorClass::BodyMismatch)
            }
            Assertion::Json { path, test } => test.judgement(path),
            Assertion::FinalUrl(test) => test.judgement("final_url", ErrorClass::HeaderMismatch),
            Assertion::Timing { timing, at_most } => Judgement::new(
                format!("timing {} at most", timing.name()),
                timing::shown(*at_most),
                ErrorClass::LatencyExceeded,
            ),
            Assertion::Certificate(test) => test.judgement(),
            Assertion::Tls { field, test } => test.judgement(
                &format!("tls {}", field.name()),
                ErrorClass::VersionMismatch,
            ),
            Assertion::RemoteAddr(test) => test.judgement(),
            Assertion::Dns(assertion) => assertion.judgement(),
            Assertion::Reply(test) => test.judgement("reply", ErrorClass::BodyMismatch),
        }
    }
}

/// One line for people: ``header content-type contains `json` ``.
impl fmt::Display for Assertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judgement = self.judgement();
        let expected = judgement.expected;
        formatter.write_str(&judgement.expression)?;
        // What stands in parentheses is not a text that is looked for.
        match expected.as_str() {
            "(present)" | "(absent)" => write!(formatter, " {expected}"),
            _ => write!(formatter, " `{expected}`"),
        }
    }
}

#[cfg(test)]
mod tests;
