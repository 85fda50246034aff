//! What is sent: the request of a definition with its secrets in place, and what becomes of it
//! when it is redirected.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::uri::{Parts, PathAndQuery, Scheme, Uri};
use http::{HeaderMap, Method, StatusCode};
use tidewatch_domain::monitor::{HttpCheck, SecretRef, SecretText};
use tidewatch_domain::ports::SecretStore;
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner};
use tokio::time::timeout;
use url::{Position, Url};

use super::connection::{Connection, Protocol};
use super::origin::Origin;
use super::redirect;
use crate::kind::Tools;
use crate::redact::Redactor;

/// Headers that carry credentials by their nature.
const CREDENTIALS: [HeaderName; 3] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHORIZATION,
];
/// Headers that describe a body.
const OF_BODY: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
];
/// Headers that are about the connection and therefore not a definition's to set.
const OF_CONNECTION: [HeaderName; 5] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
];

/// The request of a definition, ready to be sent any number of times.
pub(super) struct Template {
    method: Method,
    url: Url,
    origin: Origin,
    headers: Vec<Line>,
    /// The `host` header, where the definition sets one.
    host: Option<HeaderValue>,
    body: Option<Bytes>,
    body_is_private: bool,
    user_agent: HeaderValue,
    /// Knows the secrets that are in this request.
    pub(super) redactor: Redactor,
}

struct Line {
    name: HeaderName,
    value: HeaderValue,
    /// Not for other origins.
    private: bool,
}

/// One request of a chain.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: Method,
    /// The address, without fragment.
    pub(super) url: Url,
    with_body: bool,
}

/// By which a request is known when it comes up again.
pub(super) type Identity = (Method, Url);

impl Request {
    /// By which this request is known when it comes up again.
    pub(super) fn identity(&self) -> Identity {
        (self.method.clone(), self.url.clone())
    }
}

impl Template {
    /// Reads the secrets of `check` and puts them in place. Each may take as long as `limit`.
    pub(super) async fn prepare(
        tools: &Tools,
        check: &HttpCheck,
        limit: Duration,
    ) -> Result<Self, Cause> {
        let method = Method::from_bytes(check.method.as_bytes())
            .map_err(|_| faulty(format!("`{}` is not an HTTP method", check.method)))?;
        let mut url = check.url.clone();
        url.set_fragment(None);
        let secrets = secrets(tools.secrets.as_ref(), check, limit).await?;
        let mut redactor = Redactor::default();
        redactor.add_query(&url);
        for secret in secrets.values() {
            redactor.add(secret);
        }
        let mut headers = Vec::with_capacity(check.headers.len());
        let mut host = None;
        for (name, text) in &check.headers {
            let line = line(name, text, &secrets)?;
            if line.private {
                hide(&line.value, &mut redactor);
            }
            if line.name == header::HOST {
                host = Some(line.value);
            } else {
                headers.push(line);
            }
        }
        let body = check
            .body
            .as_ref()
            .map(|text| Bytes::from(filled(text, &secrets)));
        Ok(Template {
            method,
            origin: Origin::of(&url),
            url,
            headers,
            host,
            body,
            body_is_private: check.body.as_ref().is_some_and(has_secrets),
            user_agent: HeaderValue::from_str(&tools.user_agent)
                .map_err(|_| faulty("the prober's user agent is no header value".to_owned()))?,
            redactor,
        })
    }

    /// The request that an attempt begins with.
    pub(super) fn first_request(&self) -> Request {
        Request {
            method: self.method.clone(),
            url: self.url.clone(),
            with_body: true,
        }
    }

    /// The request that comes after `current` was answered with a redirect to `location`.
    pub(super) fn redirected(
        &self,
        current: &Request,
        status: StatusCode,
        location: &HeaderValue,
    ) -> Result<Request, Cause> {
        let url = redirect::target(&current.url, location, &self.redactor)?;
        let method = redirect::method(status, &current.method);
        let with_body = current.with_body && method == current.method;
        if with_body && self.body_is_private && Origin::of(&url) != self.origin {
            let text = format!(
                "the redirect leads to another origin, {}, which must not get the secret in the \
                 request body",
                self.redactor.url(&url)
            );
            return Err(Cause::new(ErrorClass::RedirectBlocked, text));
        }
        Ok(Request {
            method,
            url,
            with_body,
        })
    }

    /// `request` as it goes over `connection`, which is closed after it unless `keep`.
    pub(super) fn message(
        &self,
        request: &Request,
        connection: &Connection,
        keep: bool,
    ) -> Result<http::Request<Option<Bytes>>, Cause> {
        let at_home = Origin::of(&request.url) == self.origin;
        let host = match &self.host {
            Some(host) if at_home => host.clone(),
            _ => authority(&request.url)?,
        };
        let mut message = http::Request::new(self.body.clone().filter(|_| request.with_body));
        *message.method_mut() = request.method.clone();
        let headers = message.headers_mut();
        match connection.protocol() {
            Protocol::Http1 => {
                headers.insert(header::HOST, host.clone());
                if !keep {
                    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                *message.uri_mut() = path(&request.url)?.into();
            }
            Protocol::Http2 => *message.uri_mut() = absolute(&request.url, &host)?,
        }
        self.fill(message.headers_mut(), at_home, request.with_body);
        Ok(message)
    }

    fn fill(&self, headers: &mut HeaderMap, at_home: bool, with_body: bool) {
        for line in &self.headers {
            let left_out = (line.private && !at_home)
                || (!with_body && OF_BODY.contains(&line.name))
                || OF_CONNECTION.contains(&line.name);
            if !left_out {
                headers.append(line.name.clone(), line.value.clone());
            }
        }
        let standard = [
            (header::USER_AGENT, self.user_agent.clone()),
            (header::ACCEPT, HeaderValue::from_static("*/*")),
            // Bodies are judged as they are sent.
            (
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            ),
        ];
        for (name, value) in standard {
            headers.entry(name).or_insert(value);
        }
    }
}

/// A fault of the definition that its validator should have found.
fn faulty(text: String) -> Cause {
    Cause {
        owner: ErrorOwner::Config,
        ..Cause::new(ErrorClass::SendFailed, text)
    }
}

async fn secrets(
    store: &dyn SecretStore,
    check: &HttpCheck,
    limit: Duration,
) -> Result<BTreeMap<SecretRef, String>, Cause> {
    let mut secrets = BTreeMap::new();
    let texts = check
        .headers
        .iter()
        .map(|(_, text)| text)
        .chain(&check.body);
    for reference in texts.flat_map(SecretText::references) {
        if secrets.contains_key(reference) {
            continue;
        }
        let secret = timeout(limit, store.secret(reference))
            .await
            .map_err(|_| {
                Cause::new(
                    ErrorClass::AuthFailed,
                    format!("secret `{reference}` could not be read within the attempt timeout"),
                )
            })?
            .map_err(|error| Cause::new(ErrorClass::AuthFailed, error.to_string()))?;
        secrets.insert(reference.clone(), secret);
    }
    Ok(secrets)
}

fn line(
    name: &str,
    text: &SecretText,
    secrets: &BTreeMap<SecretRef, String>,
) -> Result<Line, Cause> {
    let refused = |what: &str| {
        Cause::new(
            ErrorClass::AuthFailed,
            format!(
                "header `{name}` cannot be sent: its {what} has characters that HTTP does not allow"
            ),
        )
    };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused("name"))?;
    let mut value = HeaderValue::from_str(&filled(text, secrets)).map_err(|_| refused("value"))?;
    let private = has_secrets(text) || CREDENTIALS.contains(&name);
    value.set_sensitive(private);
    Ok(Line {
        name,
        value,
        private,
    })
}

fn has_secrets(text: &SecretText) -> bool {
    text.references().next().is_some()
}

fn filled(text: &SecretText, secrets: &BTreeMap<SecretRef, String>) -> String {
    let filled: Result<String, std::convert::Infallible> =
        text.resolve(|reference| Ok(secrets.get(reference).cloned().unwrap_or_default()));
    match filled {
        Ok(text) => text,
    }
}

/// Hides a private header's value, and what follows the scheme of `Bearer …` or `Basic …`.
fn hide(value: &HeaderValue, redactor: &mut Redactor) {
    let Ok(text) = value.to_str() else {
        return;
    };
    redactor.add(text);
    if let Some((_, credential)) = text.split_once(' ') {
        redactor.add(credential.trim());
    }
}

fn authority(url: &Url) -> Result<HeaderValue, Cause> {
    HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        .map_err(|_| faulty("the URL's host is no header value".to_owned()))
}

fn path(url: &Url) -> Result<PathAndQuery, Cause> {
    PathAndQuery::try_from(&url[Position::BeforePath..Position::AfterQuery])
        .map_err(|error| faulty(format!("the URL's path cannot be requested: {error}")))
}

fn absolute(url: &Url, host: &HeaderValue) -> Result<Uri, Cause> {
    let mut parts = Parts::default();
    parts.scheme = Some(if url.scheme() == "https" {
        Scheme::HTTPS
    } else {
        Scheme::HTTP
    });
    parts.path_and_query = Some(path(url)?);
    let authority = host.as_bytes().try_into();
    parts.authority =
        Some(authority.map_err(|error| faulty(format!("the host cannot be requested: {error}")))?);
    Uri::from_parts(parts).map_err(|error| faulty(format!("the URL cannot be requested: {error}")))
}
