//! Reading the secrets that a definition names, before any clock runs.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewatch_domain::monitor::SecretRef;
use tidewatch_domain::ports::SecretStore;
use tidewatch_domain::{Cause, ErrorClass};
use tokio::time::timeout;

/// The values of `references`, each read once. Each may take as long as `limit`.
pub(crate) async fn read(
    store: &dyn SecretStore,
    references: &[&SecretRef],
    limit: Duration,
) -> Result<BTreeMap<SecretRef, String>, Cause> {
    let mut secrets = BTreeMap::new();
    for &reference in references {
        if secrets.contains_key(reference) {
            continue;
        }
        let secret = timeout(limit, store.secret(reference))
            .await
            .map_err(|_| {
                Cause::new(
                    ErrorClass::AuthFailed,
                    format!("secret `{reference}` could not be read within the attempt timeout"),
                )
            })?
            .map_err(|error| Cause::new(ErrorClass::AuthFailed, error.to_string()))?;
        secrets.insert(reference.clone(), secret);
    }
    Ok(secrets)
}
