//! The secrets of a definition, read once a probe, and the texts that they are put into.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{HeaderName, HeaderValue};
use tidewatch_domain::monitor::{BodyFormat, RequestBody, SecretRef, SecretText};
use tidewatch_domain::ports::SecretStore;
use tidewatch_domain::{Cause, ErrorClass};
use url::form_urlencoded;

use crate::redact::Redactor;
use crate::secrets;

/// The secrets that the texts of a definition name.
pub(super) struct Secrets {
    values: BTreeMap<SecretRef, String>,
}

impl Secrets {
    /// Reads the secrets that `texts` name. Each may take as long as `limit`.
    pub(super) async fn read<'t>(
        store: &dyn SecretStore,
        texts: impl Iterator<Item = &'t SecretText>,
        limit: Duration,
    ) -> Result<Self, Cause> {
        let references: Vec<&SecretRef> = texts.flat_map(SecretText::references).collect();
        let values = secrets::read(store, &references, limit).await?;
        Ok(Secrets { values })
    }

    /// `text` with the secrets in place.
    pub(super) fn fill(&self, text: &SecretText) -> String {
        self.fill_as(text, str::to_owned)
    }

    /// A request's body with the secrets in place, spelled as its format demands.
    pub(super) fn fill_body(&self, body: &RequestBody) -> String {
        match body.format {
            BodyFormat::Text => self.fill(&body.text),
            BodyFormat::Json => self.fill_as(&body.text, |secret| {
                let quoted = serde_json::Value::from(secret).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }),
            BodyFormat::Form => self.fill_as(&body.text, |secret| {
                form_urlencoded::byte_serialize(secret.as_bytes()).collect()
            }),
        }
    }

    /// Tells `redactor` all of them, in every spelling in which they are sent.
    pub(super) fn hide(&self, redactor: &mut Redactor) {
        for secret in self.values.values() {
            redactor.add(secret);
            let json = serde_json::Value::from(secret.as_str()).to_string();
            redactor.add(&json[1..json.len() - 1]);
            let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            redactor.add(&form);
        }
    }

    fn fill_as(&self, text: &SecretText, spelled: impl Fn(&str) -> String) -> String {
        let filled: Result<String, std::convert::Infallible> = text.resolve(|reference| {
            Ok(self
                .values
                .get(reference)
                .map(|secret| spelled(secret))
                .unwrap_or_default())
        });
        match filled {
            Ok(text) => text,
        }
    }
}

/// Whether `text` names a secret.
pub(super) fn has_secrets(text: &SecretText) -> bool {
    text.references().next().is_some()
}

/// User name and password as HTTP sends them (RFC 7617).
pub(super) fn basic(username: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}

/// `text` as the value of the header `name`, which carries credentials.
pub(super) fn private_value(name: &HeaderName, text: &str) -> Result<HeaderValue, Cause> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Cause::new(
            ErrorClass::AuthFailed,
            format!(
                "header `{name}` cannot be sent: its value has characters that HTTP does not allow"
            ),
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Hides a private header's value, and what follows the scheme of `Bearer …` or `Basic …`.
pub(super) fn hide(value: &HeaderValue, redactor: &mut Redactor) {
    let Ok(text) = value.to_str() else {
        return;
    };
    redactor.add(text);
    if let Some((_, credential)) = text.split_once(' ') {
        redactor.add(credential.trim());
    }
}
