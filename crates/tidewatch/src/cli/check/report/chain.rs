//! The certificates that were presented, as a tree: who issued whom.

use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::{CertificateFacts, ChainLink};

use super::certificate::counted_days;
use super::{INDENT, counted, on_one_line, section};
use crate::terminal::{Look, Tone, clean, width};

/// A name never gets shorter than this on a narrow screen.
const NAME_MIN: usize = 12;
const DAY: i64 = 24 * 60 * 60 * 1_000_000_000;

/// From the authorities that were not presented down to the leaf.
pub(super) fn render(facts: &CertificateFacts, now: Timestamp, look: Look) -> String {
    let links = &facts.chain;
    if links.is_empty() {
        return String::new();
    }
    let title = format!(
        "Chain, {} presented",
        counted(facts.presented, "certificate")
    );
    let mut text = section(&title, look);
    let mut tree = Tree {
        verified: facts.verified,
        now,
        look,
        links,
        drawn: vec![false; links.len()],
        text: String::new(),
    };
    for (position, link) in links.iter().enumerate() {
        if issuer_of(links, position).is_none() {
            tree.outside(link);
            tree.branch(position, 1);
        }
    }
    // What is left issued each other in a circle.
    for position in 0..links.len() {
        tree.branch(position, 0);
    }
    text.push_str(&tree.text);
    text
}

/// The presented certificate that `position` says it was issued by; none for one that is its own.
fn issuer_of(links: &[ChainLink], position: usize) -> Option<usize> {
    let issuer = &links[position].certificate.issuer;
    (0..links.len())
        .find(|other| *other != position && links[*other].certificate.subject == *issuer)
}

/// A tree in the making.
struct Tree<'a> {
    verified: bool,
    now: Timestamp,
    look: Look,
    links: &'a [ChainLink],
    drawn: Vec<bool>,
    text: String,
}

impl Tree<'_> {
    /// The authority above a certificate whose issuer was not presented.
    fn outside(&mut self, link: &ChainLink) {
        let certificate = &link.certificate;
        if certificate.issuer == certificate.subject {
            return;
        }
        let (note, tone) = match (link.on_path, self.verified) {
            (true, _) => ("trusted here", Tone::Good),
            (false, true) => ("not needed", Tone::Muted),
            (false, false) => ("not presented, not trusted here", Tone::Bad),
        };
        self.line(0, " ", &certificate.issuer, note, tone);
    }

    /// A certificate and all that it issued.
    fn branch(&mut self, position: usize, depth: usize) {
        if std::mem::replace(&mut self.drawn[position], true) {
            return;
        }
        let link = &self.links[position];
        let is_root = link.certificate.issuer == link.certificate.subject;
        let depth = if is_root { 0 } else { depth };
        let (mark, mut note, tone) = self.standing(link);
        // The path ends at an authority of the same name that the prober has itself.
        let above = issuer_of(self.links, position).map(|above| &self.links[above]);
        if link.on_path && above.is_some_and(|above| !above.on_path) {
            note.push_str(", its issuer is trusted here");
        }
        self.line(depth, mark, &link.certificate.subject, &note, tone);
        for other in 0..self.links.len() {
            if issuer_of(self.links, other) == Some(position) {
                self.branch(other, depth + 1);
            }
        }
    }

    /// How a certificate stands: mark, words and tone say the same.
    fn standing(&self, link: &ChainLink) -> (&'static str, String, Tone) {
        let certificate = &link.certificate;
        let days = days_until(certificate.not_after, self.now);
        let mut note = if certificate.not_before > self.now {
            format!("not valid before {}", day(certificate.not_before))
        } else if certificate.not_after <= self.now {
            format!("expired {} ago", counted_days(-days))
        } else {
            format!("{} left", counted_days(days))
        };
        let is_valid = certificate.not_before <= self.now && certificate.not_after > self.now;
        // The name of a curve has the size in it.
        let bits = certificate.key_bits.map(|bits| bits.to_string());
        let bits = bits.filter(|bits| !certificate.key_type.contains(bits));
        let bits = bits.map_or(String::new(), |bits| format!(" {bits}"));
        note.push_str(&format!(", {}{bits}", certificate.key_type));
        if certificate.issuer == certificate.subject {
            note.push_str(", self-signed");
        }
        match (link.on_path, is_valid) {
            (true, _) => ("✓", note, Tone::Good),
            (false, true) if self.verified => ("·", note + ", not on the path", Tone::Muted),
            (false, false) if self.verified => ("·", note + ", not on the path", Tone::Warn),
            (false, true) => ("?", note, Tone::Plain),
            (false, false) => ("×", note, Tone::Bad),
        }
    }

    fn line(&mut self, depth: usize, mark: &str, name: &str, note: &str, tone: Tone) {
        let branch = match depth {
            0 => String::new(),
            depth => format!("{:1$}└─ ", "", 3 * (depth - 1)),
        };
        let used = INDENT + width(&branch) + width(mark) + 1;
        let room = self.look.width.saturating_sub(used + 2 + width(note));
        let name = clean(name).into_owned();
        let name = on_one_line(&name, room.max(NAME_MIN), self.look);
        self.text.push_str(&format!(
            "{:INDENT$}{branch}{} {name}  {}\n",
            "",
            self.look.paint(tone, mark),
            self.look.paint(tone, note)
        ));
    }
}

/// Whole days from `now` to `at`, negative after it.
fn days_until(at: Timestamp, now: Timestamp) -> i64 {
    at.as_nanos().saturating_sub(now.as_nanos()).div_euclid(DAY)
}

/// The day of an instant: `2026-11-22`.
pub(super) fn day(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidewatch_domain::probe::PresentedCertificate;

    use super::*;

    const NOW: i64 = 1_795_330_800;

    fn link(subject: &str, issuer: &str, days: i64, on_path: bool) -> ChainLink {
        let certificate = PresentedCertificate {
            subject: format!("CN={subject}"),
            issuer: format!("CN={issuer}"),
            not_before: Timestamp::from_secs(NOW - 90 * 86_400),
            not_after: Timestamp::from_secs(NOW + days * 86_400),
            key_type: "RSA".to_owned(),
            key_bits: Some(2_048),
            signature_algorithm: "sha256WithRSAEncryption".to_owned(),
            serial: "01".to_owned(),
            fingerprint: "ab".repeat(32),
        };
        ChainLink {
            certificate: Arc::new(certificate),
            on_path,
        }
    }

    fn drawn(chain: Vec<ChainLink>, verified: bool) -> String {
        let tls = crate::cli::sample_attempt(1).tls;
        let facts = CertificateFacts {
            presented: chain.len(),
            verified,
            chain,
            ..tls.and_then(|tls| tls.certificate).unwrap()
        };
        render(&facts, Timestamp::from_secs(NOW), Look::plain(100))
    }

    #[test]
    fn a_verified_path_with_an_expired_certificate_beside_it() {
        insta::assert_snapshot!(drawn(
            vec![
                link("shop.example", "Intermediate", 40, true),
                link("Intermediate", "Root", 812, true),
                link("Root", "Old Root", -12, false),
            ],
            true,
        ));
    }

    #[test]
    fn what_nobody_trusts() {
        insta::assert_snapshot!(drawn(
            vec![
                link("shop.example", "Intermediate", -3, false),
                link("self", "self", 10, false),
            ],
            false,
        ));
    }

    #[test]
    fn a_circle_of_issuers_ends() {
        let text = drawn(
            vec![link("a", "b", 1, false), link("b", "a", 1, false)],
            false,
        );
        assert_eq!(text.matches("CN=a").count(), 1, "{text}");
    }
}
