//! The certificate that was presented.

use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::{CertificateFacts, Staple};

use super::chain::{self, day};
use super::{in_one_piece, labelled, section};
use crate::terminal::{Look, Tone};

/// Names of a certificate that are shown; some have hundreds.
const NAMES: usize = 6;

/// Whose it is, from whom, until when, and whether it is trusted.
pub(super) fn render(
    facts: &CertificateFacts,
    staple: Option<&Staple>,
    now: Timestamp,
    look: Look,
) -> String {
    let days = facts.days_left(now);
    let (validity, tone) = match days {
        ..0 => (format!("expired {} ago", counted_days(-days)), Tone::Bad),
        0..=20 => (format!("{} left", counted_days(days)), Tone::Warn),
        _ => (format!("{} left", counted_days(days)), Tone::Good),
    };
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
        labelled(
            "valid until",
            &format!("{}, {validity}", day(facts.not_after)),
            tone,
            look,
        ),
        labelled("names", &names.join(", "), Tone::Plain, look),
        labelled("trust", trust, trust_tone, look),
        staple.map_or_else(String::new, |staple| revocation(staple, look)),
        in_one_piece("SHA-256", &facts.fingerprint, Tone::Plain, look),
        chain::render(facts, now, look),
    ]
    .concat()
}

/// What the authority says, in the response that the server brought along.
fn revocation(staple: &Staple, look: Look) -> String {
    let (said, tone) = match staple {
        Staple::Good => (
            "not revoked, says the stapled response".to_owned(),
            Tone::Good,
        ),
        Staple::Revoked { at, reason } => {
            let reason = reason.map_or(String::new(), |reason| format!(" for {reason}"));
            (format!("revoked on {}{reason}", day(*at)), Tone::Bad)
        }
        Staple::Unusable(why) => (
            format!("the stapled response proves nothing: {why}"),
            Tone::Warn,
        ),
    };
    labelled("revocation", &said, tone, look)
}

/// `1 day`, `40 days`.
pub(super) fn counted_days(days: i64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stapled_response_is_told_in_words() {
        let said = |staple: Staple| revocation(&staple, Look::plain(80));
        let revoked = Staple::Revoked {
            at: Timestamp::from_secs(1_795_330_800),
            reason: Some("keyCompromise"),
        };
        assert_eq!(
            said(revoked),
            "  revocation  revoked on 2026-11-22 for keyCompromise\n"
        );
        assert_eq!(
            said(Staple::Unusable("it is out of date".to_owned())),
            "  revocation  the stapled response proves nothing: it is out of date\n"
        );
    }
}
