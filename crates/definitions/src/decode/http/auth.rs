//! How a request proves who it comes from.

use tidewatch_domain::monitor::{Auth, ClientCredentials, SecretText, limits};

use crate::decode::secrets::Policy;
use crate::decode::target;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

/// The most scopes of a token.
const SCOPES: usize = 32;

/// The field `auth` of a request.
pub(super) fn auth(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<Auth> {
    let remedy = "write a map with one of basic, bearer and oauth2";
    let mut fields = node.clone().hidden().fields(remedy, report)?;
    let basic = fields.get("basic");
    let bearer = fields.get("bearer");
    let oauth2 = fields.get("oauth2");
    fields.finish(
        &[
            ("token", "bearer"),
            ("username", "basic.username"),
            ("password", "basic.password"),
            ("oauth", "oauth2"),
        ],
        report,
    );
    match (basic, bearer, oauth2) {
        (Some(node), None, None) => {
            let remedy = "write a map, like `{username: me, password: ...}`";
            let mut fields = node.fields(remedy, report)?;
            let (username, password) = user(&mut fields, secrets, report);
            fields.finish(&[("user", "username")], report);
            Some(Auth::Basic {
                username: username?,
                password: password?,
            })
        }
        (None, Some(node), None) => secret(&node, secrets, report).map(Auth::Bearer),
        (None, None, Some(node)) => client(&node, secrets, report)
            .map(Box::new)
            .map(Auth::OAuth2),
        _ => {
            let problem = "has to be one way to authenticate";
            let remedy = "write exactly one of basic, bearer and oauth2";
            report.fault(fields.own_place(), problem, remedy);
            None
        }
    }
}

/// The fields `username` and `password`.
pub(super) fn user(
    fields: &mut Fields<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> (Option<SecretText>, Option<SecretText>) {
    let username = fields.required("username", "name the user", report);
    let username = username.and_then(|node| {
        let text = secrets.text(&node, report)?;
        if text.to_string().is_empty() {
            report.fault(&node, "is empty", "name the user");
            return None;
        }
        let colon = text.references().next().is_none() && text.to_string().contains(':');
        if colon {
            let problem = "holds a colon, which no user name can have";
            report.fault(&node, problem, "put what follows the colon into password");
            return None;
        }
        Some(text)
    });
    let password = fields.required("password", "name the secret that holds it", report);
    let password = password.and_then(|node| secret(&node, secrets, report));
    (username, password)
}

/// A text that is a credential, and therefore has to name a secret.
fn secret(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<SecretText> {
    let text = secrets.text(node, report)?;
    if text.references().next().is_none() {
        let remedy = format!(
            "keep the credential as a secret and write {}",
            secrets.example()
        );
        report.fault(node, "holds a credential in clear text", remedy);
        return None;
    }
    Some(text)
}

fn client(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<ClientCredentials> {
    let remedy = "write a map with token_url, client_id and client_secret";
    let mut fields = node.fields(remedy, report)?;
    let remedy = "write the address of the token endpoint";
    let token_url = fields.required("token_url", remedy, report);
    let token_url = token_url.and_then(|node| {
        let url = target::web_url(&node, report)?;
        super::refuse_inner(&url, node.name_place(), secrets, report);
        if url.scheme() == "http" {
            let problem = "is not https, so that the client's secret crosses the network in clear";
            report.warn(node.name_place(), problem, "use the https address");
        }
        Some(url)
    });
    let client_id = fields
        .required("client_id", "name the client", report)
        .and_then(|node| secrets.text(&node, report));
    let client_secret = fields
        .required("client_secret", "name the secret that holds it", report)
        .and_then(|node| secret(&node, secrets, report));
    let scopes = match fields.get("scopes") {
        Some(node) => scopes(&node, report)?,
        None => Vec::new(),
    };
    let audience = fields
        .get("audience")
        .and_then(|node| node.line(limits::URL, report))
        .map(str::to_owned);
    fields.finish(
        &[
            ("url", "token_url"),
            ("scope", "scopes"),
            ("id", "client_id"),
        ],
        report,
    );
    Some(ClientCredentials {
        token_url: token_url?,
        client_id: client_id?,
        client_secret: client_secret?,
        scopes,
        audience,
    })
}

fn scopes(node: &Node<'_>, report: &mut Report) -> Option<Vec<String>> {
    let nodes = node.one_or_more(report)?;
    if nodes.len() > SCOPES {
        let problem = format!("has {} elements", nodes.len());
        report.fault(node.name_place(), problem, format!("use at most {SCOPES}"));
        return None;
    }
    let mut scopes = Vec::new();
    for node in &nodes {
        let scope = node.line(limits::TEXT, report)?;
        if scope.contains(' ') {
            report.fault(node, "holds spaces", "write a list, one scope an element");
            return None;
        }
        scopes.push(scope.to_owned());
    }
    Some(scopes)
}
