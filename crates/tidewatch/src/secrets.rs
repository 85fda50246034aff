//! Secrets from the environment of this process.

use async_trait::async_trait;
use tidewatch_domain::monitor::{SecretRef, SecretSource};
use tidewatch_domain::ports::{SecretError, SecretStore};

/// The prefix without which a variable is no secret of a monitor: otherwise whoever may edit a
/// definition could send away the credentials of this process.
const PREFIX: &str = "TIDEWATCH_SECRET_";

/// The port [`SecretStore`] on environment variables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EnvironmentSecrets;

#[async_trait]
impl SecretStore for EnvironmentSecrets {
    async fn secret(&self, reference: &SecretRef) -> Result<String, SecretError> {
        let fault = |reason: String| SecretError {
            reference: reference.to_string(),
            reason,
        };
        if reference.source != SecretSource::Env {
            return Err(fault(format!(
                "the local mode reads secrets from the environment only; use ${{env:{PREFIX}NAME}}"
            )));
        }
        if !reference.name.starts_with(PREFIX) {
            return Err(fault(format!(
                "only variables that begin with {PREFIX} are read"
            )));
        }
        std::env::var(&reference.name)
            .map_err(|_| fault("set the environment variable before starting".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(source: SecretSource, name: &str) -> Result<String, SecretError> {
        EnvironmentSecrets
            .secret(&SecretRef {
                source,
                name: name.to_owned(),
            })
            .await
    }

    #[tokio::test]
    async fn nothing_but_named_secrets_is_read() {
        for (source, name) in [
            (SecretSource::Env, "PATH"),
            (SecretSource::Env, "TIDEWATCH_SECRET_THAT_IS_NOT_SET"),
            (SecretSource::Ssm, "/tidewatch/demo/key"),
        ] {
            let error = read(source, name).await.unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
