//! What is watched, and by which kind of check.

use tidewatch_domain::monitor::{Kind, limits};
use url::Url;

use crate::fault::shortened;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::{Place, Report};

/// The target as written; its kind knows how to read it.
#[derive(Debug)]
pub(super) struct Target<'t> {
    pub(super) node: Node<'t>,
    pub(super) text: &'t str,
}

impl Target<'_> {
    /// Where it stands, with as much of it as may be shown.
    pub(super) fn place(&self) -> Place {
        place(&self.node, self.text)
    }
}

/// The field `target`.
pub(super) fn target<'t>(fields: &mut Fields<'t>, report: &mut Report) -> Option<Target<'t>> {
    let node = fields.required(
        "target",
        "write the URL to watch, like `https://example.com/`",
        report,
    )?;
    let text = node.text(report)?;
    if text.contains("${") {
        let remedy = "put the secret into a header of the request";
        report.fault(
            place(&node, text),
            "must not name secrets, because it is shown",
            remedy,
        );
        return None;
    }
    Some(Target { node, text })
}

/// The kind of check; the target's scheme decides when the field is absent.
pub(super) fn kind(
    fields: &mut Fields<'_>,
    target: Option<&Target<'_>>,
    report: &mut Report,
) -> Option<Kind> {
    let Some(node) = fields.get("kind") else {
        return Some(target.map_or(Kind::Http, |target| of_scheme(target.text)));
    };
    if node.tree.is_text("https") {
        report.fault(
            &node,
            "is not one of the known words",
            "write `http`, for both schemes",
        );
        return None;
    }
    let choices: Vec<_> = Kind::ALL.iter().map(|kind| (kind.name(), *kind)).collect();
    node.choice(&choices, report)
}

/// The kind that a target's scheme stands for; what has none is taken for an incomplete URL.
fn of_scheme(target: &str) -> Kind {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    Kind::ALL
        .iter()
        .copied()
        .find(|kind| scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(kind.name())))
        .unwrap_or(Kind::Http)
}

/// An absolute `http` or `https` URL with a host and without user information.
pub(super) fn web_url(node: &Node<'_>, report: &mut Report) -> Option<Url> {
    let text = node.text(report)?;
    let place = place(node, text);
    if text.len() > limits::URL {
        let problem = format!("is {} bytes long", text.len());
        report.fault(place, problem, format!("use at most {} bytes", limits::URL));
        return None;
    }
    if text
        .chars()
        .any(|character| character.is_control() || character == ' ')
    {
        report.fault(
            place,
            "holds spaces or control characters",
            "write spaces as `%20`",
        );
        return None;
    }
    let example = "write a URL like `https://example.com/`";
    let Some((scheme, rest)) = text.split_once("://") else {
        let like_host = text.contains('.') && !text.contains(['/', ':', '@', '?', '#']);
        let remedy = if like_host {
            format!("write `https://{}`", shortened(text))
        } else {
            example.to_owned()
        };
        report.fault(place, "is not a URL", remedy);
        return None;
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        report.fault(place, "has a scheme other than http and https", example);
        return None;
    }
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => {
            report.fault(place, format!("is not a URL: {error}"), example);
            return None;
        }
    };
    // The parser forgives a missing or additional slash, and then takes the path for the host.
    if rest.starts_with(['/', '\\']) {
        report.fault(
            place,
            "is not a URL: two slashes belong before the host",
            example,
        );
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        let remedy = "remove it; send credentials as a header `authorization` that names a secret";
        report.fault(place, "holds user information", remedy);
        return None;
    }
    if url.port() == Some(0) {
        report.fault(place, "has port 0", "name the port the server listens on");
        return None;
    }
    // Never sent to a server.
    url.set_fragment(None);
    Some(url)
}

/// The URL as it may be shown: without user information and query, where people put credentials.
fn place(node: &Node<'_>, text: &str) -> Place {
    let (before_query, query) = match text.split_once('?') {
        Some((before, _)) => (before, "?…"),
        None => (text, ""),
    };
    let shown = match before_query.split_once("://") {
        Some((scheme, rest)) => {
            let host_and_path = rest.rsplit_once('@').map_or(rest, |(_, after)| after);
            format!("{scheme}://{host_and_path}{query}")
        }
        None => format!(
            "{}{query}",
            before_query.rsplit('@').next().unwrap_or_default()
        ),
    };
    Place {
        value: Some(shortened(&shown)),
        ..Place::from(node)
    }
}
