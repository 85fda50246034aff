//! Requests as text, and what a signature covers of them.

use std::collections::BTreeMap;
use std::fmt;

use axum::body::Body;
use http::{HeaderName, HeaderValue, Request, Uri};

/// The clock of the server, and a request.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Seconds after the seeds were signed.
    pub(super) clock: i64,
    pub(super) method: String,
    /// Path and query, or a whole URI.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Text {
    /// Reads an input; `None` when it has another form.
    pub(super) fn parse(input: &[u8]) -> Option<Text> {
        let (head, body) = match input.windows(2).position(|end| end == b"\n\n") {
            Some(at) => (&input[..at], &input[at + 2..]),
            None => (input, &[][..]),
        };
        let mut lines = std::str::from_utf8(head).ok()?.split('\n');
        let clock: i32 = lines.next()?.parse().ok()?;
        let (method, target) = lines.next()?.split_once(' ')?;
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        });
        Some(Text {
            clock: clock.into(),
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.collect::<Option<_>>()?,
            body: body.to_vec(),
        })
    }

    /// The request, if HTTP has such a one.
    pub(super) fn request(&self) -> Option<Request<Body>> {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(self.target.as_str())
            .body(Body::from(self.body.clone()))
            .ok()?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name.as_str()).ok()?;
            let value = HeaderValue::try_from(value.as_str()).ok()?;
            request.headers_mut().append(name, value);
        }
        Some(request)
    }

    /// The path that is asked for; empty when the target is none.
    pub(super) fn path(&self) -> String {
        let uri: Option<Uri> = self.target.parse().ok();
        uri.map(|uri| uri.path().to_owned()).unwrap_or_default()
    }

    /// The values of a header, or the host of the URI, which counts as one.
    fn values(&self, name: &str) -> Vec<String> {
        let values: Vec<String> = self
            .headers
            .iter()
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        if values.is_empty() && name == "host" {
            let uri: Option<Uri> = self.target.parse().ok();
            let authority = uri.and_then(|uri| Some(uri.authority()?.to_string()));
            return authority.into_iter().collect();
        }
        values
    }

    /// The parameters of the query, decoded, in order.
    fn query(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let mut pairs: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        pairs.sort();
        pairs
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{} {}", self.clock, self.method, self.target)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}

/// What a signature covers, in a form in which what means the same is the same.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Covered {
    method: String,
    path: String,
    query: Vec<(Vec<u8>, Vec<u8>)>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Covered {
    /// Of a request that says itself which headers it signs.
    pub(super) fn by_its_own_list(text: &Text) -> Covered {
        let authorization = text.values("authorization").concat();
        let list = authorization
            .split_once("SignedHeaders=")
            .and_then(|(_, list)| list.split(',').next());
        let names = list.unwrap_or_default().split(';');
        Covered::of(text, names)
    }

    /// The same parts of another request.
    pub(super) fn same_of(&self, text: &Text) -> Covered {
        Covered::of(text, self.headers.keys().map(String::as_str))
    }

    fn of<'n>(text: &Text, names: impl Iterator<Item = &'n str>) -> Covered {
        let path = text.path();
        let body = match path.as_str() {
            // Read by nobody, so that anybody may send one.
            "/metrics" => Vec::new(),
            _ => text.body.clone(),
        };
        Covered {
            method: text.method.clone(),
            path,
            query: text.query(),
            headers: names
                .map(|name| (name.to_owned(), text.values(name).join(",")))
                .collect(),
            body,
        }
    }
}

/// Without percent signs, and with blanks for plus signs.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |at: usize| {
        let digit = char::from(*text.as_bytes().get(at)?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    let mut decoded = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        at += 1;
        match (byte, digit(at), digit(at + 1)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 2;
            }
            (b'+', ..) => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
    }
    decoded
}
