//! What is sent: the request of a definition with its secrets in place, and what becomes of it
//! when it is redirected.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::uri::{Parts, PathAndQuery, Scheme, Uri};
use http::{HeaderMap, Method, StatusCode};
use tidewatch_domain::monitor::{Auth, HttpCheck, SecretText};
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner, Monitor};
use url::{Position, Url};

use super::connection::{Connection, Protocol};
use super::credentials::{self, Secrets};
use super::origin::Origin;
use super::proxy::Gateway;
use super::token::Grant;
use super::{coding, redirect};
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
    /// What the body is, unless a header says it.
    content_type: Option<&'static str>,
    accept_encoding: &'static str,
    user_agent: HeaderValue,
    /// The header `authorization`, where it comes from elsewhere than the headers.
    authorization: Option<HeaderValue>,
    /// Where another token comes from, and the one in use.
    grant: Option<(Grant, String)>,
    /// The proxy in between.
    pub(super) gateway: Option<Gateway>,
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
    /// Reads the secrets and the token that the request of `monitor` needs and puts them in
    /// place. Each may take as long as an attempt.
    pub(super) async fn prepare(
        tools: &Tools,
        monitor: &Monitor,
        check: &HttpCheck,
    ) -> Result<Self, Cause> {
        let method = Method::from_bytes(check.method.as_bytes())
            .map_err(|_| faulty(format!("`{}` is not an HTTP method", check.method)))?;
        let limit = monitor.timeouts.attempt;
        let secrets = Secrets::read(tools.secrets.as_ref(), texts(check), limit).await?;
        let mut redactor = Redactor::default();
        secrets.hide(&mut redactor);
        let url = url(check, &secrets);
        redactor.add_query(&url);
        let mut headers = Vec::with_capacity(check.headers.len());
        let mut host = None;
        for (name, text) in &check.headers {
            let line = line(name, text, &secrets)?;
            if line.private {
                credentials::hide(&line.value, &mut redactor);
            }
            if line.name == header::HOST {
                host = Some(line.value);
            } else {
                headers.push(line);
            }
        }
        let gateway = match &check.proxy {
            Some(proxy) => Some(Gateway::prepare(proxy, &secrets, &mut redactor)?),
            None => None,
        };
        let mut template = Template {
            method,
            origin: Origin::of(&url),
            url,
            headers,
            host,
            body: check
                .body
                .as_ref()
                .map(|body| Bytes::from(secrets.fill_body(body))),
            body_is_private: check
                .body
                .as_ref()
                .is_some_and(|body| credentials::has_secrets(&body.text)),
            content_type: check
                .body
                .as_ref()
                .and_then(|body| body.format.content_type()),
            accept_encoding: if check.compression {
                coding::OFFERED
            } else {
                // Bodies are judged as they are sent.
                "identity"
            },
            user_agent: HeaderValue::from_str(&tools.user_agent)
                .map_err(|_| faulty("the prober's user agent is no header value".to_owned()))?,
            authorization: None,
            grant: None,
            gateway,
            redactor,
        };
        if let Some(auth) = &check.auth {
            template
                .authenticate(tools, monitor, auth, &secrets)
                .await?;
        }
        Ok(template)
    }

    async fn authenticate(
        &mut self,
        tools: &Tools,
        monitor: &Monitor,
        auth: &Auth,
        secrets: &Secrets,
    ) -> Result<(), Cause> {
        match auth {
            Auth::Basic { username, password } => {
                let password = secrets.fill(password);
                self.redactor.add(&password);
                self.authorize(&credentials::basic(&secrets.fill(username), &password))
            }
            Auth::Bearer(token) => self.authorize(&format!("Bearer {}", secrets.fill(token))),
            Auth::OAuth2(client) => {
                let grant = Grant::prepare(monitor, client, secrets, &mut self.redactor)?;
                let token = grant
                    .token(tools, monitor, None)
                    .await
                    .map_err(|cause| Cause {
                        text: self.redactor.text(&cause.text),
                        ..cause
                    })?;
                self.authorize(&format!("Bearer {token}"))?;
                self.grant = Some((grant, token));
                Ok(())
            }
        }
    }

    fn authorize(&mut self, text: &str) -> Result<(), Cause> {
        let value = credentials::private_value(&header::AUTHORIZATION, text)?;
        credentials::hide(&value, &mut self.redactor);
        self.authorization = Some(value);
        Ok(())
    }

    /// Whether the request carries a token that could be replaced by another one.
    pub(super) fn can_renew_token(&self) -> bool {
        self.grant.is_some()
    }

    /// Gets another token in place of the present one, once a probe.
    pub(super) async fn renew_token(
        &mut self,
        tools: &Tools,
        monitor: &Monitor,
    ) -> Result<(), Cause> {
        let Some((grant, stale)) = self.grant.take() else {
            return Ok(());
        };
        let token = grant.token(tools, monitor, Some(&stale)).await?;
        self.authorize(&format!("Bearer {token}"))
    }

    /// The proxy that `request` is handed to as a whole, rather than sent through a tunnel.
    pub(super) fn forwards(&self, request: &Request) -> Option<&Gateway> {
        self.gateway
            .as_ref()
            .filter(|_| request.url.scheme() == "http")
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
                *message.uri_mut() = if let Some(gateway) = self.forwards(request) {
                    if let Some(value) = &gateway.authorization {
                        headers.insert(header::PROXY_AUTHORIZATION, value.clone());
                    }
                    // A proxy has to be told where to go.
                    absolute(&request.url, &authority(&request.url)?)?
                } else {
                    path(&request.url)?.into()
                };
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
        if let Some(value) = self.authorization.as_ref().filter(|_| at_home) {
            headers.insert(header::AUTHORIZATION, value.clone());
        }
        if let Some(content_type) = self.content_type.filter(|_| with_body) {
            headers
                .entry(header::CONTENT_TYPE)
                .or_insert(HeaderValue::from_static(content_type));
        }
        let standard = [
            (header::USER_AGENT, self.user_agent.clone()),
            (header::ACCEPT, HeaderValue::from_static("*/*")),
            (
                header::ACCEPT_ENCODING,
                HeaderValue::from_static(self.accept_encoding),
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

/// The texts of a check that may name secrets.
fn texts(check: &HttpCheck) -> impl Iterator<Item = &SecretText> {
    let pairs = check.query.iter().chain(&check.headers);
    let auth = check.auth.iter().flat_map(Auth::texts).flatten();
    let proxy = check
        .proxy
        .iter()
        .filter_map(|proxy| proxy.credentials.as_ref())
        .flat_map(|(username, password)| [username, password]);
    pairs
        .map(|(_, text)| text)
        .chain(check.body.iter().map(|body| &body.text))
        .chain(auth)
        .chain(proxy)
}

/// The address with its whole query, without a fragment.
fn url(check: &HttpCheck, secrets: &Secrets) -> Url {
    let mut url = check.url.clone();
    url.set_fragment(None);
    if !check.query.is_empty() {
        let mut pairs = url.query_pairs_mut();
        for (name, text) in &check.query {
            pairs.append_pair(name, &secrets.fill(text));
        }
    }
    url
}

fn line(name: &str, text: &SecretText, secrets: &Secrets) -> Result<Line, Cause> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        faulty(format!(
            "header `{name}` cannot be sent: its name has characters that HTTP does not allow"
        ))
    })?;
    let mut value = credentials::private_value(&name, &secrets.fill(text))?;
    let private = credentials::has_secrets(text) || CREDENTIALS.contains(&name);
    value.set_sensitive(private);
    Ok(Line {
        name,
        value,
        private,
    })
}

/// Host and port of `url`, as the header `host` has them.
pub(super) fn authority(url: &Url) -> Result<HeaderValue, Cause> {
    HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])
        .map_err(|_| faulty("the URL's host is no header value".to_owned()))
}

/// Path and query of `url`, as HTTP/1 asks for them.
pub(super) fn path(url: &Url) -> Result<PathAndQuery, Cause> {
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
