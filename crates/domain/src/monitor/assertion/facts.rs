//! What an assertion can look at.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::Value;

use crate::probe::Attempt;

/// What an assertion can look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The attempt, complete but for what the assertions say: timings, address, certificate,
    /// DNS answer.
    pub attempt: &'a Attempt,
    /// The HTTP response, of a kind of check that gets one.
    pub response: Option<ResponseFacts<'a>>,
    /// What the server said last in a dialogue.
    pub reply: Option<&'a [u8]>,
}

/// An HTTP response as far as it was read.
#[derive(Clone, Copy, Debug)]
pub struct ResponseFacts<'a> {
    /// The address that answered, without user information and fragment.
    pub url: &'a str,
    /// The status code.
    pub status: u16,
    /// All headers, names in lower case, in order of arrival.
    pub headers: &'a [(String, String)],
    /// The body as far as it was read.
    pub body: &'a ResponseBody,
}

impl Facts<'_> {
    /// The values of a response header, joined; `None` without the header.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .response
            .iter()
            .flat_map(|response| response.headers)
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// A body, decoded, as far as it was read. As JSON it is read once, however many assertions look
/// at it.
#[derive(Debug, Default)]
pub struct ResponseBody {
    bytes: Vec<u8>,
    json: OnceLock<Result<Value, String>>,
}

impl ResponseBody {
    /// A body of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        ResponseBody {
            bytes,
            json: OnceLock::new(),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The JSON value, or why the body is none.
    pub(super) fn json(&self) -> Result<&Value, &str> {
        self.json
            .get_or_init(|| serde_json::from_slice(&self.bytes).map_err(|error| error.to_string()))
            .as_ref()
            .map_err(String::as_str)
    }
}
