//! The store that a function's environment names.

use aws_sdk_secretsmanager::Client as SecretsManager;
use tidewatch_domain::ports::SecretError;

use super::{ConnectError, Connection, Keys};
use crate::environment::{Environment, of_process};
use crate::sdk;
use crate::secrets::read_secret;

/// How the store is reached: `TIDEWATCH_STORE_ENDPOINT`, `TIDEWATCH_STORE_KEYS_SECRET`,
/// `TIDEWATCH_STORE_CA_SECRET`. With none of them it is Timestream itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreAccess {
    /// The URL of a bridge.
    pub endpoint: Option<String>,
    /// The secret with the keys of the bridge; without it the function's own credentials serve.
    pub keys_secret: Option<String>,
    /// The secret with the certificates of the bridge's authority.
    pub authority_secret: Option<String>,
}

/// The store cannot be reached as the environment says.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What the secrets hold cannot be used.
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl StoreAccess {
    /// Reads the variables. `None` is a reported fault.
    pub fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let keys_secret = environment.text("TIDEWATCH_STORE_KEYS_SECRET");
        let authority_secret = environment.text("TIDEWATCH_STORE_CA_SECRET");
        Some(StoreAccess {
            endpoint: environment.url("TIDEWATCH_STORE_ENDPOINT")?,
            keys_secret,
            authority_secret,
        })
    }

    /// Reads the secrets and prepares the connection.
    pub async fn connect(
        &self,
        region: &str,
        secrets: &SecretsManager,
    ) -> Result<Connection, AccessError> {
        let keys = match &self.keys_secret {
            Some(id) => Some(Keys::read(&read_secret(secrets, id).await?)?),
            None => None,
        };
        let authority = match &self.authority_secret {
            Some(id) => Some(read_secret(secrets, id).await?),
            None => None,
        };
        let sdk = sdk::load(region).await;
        Ok(Connection::new(
            &sdk,
            self.endpoint.as_deref(),
            keys,
            authority.as_deref(),
            &of_process,
        )?)
    }
}
