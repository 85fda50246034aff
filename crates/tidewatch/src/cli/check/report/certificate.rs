//! The certificate that was presented.

use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::CertificateFacts;

use super::{chain, in_one_piece, labelled, section};
use crate::terminal::{Look, Tone};

/// Names of a certificate that are shown; some have hundreds.
const NAMES: usize = 6;

/// Whose it is, from whom, until when, and whether it is trusted.
pub(super) fn render(facts: &CertificateFacts, now: Timestamp, look: Look) -> String {
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
        in_one_piece("subject", &facts.subject, Tone::Plain, look),
        in_one_piece("issuer", &facts.issuer, Tone::Plain, look),
        labelled("valid until", &format!("{day}, {validity}"), tone, look),
        labelled("names", &names.join(", "), Tone::Plain, look),
        labelled("trust", trust, trust_tone, look),
        in_one_piece("SHA-256", &facts.fingerprint, Tone::Plain, look),
        chain::render(facts, now, look),
    ]
    .concat()
}

/// `1 day`, `40 days`.
pub(super) fn counted_days(days: i64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}
