//! Who answered, over which connection.

use tidewatch_domain::Attempt;
use tidewatch_domain::monitor::Connection;
use tidewatch_domain::probe::TlsFacts;

use super::{counted, in_one_piece, section};
use crate::terminal::{Look, Tone, millis};

/// Address, protocol and size of the answer; nothing when not even an address was found.
pub(super) fn render(attempt: &Attempt, look: Look) -> String {
    let mut lines = Vec::new();
    if let Some(address) = attempt.remote_addr {
        let family = if address.is_ipv6() { "IPv6" } else { "IPv4" };
        let conn = match attempt.connection {
            Connection::Fresh => "fresh",
            Connection::Reuse => "reused",
        };
        lines.push(("address", format!("{address}, {family}, {conn} connection")));
    }
    if let Some(rtt) = attempt.rtt {
        lines.push(("round trip", millis(rtt)));
    }
    if let Some(server) = attempt.server_time() {
        lines.push((
            "server",
            format!("about {}: wait less a round trip", millis(server)),
        ));
    }
    if let Some(lag) = attempt.prober_lag {
        let tainted = if attempt.is_tainted() {
            ", too much for this latency"
        } else {
            ""
        };
        lines.push(("own delay", format!("at most {}{tainted}", millis(lag))));
    }
    if let Some(version) = attempt.http_version {
        lines.push(("protocol", format!("HTTP/{version}")));
    }
    if let Some(tls) = attempt.tls.as_ref().and_then(negotiated) {
        lines.push(("TLS", tls));
    }
    if attempt.status_code.is_none() && attempt.body_bytes > 0 {
        let bytes = usize::try_from(attempt.body_bytes).unwrap_or(usize::MAX);
        lines.push(("reply", counted(bytes, "byte")));
    }
    if let Some(status) = attempt.status_code {
        let cut = if attempt.body_cut {
            ", cut at the limit"
        } else {
            ""
        };
        let bytes = counted(
            usize::try_from(attempt.body_bytes).unwrap_or(usize::MAX),
            "byte",
        );
        lines.push(("answer", format!("{status}, {bytes} of body{cut}")));
    }
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines
        .iter()
        .map(|(label, value)| in_one_piece(label, value, Tone::Plain, look));
    section("Connection", look) + &lines.collect::<String>()
}

/// `1.3, TLS13_AES_128_GCM_SHA256, X25519, ALPN h2`; `None` when the handshake did not get so far.
fn negotiated(tls: &TlsFacts) -> Option<String> {
    let mut parts = vec![tls.version?];
    parts.extend(tls.cipher.as_deref());
    parts.extend(tls.group.as_deref());
    let alpn = tls
        .alpn
        .as_deref()
        .map(|protocol| format!("ALPN {protocol}"));
    parts.extend(alpn.as_deref());
    if tls.resumed {
        parts.push("resumed");
    }
    Some(parts.join(", "))
}
