//! A store of secrets that tests fill.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tidewatch_domain::monitor::SecretRef;
use tidewatch_domain::ports::{SecretError, SecretStore};

/// Knows the secrets that it was given, by their references as written (`env:NAME`).
#[derive(Debug, Default)]
pub struct FakeSecrets {
    values: BTreeMap<String, String>,
}

impl FakeSecrets {
    /// A store with these secrets.
    pub fn of(secrets: &[(&str, &str)]) -> Self {
        let values = secrets
            .iter()
            .map(|(reference, value)| ((*reference).to_owned(), (*value).to_owned()))
            .collect();
        FakeSecrets { values }
    }
}

#[async_trait]
impl SecretStore for FakeSecrets {
    async fn secret(&self, reference: &SecretRef) -> Result<String, SecretError> {
        let name = reference.to_string();
        self.values.get(&name).cloned().ok_or_else(|| SecretError {
            reference: name,
            reason: "the test did not provide it".to_owned(),
        })
    }
}
