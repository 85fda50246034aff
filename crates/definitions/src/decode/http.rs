//! What belongs to the kind `http`: the URL and the request.

mod auth;
mod body;
mod proxy;

pub(super) use body::json;

use ::http::header;
use tidewatch_domain::monitor::{
    Auth, HttpCheck, Network, OverLimit, Protocol, Proxy, Redirects, RequestBody, SecretText,
    TlsOptions, limits,
};
use url::Url;

use super::secrets::Policy;
use super::target::{self, Target};
use super::tls_options::{self, Alpn};
use super::{headers, network};
use crate::address;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::{Place, Report};
use crate::tree::Value;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const DEFAULT_REDIRECTS: Redirects = Redirects::Follow {
    max: 10,
    same_host: false,
};
/// Words that other tools use.
const SYNONYMS: [(&str, &str); 9] = [
    ("header", "headers"),
    ("data", "body"),
    ("payload", "body"),
    ("params", "query"),
    ("version", "http_version"),
    ("basic_auth", "auth.basic"),
    ("bearer_token", "auth.bearer"),
    ("gzip", "compression"),
    ("follow_redirects", "redirects"),
];

/// What was decoded; faults are in the report.
#[derive(Debug)]
pub(super) struct Http {
    /// `None` when the target cannot be used.
    pub(super) check: Option<HttpCheck>,
    /// Whether the answer can have a body.
    pub(super) has_body: bool,
    /// Whether the answer can come over TLS.
    pub(super) can_be_secure: bool,
}

/// The URL of `target` and the field `request`.
pub(super) fn http(
    target: Option<&Target<'_>>,
    fields: &mut Fields<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Http {
    let url = target.and_then(|target| {
        let url = target::web_url(&target.node, report)?;
        refuse_inner(&url, target.place(), secrets, report);
        Some(url)
    });
    let request = request(fields, url.as_ref(), secrets, report);
    let plain = url.as_ref().is_some_and(|url| url.scheme() == "http");
    Http {
        has_body: request.method != "HEAD",
        can_be_secure: !plain || request.redirects != Redirects::Stop,
        check: url.map(|url| HttpCheck {
            url,
            query: request.query,
            method: request.method,
            headers: request.headers,
            body: request.body,
            auth: request.auth,
            protocol: request.protocol,
            compression: request.compression,
            redirects: request.redirects,
            proxy: request.proxy,
            network: request.network,
            tls: request.tls,
            body_limit: request.body_limit,
            over_limit: request.over_limit,
        }),
    }
}

/// Reports a URL of which the address alone says that it is refused in AWS.
fn refuse_inner(url: &Url, place: Place, secrets: Policy<'_>, report: &mut Report) {
    if secrets.mode.is_only_public()
        && let Some(problem) = url.host().and_then(|host| address::refused(&host))
    {
        let remedy = "watch a public address, or run this monitor in local mode";
        report.fault(place, format!("{problem}, which is refused in AWS"), remedy);
    }
}

/// Everything that is sent, and how.
#[derive(Debug)]
struct Request {
    query: Vec<(String, SecretText)>,
    method: String,
    headers: Vec<(String, SecretText)>,
    body: Option<RequestBody>,
    auth: Option<Auth>,
    protocol: Protocol,
    compression: bool,
    redirects: Redirects,
    proxy: Option<Box<Proxy>>,
    network: Network,
    tls: TlsOptions,
    body_limit: usize,
    over_limit: OverLimit,
}

fn request(
    fields: &mut Fields<'_>,
    url: Option<&Url>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Request {
    let mut request = Request {
        query: Vec::new(),
        method: "GET".to_owned(),
        headers: Vec::new(),
        body: None,
        auth: None,
        protocol: Protocol::Any,
        compression: false,
        redirects: DEFAULT_REDIRECTS,
        proxy: None,
        network: Network::default(),
        tls: TlsOptions::default(),
        body_limit: limits::BODY,
        over_limit: OverLimit::Cut,
    };
    let Some(node) = fields.get("request") else {
        return request;
    };
    let remedy = "write a map, like `{method: HEAD}`";
    let Some(mut fields) = node.fields(remedy, report) else {
        return request;
    };
    let fields = &mut fields;

    let method = fields.get("method");
    if let Some(known) = method.as_ref().and_then(|node| self::method(node, report)) {
        request.method = known.to_owned();
    }
    if let Some(node) = fields.get("query") {
        request.query = body::pairs(&node.hidden(), secrets, report);
    }
    if let Some(node) = fields.get("headers") {
        request.headers = headers::headers(&node, secrets, report);
    }
    if let Some((node, body)) = body::body(fields, secrets, report) {
        request.body = body;
        if method.is_none() {
            let remedy = "name the method, usually `POST`";
            report.warn(&node, "is sent with the method GET", remedy);
        }
    }
    if let Some(node) = fields.get("auth") {
        request.auth = auth::auth(&node, secrets, report);
        let named = |(name, _): &(String, SecretText)| name == header::AUTHORIZATION.as_str();
        if request.headers.iter().any(named) {
            let problem = "would be sent beside the header `authorization`";
            report.fault(node.name_place(), problem, "keep one of the two");
        }
    }
    if let Some(protocol) = fields
        .get("http_version")
        .and_then(|node| protocol(&node, report))
    {
        request.protocol = protocol;
    }
    if let Some(compression) = fields
        .get("compression")
        .and_then(|node| node.boolean(report))
    {
        request.compression = compression;
    }
    if let Some(redirects) = fields
        .get("redirects")
        .and_then(|node| redirects(&node, report))
    {
        request.redirects = redirects;
    }
    if let Some(node) = fields.get("proxy") {
        request.proxy = proxy::proxy(&node, secrets, report).map(Box::new);
        let plain = url.is_some_and(|url| url.scheme() == "http");
        if plain && request.protocol == Protocol::Http2 {
            let problem = "cannot be asked for HTTP/2 without TLS";
            let remedy = "leave out http_version, or the proxy";
            report.fault(node.name_place(), problem, remedy);
        }
    }
    request.network = network::network(fields, secrets.mode, report);
    if let Some(node) = fields.get("address")
        && request.proxy.is_some()
    {
        let problem = "is not used: the proxy looks the target up";
        report.fault(&node, problem, "leave it out, or the proxy");
    }
    if let Some(node) = fields.get("tls") {
        request.tls = tls_options::tls(&node, Alpn::OfKind, secrets, report);
    }
    if let Some(node) = fields.get("body_limit")
        && let Some(limit) = node.whole(0..=limits::BODY_MAX as u64, report)
    {
        request.body_limit = usize::try_from(limit).unwrap_or(limits::BODY_MAX);
    }
    let over_limit = [("cut", OverLimit::Cut), ("fail", OverLimit::Fail)];
    if let Some(over_limit) = fields
        .get("body_over_limit")
        .and_then(|node| node.choice(&over_limit, report))
    {
        request.over_limit = over_limit;
    }
    fields.finish(&SYNONYMS, report);
    request
}

fn method(node: &Node<'_>, report: &mut Report) -> Option<&'static str> {
    let text = node.text(report)?;
    let known = METHODS
        .into_iter()
        .find(|method| method.eq_ignore_ascii_case(text));
    if known.is_none() {
        let choices = METHODS.map(|method| (method, method));
        return node.choice(&choices, report);
    }
    known
}

/// `any`, `1.1` or `2`, which YAML takes for numbers.
fn protocol(node: &Node<'_>, report: &mut Report) -> Option<Protocol> {
    let known = match &node.tree.value {
        Value::Number(text) | Value::Text(text) => match text.as_str() {
            "any" => Some(Protocol::Any),
            "1.1" => Some(Protocol::Http1),
            "2" => Some(Protocol::Http2),
            _ => None,
        },
        _ => {
            node.mismatch("a version of HTTP", "write `any`, 1.1 or 2", report);
            return None;
        }
    };
    if known.is_none() {
        let problem = "is no version of HTTP that can be asked for";
        report.fault(node, problem, "write `any`, 1.1 or 2");
    }
    known
}

fn redirects(node: &Node<'_>, report: &mut Report) -> Option<Redirects> {
    if let Value::Map(_) = node.tree.value {
        let mut fields = node.fields("", report)?;
        let max = fields.required("max", "write `{max: 5}`, `follow` or `stop`", report);
        let most = max.and_then(|node| node.whole(1..=u64::from(limits::REDIRECTS), report));
        let same_host = fields
            .get("same_host")
            .and_then(|node| node.boolean(report))
            .unwrap_or(false);
        fields.finish(&[], report);
        return Some(Redirects::Follow {
            max: u8::try_from(most?).ok()?,
            same_host,
        });
    }
    if let Value::Text(_) = node.tree.value {
        return node.choice(
            &[("follow", DEFAULT_REDIRECTS), ("stop", Redirects::Stop)],
            report,
        );
    }
    node.mismatch(
        "a way to treat redirects",
        "write `follow`, `stop` or `{max: 5}`",
        report,
    );
    None
}
