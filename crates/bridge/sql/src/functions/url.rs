//! Functions of URLs, read as RFC 3986 has them and not changed. What is not there is empty, a
//! port or a parameter null; text that can be no URL gives null.

use arrow::datatypes::DataType;
use datafusion::common::exec_err;

use super::cells::{map1, map2};
use super::signature::Param::Varchar;
use super::signature::{Gives, Scalar, form};

const TEXT: Gives = Gives::Is(|| DataType::Utf8View);
const BIGINT: Gives = Gives::Is(|| DataType::Int64);

/// A function that takes a part out of a URL.
macro_rules! part {
    ($name:literal, $f:expr) => {
        Scalar {
            name: $name,
            overloads: &[form(&[Varchar], TEXT, |call| {
                map1(call, |text: &str| {
                    let f: fn(&Url<'_>) -> Option<String> = $f;
                    Ok(Url::parse(text).and_then(|url| f(&url)))
                })
            })],
        }
    };
}

const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "url_decode",
        overloads: &[form(&[Varchar], TEXT, |call| {
            map1(call, |text: &str| match decode(text, true) {
                Some(decoded) => Ok(Some(decoded)),
                None => exec_err!("'{text}' is not a URL-encoded text"),
            })
        })],
    },
    Scalar {
        name: "url_encode",
        overloads: &[form(&[Varchar], TEXT, |call| {
            map1(call, |text: &str| Ok(Some(encode(text))))
        })],
    },
    part!("url_extract_fragment", |url| decode(url.fragment, false)),
    part!("url_extract_host", |url| Some(url.host.to_owned())),
    Scalar {
        name: "url_extract_parameter",
        overloads: &[form(&[Varchar, Varchar], TEXT, |call| {
            map2(call, |text: &str, name: &str| {
                Ok(Url::parse(text).and_then(|url| url.parameter(name)))
            })
        })],
    },
    part!("url_extract_path", |url| decode(url.path, false)),
    Scalar {
        name: "url_extract_port",
        overloads: &[form(&[Varchar], BIGINT, |call| {
            map1(call, |text: &str| {
                Ok(Url::parse(text).and_then(|url| url.port))
            })
        })],
    },
    part!("url_extract_protocol", |url| Some(url.scheme.to_owned())),
    part!("url_extract_query", |url| decode(url.query, false)),
];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied()
}

/// The parts of a URL as they are written; empty when they are not there.
#[derive(Debug, PartialEq, Eq)]
struct Url<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<i64>,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Url<'a> {
    /// The parts of a text; `None` when it can be no URL.
    fn parse(text: &'a str) -> Option<Url<'a>> {
        let foreign = |c: char| c.is_ascii_control() || " \"<>\\^`{|}".contains(c);
        if text.contains(foreign) {
            return None;
        }
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (scheme, rest) = match rest.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
            _ => ("", rest),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            None => ("", rest),
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        };
        let (_user, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (host, port) = match address.rsplit_once(':') {
            // Within brackets a colon is part of an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (address, ""),
        };
        Some(Url {
            scheme,
            host,
            port: match port {
                "" => None,
                port => Some(port.parse::<u16>().ok()?.into()),
            },
            path,
            query,
            fragment,
        })
    }

    /// The first value of a parameter, empty when it has none.
    fn parameter(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true)? == name).then(|| decode(value, true))?
        })
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Resolves `%XX`, and `+` where that means a blank. `None` when that is no UTF-8.
fn decode(text: &str, plus_is_blank: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match first {
            b'%' => {
                let (digits, after) = rest.split_first_chunk::<2>()?;
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?
            }
            b'+' if plus_is_blank => b' ',
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// As forms are encoded: letters, digits and `.-*_` stay, a blank becomes `+`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            byte if byte.is_ascii_alphanumeric() || b".-*_".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
