//! Secrets from Systems Manager parameters and Secrets Manager.
//!
//! [`AwsSecrets`] reads what monitors name: only below `/tidewatch/<tenant>/`, as the validator and
//! the function's role say too, and keeps values for a while. [`read_secret`] reads what the
//! functions themselves are configured with. A value is never in an error.

mod cache;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client as SecretsManager;
use aws_sdk_ssm::Client as Ssm;
use tidewatch_domain::monitor::{SecretRef, SecretSource};
use tidewatch_domain::ports::{SecretError, SecretStore};

use cache::{Cache, Fault};

/// The port [`SecretStore`] in AWS.
#[derive(Debug)]
pub struct AwsSecrets {
    ssm: Ssm,
    secrets_manager: SecretsManager,
    cache: Cache,
}

impl AwsSecrets {
    /// Reads with these clients.
    pub fn new(ssm: Ssm, secrets_manager: SecretsManager) -> Self {
        AwsSecrets {
            ssm,
            secrets_manager,
            cache: Cache::default(),
        }
    }

    async fn read(&self, reference: &SecretRef) -> Result<String, Fault> {
        match reference.source {
            SecretSource::Env => Err(Fault::lasting(
                "the environment of a function is not for secrets of monitors; store it in AWS and \
                 name it with `ssm:` or `secretsmanager:`",
            )),
            SecretSource::Ssm => self.parameter(&reference.name).await,
            SecretSource::SecretsManager => secret(&self.secrets_manager, &reference.name).await,
        }
    }

    async fn parameter(&self, name: &str) -> Result<String, Fault> {
        let request = self.ssm.get_parameter().name(name).with_decryption(true);
        let answer = request.send().await.map_err(|error| {
            let missing = error
                .as_service_error()
                .is_some_and(|error| error.is_parameter_not_found());
            Fault::of_call(&error, missing, "ssm:GetParameter")
        })?;
        let value = answer.parameter.and_then(|parameter| parameter.value);
        value.ok_or_else(|| Fault::lasting("it has no value; write one"))
    }
}

#[async_trait]
impl SecretStore for AwsSecrets {
    async fn secret(&self, reference: &SecretRef) -> Result<String, SecretError> {
        let read = if is_of_a_tenant(&reference.name) || reference.source == SecretSource::Env {
            self.cache.get(reference, || self.read(reference)).await
        } else {
            Err("only secrets below /tidewatch/<tenant>/ are read; store it there".to_owned())
        };
        read.map_err(|reason| SecretError {
            reference: reference.to_string(),
            reason,
        })
    }
}

/// The text of a secret in Secrets Manager, by name or ARN, that a function is configured with.
pub async fn read_secret(client: &SecretsManager, id: &str) -> Result<String, SecretError> {
    secret(client, id).await.map_err(|fault| SecretError {
        reference: format!("secretsmanager:{id}"),
        reason: fault.reason,
    })
}

async fn secret(client: &SecretsManager, id: &str) -> Result<String, Fault> {
    let request = client.get_secret_value().secret_id(id);
    let answer = request.send().await.map_err(|error| {
        let missing = error
            .as_service_error()
            .is_some_and(|error| error.is_resource_not_found_exception());
        Fault::of_call(&error, missing, "secretsmanager:GetSecretValue")
    })?;
    if let Some(text) = answer.secret_string {
        return Ok(text);
    }
    let bytes = answer
        .secret_binary
        .ok_or_else(|| Fault::lasting("it has no value; write one"))?;
    String::from_utf8(bytes.into_inner())
        .map_err(|_| Fault::lasting("its bytes are no UTF-8; store it as a text"))
}

/// `/tidewatch/<tenant>/<name>`, with more parts if need be, and nothing that leads elsewhere.
fn is_of_a_tenant(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("/tidewatch/") else {
        return false;
    };
    let parts: Vec<&str> = rest.split('/').collect();
    parts.len() >= 2
        && parts
            .iter()
            .all(|part| !part.is_empty() && *part != "." && *part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_tenants_are_read() {
        for (name, usable) in [
            ("/tidewatch/acme/token", true),
            ("/tidewatch/acme/shop/token", true),
            ("/tidewatch/acme", false),
            ("/tidewatch/acme/", false),
            ("/tidewatch/../acme/token", false),
            ("/tidewatch/acme/./token", false),
            ("/other/acme/token", false),
            ("tidewatch/acme/token", false),
            (
                "arn:aws:secretsmanager:eu-west-1:1:secret:/tidewatch/acme/token",
                false,
            ),
        ] {
            assert_eq!(is_of_a_tenant(name), usable, "{name}");
        }
    }
}
