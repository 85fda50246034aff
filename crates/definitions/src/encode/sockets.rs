//! The requests of the kinds `tcp` and `tls`, and how TLS is spoken.

use serde_json::{Value, json};
use tidewatch_domain::monitor::{Encryption, Step, TcpCheck, TlsCheck, TlsOptions};

use super::reached;

pub(super) fn tcp(check: &TcpCheck) -> Value {
    let encryption = check.encryption.as_ref();
    let mut request = json!({
        "dialogue": check.dialogue.iter().map(step).collect::<Vec<_>>(),
        "tls": encryption.map(|encryption| options(&encryption.options, true)),
        "starttls": encryption.and_then(starttls),
        "reply_limit": check.reply_limit,
    });
    reached(&mut request, &check.network);
    request
}

pub(super) fn tls(check: &TlsCheck) -> Value {
    let mut request = json!({
        "tls": options(&check.encryption.options, true),
        "starttls": starttls(&check.encryption),
    });
    reached(&mut request, &check.network);
    request
}

/// How TLS is spoken; with the application protocols where they are the definition's to choose.
pub(super) fn options(options: &TlsOptions, with_alpn: bool) -> Value {
    let mut value = json!({
        "server_name": options.server_name,
        "min_version": options.min_version.name(),
        "max_version": options.max_version.name(),
        "client_certificate": options.client_certificate.as_ref().map(|client| json!({
            "certificate": client.certificate,
            "key": format!("${{{}}}", client.key),
        })),
        "roots": options.roots,
        "verify": options.verify,
    });
    if with_alpn {
        value["alpn"] = json!(options.alpn);
    }
    value
}

fn starttls(encryption: &Encryption) -> Option<&'static str> {
    encryption.starttls.map(|protocol| protocol.name())
}

fn step(step: &Step) -> Value {
    match step {
        Step::Send(message) => json!({ "send": message.to_string() }),
        Step::SendBytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "send_hex": digits })
        }
        Step::Expect(pattern) => json!({ "expect": pattern.as_str() }),
    }
}
