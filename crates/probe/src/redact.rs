//! Keeps secrets out of everything that leaves the engine.

use std::sync::Arc;

use tidewatch_domain::Attempt;
use url::{Url, form_urlencoded};

/// Stands where a secret was.
const MASK: &str = "***";

/// Knows the secrets of one probe and takes them out of texts.
///
/// The values of secret references, of headers that carry credentials, and the query of the
/// target's URL, in which people put keys.
#[derive(Default)]
pub(crate) struct Redactor {
    /// Longest first, so that a secret within another one does not leave its remainder.
    secrets: Vec<String>,
}

impl Redactor {
    /// Adds a secret, as it is and as it is written in URLs. The empty text is none.
    pub(crate) fn add(&mut self, secret: &str) {
        self.add_as_written(secret);
        let in_query: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.add_as_written(&in_query);
        self.add_as_written(&in_query.replace('+', "%20"));
        if let Ok(mut url) = Url::parse("http://a.example/") {
            url.set_path(secret);
            self.add_as_written(url.path().trim_start_matches('/'));
        }
    }

    fn add_as_written(&mut self, secret: &str) {
        if secret.is_empty() || self.secrets.iter().any(|known| known == secret) {
            return;
        }
        let at = self
            .secrets
            .partition_point(|known| known.len() >= secret.len());
        self.secrets.insert(at, secret.to_owned());
    }

    /// Adds the query of `url`, as written and value by value. Values of fewer than eight
    /// characters (`page=2`) are no keys and would take harmless words out of every text.
    pub(crate) fn add_query(&mut self, url: &Url) {
        const SHORTEST: usize = 8;
        for (_, value) in url.query_pairs() {
            if value.chars().count() >= SHORTEST {
                self.add(&value);
            }
        }
        if let Some(query) = url.query().filter(|query| query.len() >= SHORTEST) {
            self.add(query);
        }
    }

    /// Whether a secret is in `text`.
    pub(crate) fn finds_any(&self, text: &str) -> bool {
        self.secrets
            .iter()
            .any(|secret| text.contains(secret.as_str()))
    }

    /// `text` without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        self.clean(&mut text);
        text
    }

    /// Bytes that a server sent as a text may have them: without secrets, which go first because
    /// shortening could cut one in two, then as [`line`].
    pub(crate) fn line(&self, bytes: &[u8]) -> String {
        line(self.text(&String::from_utf8_lossy(bytes)).as_bytes())
    }

    /// `url` as it may be shown: without user information, query, fragment and secrets.
    pub(crate) fn url(&self, url: &Url) -> String {
        let mut shown = url.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        // Both fail for URLs that cannot have user information; those have none to hide.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        self.text(shown.as_str())
    }

    /// Takes the secrets out of every text of `attempt`.
    pub(crate) fn attempt(&self, attempt: &mut Attempt) {
        if self.secrets.is_empty() {
            return;
        }
        for cause in &mut attempt.causes {
            self.clean(&mut cause.text);
        }
        for assertion in &mut attempt.assertions {
            self.clean(&mut assertion.expression);
            self.clean(&mut assertion.expected);
            self.clean(&mut assertion.actual);
        }
        for step in &mut attempt.steps {
            self.clean(&mut step.step);
        }
        for hop in &mut attempt.hops {
            self.clean(&mut hop.url);
        }
        let certificate = attempt
            .tls
            .as_mut()
            .and_then(|tls| tls.certificate.as_mut());
        if let Some(certificate) = certificate {
            self.clean(&mut certificate.subject);
            self.clean(&mut certificate.issuer);
            for name in &mut certificate.names {
                self.clean(name);
            }
            for link in &mut certificate.chain {
                let shared = &link.certificate;
                // Most certificates tell nothing, and are shared by all attempts that saw them.
                if self.finds_any(&shared.subject) || self.finds_any(&shared.issuer) {
                    let own = Arc::make_mut(&mut link.certificate);
                    self.clean(&mut own.subject);
                    self.clean(&mut own.issuer);
                }
            }
        }
    }

    fn clean(&self, text: &mut String) {
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), MASK);
            }
        }
    }
}

/// Bytes that a server sent, on one line and shortened; control characters are written out.
pub(crate) fn line(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(bytes.trim_ascii());
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|character| {
            let control = character.is_control();
            let escaped = control.then(|| character.escape_default());
            escaped
                .into_iter()
                .flatten()
                .chain((!control).then_some(character))
        })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// Says how many secrets it knows, never which.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Redactor")
            .field("secrets", &self.secrets.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_out_the_longest_first() {
        let mut redactor = Redactor::default();
        redactor.add("abc");
        redactor.add("abcdef");
        redactor.add("");
        assert_eq!(redactor.text("x abcdef y abc z"), "x *** y *** z");
        assert!(redactor.finds_any("xxabcxx"));
        assert!(!redactor.finds_any("nothing"));
        assert_eq!(format!("{redactor:?}"), "Redactor { secrets: 2 }");
    }

    #[test]
    fn knows_secrets_as_urls_write_them() {
        let mut redactor = Redactor::default();
        redactor.add("päss w/rd");
        let told = [
            "päss w/rd",
            "p%C3%A4ss+w%2Frd",
            "p%C3%A4ss%20w%2Frd",
            "p%C3%A4ss%20w/rd",
        ];
        for told in told {
            assert_eq!(redactor.text(told), "***", "{told}");
        }
    }

    #[test]
    fn shows_urls_without_what_may_be_secret() {
        let url = Url::parse("https://me:pw@shop.example/a/k3y-in-path?token=0123456789&page=2#x")
            .unwrap();
        let mut redactor = Redactor::default();
        redactor.add_query(&url);
        redactor.add("k3y-in-path");
        assert_eq!(redactor.url(&url), "https://shop.example/a/***");
        assert_eq!(
            redactor.text("got 0123456789 on page 2"),
            "got *** on page 2"
        );
    }
}
