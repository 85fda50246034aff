//! How TLS is spoken: the fields `tls` and `starttls` of a request.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tidewatch_domain::monitor::{
    ClientCertificate, Encryption, StartTls, TlsOptions, TlsVersion, limits,
};
use url::Host;

use super::secrets::Policy;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;
use crate::tree::Value;

/// The longest name of an application protocol, in bytes (RFC 7301).
const LONGEST_PROTOCOL: usize = 255;

/// The fields `tls` and `starttls`; `None` where neither is there.
pub(super) fn encryption(
    fields: &mut Fields<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<Encryption> {
    let options = fields.get("tls");
    let choices: Vec<_> = StartTls::ALL
        .iter()
        .map(|protocol| (protocol.name(), *protocol))
        .collect();
    let starttls = fields.get("starttls");
    if options.is_none() && starttls.is_none() {
        return None;
    }
    Some(Encryption {
        starttls: starttls.and_then(|node| node.choice(&choices, report)),
        options: options
            .map(|node| tls(&node, Alpn::Ours, secrets, report))
            .unwrap_or_default(),
    })
}

/// Whose the choice of application protocols is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alpn {
    /// The definition's.
    Ours,
    /// The kind of check offers what it speaks.
    OfKind,
}

/// The options of a field `tls`.
pub(super) fn tls(
    node: &Node<'_>,
    alpn: Alpn,
    secrets: Policy<'_>,
    report: &mut Report,
) -> TlsOptions {
    let mut options = TlsOptions::default();
    let remedy = "write a map, like `{min_version: \"1.3\"}`; `{}` has the defaults";
    let Some(mut fields) = node.fields(remedy, report) else {
        return options;
    };
    options.server_name = fields
        .get("server_name")
        .and_then(|node| server_name(&node, report));
    if alpn == Alpn::Ours
        && let Some(node) = fields.get("alpn")
    {
        options.alpn = protocols(&node, report);
    }
    versions(&mut fields, &mut options, report);
    if let Some(node) = fields.get("client_certificate") {
        options.client_certificate = client_certificate(&node, secrets, report);
    }
    let roots = fields.get("roots");
    options.roots = roots
        .as_ref()
        .and_then(|node| certificates(node, report))
        .map(str::to_owned);
    if let Some(verify) = fields.get("verify").and_then(|node| node.boolean(report)) {
        options.verify = verify;
    }
    if let Some(node) = roots.filter(|_| !options.verify) {
        let problem = "is never looked at, because nothing is verified";
        report.fault(&node.hidden(), problem, "remove it, or `verify: false`");
    }
    let synonyms = [
        ("sni", "server_name"),
        ("ca", "roots"),
        ("insecure", "verify"),
        ("cert", "client_certificate"),
    ];
    fields.finish(&synonyms, report);
    options
}

/// A name, as the certificate has it: without a port, not an address.
fn server_name(node: &Node<'_>, report: &mut Report) -> Option<String> {
    let text = node.line(limits::TEXT, report)?;
    match Host::parse(text) {
        Ok(Host::Domain(name)) if !name.contains(':') => Some(name),
        _ => {
            let remedy = "write a host name, like `shop.example.com`";
            report.fault(node, "is not a name that can be asked for", remedy);
            None
        }
    }
}

fn protocols(node: &Node<'_>, report: &mut Report) -> Vec<String> {
    let remedy = "write a list, like `[imap]`";
    let Some(nodes) = node.list(remedy, report) else {
        return Vec::new();
    };
    if nodes.len() > limits::ALPN {
        let problem = format!("has {} elements", nodes.len());
        report.fault(node, problem, format!("use at most {}", limits::ALPN));
    }
    nodes
        .iter()
        .filter_map(|node| Some(node.line(LONGEST_PROTOCOL, report)?.to_owned()))
        .collect()
}

fn versions(fields: &mut Fields<'_>, options: &mut TlsOptions, report: &mut Report) {
    let mut version = |name, report: &mut Report| {
        let node = fields.get(name)?;
        let version = self::version(&node, report)?;
        Some((node, version))
    };
    let min = version("min_version", report);
    let max = version("max_version", report);
    if let Some((_, version)) = min {
        options.min_version = version;
    }
    if let Some((node, version)) = max {
        options.max_version = version;
        if options.min_version > version {
            let problem = format!("is older than min_version ({})", options.min_version.name());
            report.fault(&node, problem, "leave one of the two out");
        }
    }
}

/// `1.2` or `1.3`, as a text or as a number.
fn version(node: &Node<'_>, report: &mut Report) -> Option<TlsVersion> {
    if let Value::Number(number) = &node.tree.value {
        let known = TlsVersion::ALL
            .iter()
            .find(|version| version.name() == number);
        if known.is_none() {
            report.fault(node, "is not a version of TLS", "use 1.2 or 1.3");
        }
        return known.copied();
    }
    let choices: Vec<_> = TlsVersion::ALL
        .iter()
        .map(|version| (version.name(), *version))
        .collect();
    node.choice(&choices, report)
}

fn client_certificate(
    node: &Node<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<ClientCertificate> {
    let remedy = "write a map with `certificate` and `key`";
    let mut fields = node.fields(remedy, report)?;
    let certificate = fields.required("certificate", "put the PEM text there", report);
    let certificate = certificate.and_then(|node| {
        let text = certificates(&node, report)?;
        Some(text.to_owned())
    });
    let remedy = format!("name the secret, like {}", secrets.example());
    let key = fields.required("key", &remedy, report);
    let key = key.and_then(|node| {
        let node = node.hidden();
        let text = secrets.text(&node, report)?;
        let only = text.only_reference().cloned();
        if only.is_none() {
            report.fault(&node, "is not a reference to a secret", &remedy);
        }
        only
    });
    fields.finish(&[("cert", "certificate")], report);
    Some(ClientCertificate {
        certificate: certificate?,
        key: key?,
    })
}

/// PEM text with at least one certificate, and no key.
fn certificates<'t>(node: &Node<'t>, report: &mut Report) -> Option<&'t str> {
    // It may hold a key by mistake.
    let node = node.clone().hidden();
    let text = node.text(report)?;
    let remedy = "put the text of the certificates there, from `-----BEGIN CERTIFICATE-----` on";
    if text.len() > limits::CERTIFICATES {
        let problem = format!("is {} bytes long", text.len());
        let remedy = format!("use at most {} bytes", limits::CERTIFICATES);
        report.fault(&node, problem, remedy);
    } else if text.contains("PRIVATE KEY-----") {
        let remedy = "keep the key as a secret, and have it replaced: it was in a definition";
        report.fault(&node, "holds a private key", remedy);
    } else {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
        match found {
            Ok(found) if !found.is_empty() => return Some(text),
            Ok(_) => report.fault(&node, "holds no certificate", remedy),
            Err(_) => report.fault(&node, "is not PEM text", remedy),
        }
    }
    None
}
