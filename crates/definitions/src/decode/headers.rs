//! The headers of a request.

use http::header::{self, HeaderName};
use tidewatch_domain::monitor::SecretText;

use super::secrets::Policy;
use crate::node::Node;
use crate::report::{Place, Report};

/// Headers that belong to the connection or to the body's framing: the prober writes them.
const FRAMING: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The longest value of a header, in bytes; common servers refuse longer ones.
const LONGEST_VALUE: usize = 8 * 1024;

/// Headers in order; a name with several values appears several times.
pub(super) fn headers(
    node: &Node<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Vec<(String, SecretText)> {
    let remedy = "write a map of names to values, like `{accept: application/json}`";
    let Some(fields) = node.clone().hidden().fields(remedy, report) else {
        return Vec::new();
    };
    let mut headers: Vec<(String, SecretText)> = Vec::new();
    for (name, value) in fields.all() {
        let Some(name) = request_name(name, value.name_place(), report) else {
            continue;
        };
        if headers.iter().any(|(earlier, _)| *earlier == name) {
            let remedy = "write one name with a list of values";
            report.fault(&value, "is there in another spelling already", remedy);
            continue;
        }
        for value in value.one_or_more(report).unwrap_or_default() {
            if let Some(text) = header_value(&name, &value, secrets, report) {
                headers.push((name.clone(), text));
            }
        }
    }
    headers
}

/// The name of a header in an answer, in lower case.
pub(super) fn response_name(name: &str, place: Place, report: &mut Report) -> Option<String> {
    match HeaderName::from_bytes(name.as_bytes()) {
        Ok(found) => Some(found.as_str().to_owned()),
        Err(_) => {
            report.fault(place, "is not a header name", "use letters, digits and `-`");
            None
        }
    }
}

/// The name of a header that an author may send, in lower case.
fn request_name(name: &str, place: Place, report: &mut Report) -> Option<String> {
    let found = response_name(name, place.clone(), report)?;
    if FRAMING.contains(&found.as_str()) {
        report.fault(place, "is written by the prober itself", "remove it");
        return None;
    }
    Some(found)
}

/// Whether a header of this name usually carries a credential.
pub(crate) fn carries_credentials(name: &str) -> bool {
    name == header::COOKIE
        || [
            "authorization",
            "token",
            "secret",
            "password",
            "api-key",
            "apikey",
            "signature",
        ]
        .iter()
        .any(|word| name.contains(word))
}

fn header_value(
    name: &str,
    node: &Node<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<SecretText> {
    let text = node.text(report)?;
    if text.len() > LONGEST_VALUE {
        let problem = format!("is {} bytes long", text.len());
        report.fault(node, problem, format!("use at most {LONGEST_VALUE} bytes"));
        return None;
    }
    if text
        .chars()
        .any(|character| character != '\t' && character.is_control())
    {
        report.fault(node, "holds control characters", "write one line of text");
        return None;
    }
    let value = secrets.text(node, report)?;
    if value.references().next().is_none() && carries_credentials(name) {
        let remedy = format!(
            "keep the credential as a secret and write {}",
            secrets.example()
        );
        if name == header::AUTHORIZATION || name == header::PROXY_AUTHORIZATION {
            report.fault(node, "holds a credential in clear text", remedy);
        } else {
            report.warn(node, "seems to hold a credential in clear text", remedy);
        }
    }
    Some(value)
}
