//! Who answered and what: connection, certificate, redirects, assertions.

use tidewatch_domain::monitor::AssertionResult;
use tidewatch_domain::probe::{CertificateFacts, Hop, TlsFacts};
use tidewatch_domain::{Attempt, Timestamp};

use super::{counted, labelled, section};
use crate::terminal::{Cell, Column, Look, Table, Tone, millis};

/// Names of a certificate that are shown; some have hundreds.
const NAMES: usize = 6;

/// What one attempt learned about the other side; parts about which it learned nothing are absent.
pub(super) fn render(attempt: &Attempt, now: Timestamp, look: Look) -> String {
    let mut text = connection(attempt, look);
    let tls = attempt.tls.as_ref();
    if let Some(certificate) = tls.and_then(|tls| tls.certificate.as_ref()) {
        text.push_str(&self::certificate(certificate, now, look));
    }
    if !attempt.hops.is_empty() {
        text.push_str(&redirects(&attempt.hops, look));
    }
    if !attempt.assertions.is_empty() {
        text.push_str(&assertions(&attempt.assertions, look));
    }
    text
}

fn connection(attempt: &Attempt, look: Look) -> String {
    let mut lines = Vec::new();
    if let Some(address) = attempt.remote_addr {
        lines.push(("address", address.to_string()));
    }
    if let Some(rtt) = attempt.rtt {
        lines.push(("round trip", millis(rtt)));
    }
    if let Some(version) = attempt.http_version {
        lines.push(("protocol", format!("HTTP/{version}")));
    }
    if let Some(tls) = attempt.tls.as_ref().and_then(negotiated) {
        lines.push(("TLS", tls));
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
        .map(|(label, value)| labelled(label, value, Tone::Plain, look));
    section("Connection", look) + &lines.collect::<String>()
}

/// `1.3, TLS13_AES_128_GCM_SHA256, X25519`; `None` when the handshake did not get so far.
fn negotiated(tls: &TlsFacts) -> Option<String> {
    let mut parts = vec![tls.version?];
    parts.extend(tls.cipher.as_deref());
    parts.extend(tls.group.as_deref());
    if tls.resumed {
        parts.push("resumed");
    }
    Some(parts.join(", "))
}

fn certificate(facts: &CertificateFacts, now: Timestamp, look: Look) -> String {
    let days = facts.days_left(now);
    let (validity, tone) = match days {
        ..0 => (format!("expired {} ago", counted_days(-days)), Tone::Bad),
        0..=20 => (format!("{} left", counted_days(days)), Tone::Warn),
        _ => (format!("{} left", counted_days(days)), Tone::Good),
    };
    let until = facts.not_after.to_string();
    let day = until.get(..10).unwrap_or(&until);
    let (trust, trust_tone) = match facts.verified {
        true => ("a path to a trusted root was found", Tone::Good),
        false => ("no path to a trusted root was found", Tone::Bad),
    };
    let mut names: Vec<&str> = facts.names.iter().take(NAMES).map(String::as_str).collect();
    let more = format!("and {} more", facts.names.len().saturating_sub(NAMES));
    if facts.names.len() > NAMES {
        names.push(&more);
    }
    [
        section("Certificate", look),
        labelled("subject", &facts.subject, Tone::Plain, look),
        labelled("issuer", &facts.issuer, Tone::Plain, look),
        labelled("valid until", &format!("{day}, {validity}"), tone, look),
        labelled("names", &names.join(", "), Tone::Plain, look),
        labelled("trust", trust, trust_tone, look),
        labelled(
            "chain",
            &counted(facts.presented, "certificate"),
            Tone::Plain,
            look,
        ),
        labelled("SHA-256", &facts.fingerprint, Tone::Plain, look),
    ]
    .concat()
}

fn counted_days(days: i64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}

fn redirects(hops: &[Hop], look: Look) -> String {
    let mut table = Table::new(vec![
        Column::right("hop"),
        Column::right("status"),
        Column::right("total ms"),
        Column::left("URL"),
    ]);
    for (number, hop) in (1..).zip(hops) {
        let number: u32 = number;
        table.push(vec![
            Cell::new(number.to_string()),
            Cell::new(hop.status_code.to_string()),
            Cell::new(format!("{:.1}", hop.phases.total.as_secs_f64() * 1e3)),
            Cell::new(&hop.url),
        ]);
    }
    section("Redirects", look) + &table.render(look)
}

fn assertions(results: &[AssertionResult], look: Look) -> String {
    let mut table = Table::new(vec![
        Column::left("holds"),
        Column::left("what"),
        Column::left("expected"),
        Column::left("actual"),
    ]);
    for result in results {
        let holds = match result.passed {
            true => Cell::toned("yes", Tone::Good),
            false => Cell::toned("no", Tone::Bad),
        };
        table.push(vec![
            holds,
            Cell::new(&result.expression),
            Cell::new(&result.expected),
            Cell::new(&result.actual),
        ]);
    }
    section("Assertions", look) + &table.render(look)
}
