//! The proxy through which the target is asked.

use tidewatch_domain::monitor::Proxy;
use url::Url;

use super::auth;
use crate::decode::secrets::Policy;
use crate::decode::target;
use crate::node::Node;
use crate::report::Report;
use crate::tree::Value;

const REMEDY: &str = "write its address, like `http://proxy.example:3128`";

/// The field `proxy` of a request: an address, or a map with credentials beside it.
pub(super) fn proxy(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<Proxy> {
    if !matches!(node.tree.value, Value::Map(_)) {
        return Some(Proxy {
            url: address(node, secrets, report)?,
            credentials: None,
        });
    }
    let mut fields = node.clone().hidden().fields(REMEDY, report)?;
    let url = fields
        .required("url", REMEDY, report)
        .and_then(|node| address(&node, secrets, report));
    let given = [fields.get("username"), fields.get("password")];
    let credentials = if given.iter().any(Option::is_some) {
        let (username, password) = auth::user(&mut fields, secrets, report);
        Some((username?, password?))
    } else {
        None
    };
    fields.finish(&[("user", "username"), ("address", "url")], report);
    Some(Proxy {
        url: url?,
        credentials,
    })
}

fn address(node: &Node<'_>, secrets: Policy<'_>, report: &mut Report) -> Option<Url> {
    if let Value::Text(text) = &node.tree.value
        && text.contains('@')
    {
        let remedy = "write a map with url, username and password";
        report.fault(node.name_place(), "holds user information", remedy);
        return None;
    }
    if let Value::Text(text) = &node.tree.value
        && !text.contains("://")
    {
        report.fault(node, "is not a URL", REMEDY);
        return None;
    }
    let url = target::web_url(node, report)?;
    if url.scheme() != "http" {
        report.fault(node.name_place(), "is not a plain HTTP proxy", REMEDY);
        return None;
    }
    if url.path() != "/" || url.query().is_some() {
        report.fault(node.name_place(), "has more than a host and a port", REMEDY);
        return None;
    }
    super::refuse_inner(&url, node.name_place(), secrets, report);
    Some(url)
}
