//! What belongs to the kind `http`: the URL and the request.

use tidewatch_domain::monitor::{HttpCheck, Network, Redirects, SecretText, limits};

use super::secrets::Policy;
use super::target::{self, Target};
use super::{headers, network};
use crate::address;
use crate::fields::Fields;
use crate::load::Mode;
use crate::node::Node;
use crate::report::Report;
use crate::tree::Value;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const DEFAULT_REDIRECTS: Redirects = Redirects::Follow { max: 10 };

/// What was decoded; faults are in the report.
#[derive(Debug)]
pub(super) struct Http {
    /// `None` when the target cannot be used.
    pub(super) check: Option<HttpCheck>,
    /// Whether the answer can have a body.
    pub(super) has_body: bool,
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
        if secrets.mode == Mode::Aws
            && let Some(problem) = url.host().and_then(|host| address::refused(&host))
        {
            let remedy = "watch a public address, or run this monitor in local mode";
            let problem = format!("{problem}, which is refused in AWS");
            report.fault(target.place(), problem, remedy);
        }
        Some(url)
    });
    let request = request(fields, secrets, report);
    Http {
        has_body: request.method != "HEAD",
        check: url.map(|url| HttpCheck {
            url,
            method: request.method,
            headers: request.headers,
            body: request.body,
            redirects: request.redirects,
            network: request.network,
            body_limit: request.body_limit,
        }),
    }
}

/// Everything that is sent, and how.
#[derive(Debug)]
struct Request {
    method: String,
    headers: Vec<(String, SecretText)>,
    body: Option<SecretText>,
    redirects: Redirects,
    network: Network,
    body_limit: usize,
}

fn request(fields: &mut Fields<'_>, secrets: Policy<'_>, report: &mut Report) -> Request {
    let mut request = Request {
        method: "GET".to_owned(),
        headers: Vec::new(),
        body: None,
        redirects: DEFAULT_REDIRECTS,
        network: Network::default(),
        body_limit: limits::BODY,
    };
    let Some(node) = fields.get("request") else {
        return request;
    };
    let remedy = "write a map, like `{method: HEAD}`";
    let Some(mut fields) = node.fields(remedy, report) else {
        return request;
    };

    let method = fields.get("method");
    if let Some(known) = method.as_ref().and_then(|node| self::method(node, report)) {
        request.method = known.to_owned();
    }
    if let Some(node) = fields.get("headers") {
        request.headers = headers::headers(&node, secrets, report);
    }
    if let Some(node) = fields.get("body") {
        request.body = body(&node.clone().hidden(), secrets, report);
        if method.is_none() {
            let remedy = "name the method, usually `POST`";
            report.warn(&node.hidden(), "is sent with the method GET", remedy);
        }
    }
    if let Some(redirects) = fields
        .get("redirects")
        .and_then(|node| redirects(&node, report))
    {
        request.redirects = redirects;
    }
    request.network = network::network(&mut fields, secrets.mode, report);
    if let Some(node) = fields.get("body_limit")
        && let Some(limit) = node.whole(0..=limits::BODY_MAX as u64, report)
    {
        request.body_limit = usize::try_from(limit).unwrap_or(limits::BODY_MAX);
    }
    fields.finish(
        &[("header", "headers"), ("data", "body"), ("payload", "body")],
        report,
    );
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

fn body(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<SecretText> {
    let text = node.text(report)?;
    if text.len() > limits::REQUEST_BODY {
        let problem = format!("is {} bytes long", text.len());
        report.fault(
            node,
            problem,
            format!("use at most {} bytes", limits::REQUEST_BODY),
        );
        return None;
    }
    secrets.text(node, report)
}

fn redirects(node: &Node<'_>, report: &mut Report) -> Option<Redirects> {
    if let Value::Map(_) = node.tree.value {
        let mut fields = node.fields("", report)?;
        let max = fields.required("max", "write `{max: 5}`, `follow` or `stop`", report);
        let most = max.and_then(|node| node.whole(1..=u64::from(limits::REDIRECTS), report));
        fields.finish(&[], report);
        return Some(Redirects::Follow {
            max: u8::try_from(most?).ok()?,
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
