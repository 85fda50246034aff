//! Clients for Timestream or for a bridge.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use crate::clients;
use crate::environment::Lookup;
use crate::sdk::{TimestreamEndpoint, TimestreamService, timestream_endpoint};

/// Keys for a bridge, as they lie in Secrets Manager.
#[derive(Clone, Deserialize)]
pub struct Keys {
    /// The public part.
    pub access_key_id: String,
    /// The secret part.
    pub secret_access_key: String,
}

impl Keys {
    /// Reads `{"access_key_id": "..", "secret_access_key": ".."}`.
    ///
    /// Errors: what is wrong, without any of the text.
    pub fn read(text: &str) -> Result<Self, ConnectError> {
        serde_json::from_str(text).map_err(|error| ConnectError::Keys {
            line: error.line(),
            column: error.column(),
        })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The store cannot be reached as it is set up.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The secret with the keys has another shape.
    #[error(
        "the keys of the store cannot be read (line {line}, column {column}); the secret has to \
         be {{\"access_key_id\": \"..\", \"secret_access_key\": \"..\"}}"
    )]
    Keys {
        /// Where reading stopped.
        line: usize,
        /// Where reading stopped.
        column: usize,
    },
    /// The certificates of the authority are not in PEM.
    #[error(
        "the certificates of the store's authority cannot be used: {reason}; the secret has to be \
         one or more certificates in PEM"
    )]
    Authority {
        /// What is wrong.
        reason: String,
    },
    /// Timestream did not name an endpoint.
    #[error(
        "the endpoints of Timestream cannot be discovered: {reason}; an account without \
         Timestream for LiveAnalytics needs TIDEWATCH_STORE_ENDPOINT, the URL of a bridge"
    )]
    Discovery {
        /// What the SDK says.
        reason: String,
    },
}

/// How the store is reached.
#[derive(Clone, Debug)]
pub struct Connection {
    sdk: SdkConfig,
    write: TimestreamEndpoint,
    query: TimestreamEndpoint,
}

impl Connection {
    /// The store at `endpoint` (`TIDEWATCH_STORE_ENDPOINT`), else where the SDK's variables say,
    /// else Timestream. Region, retries and time limits are those of `sdk`, and the credentials
    /// too unless there are `keys`. `authority` has the certificates, in PEM, that are trusted in
    /// place of the public ones.
    pub fn new(
        sdk: &SdkConfig,
        endpoint: Option<&str>,
        keys: Option<Keys>,
        authority: Option<&str>,
        lookup: &Lookup,
    ) -> Result<Self, ConnectError> {
        let mut builder = sdk.clone().into_builder();
        if let Some(keys) = keys {
            let keys = Credentials::new(
                keys.access_key_id,
                keys.secret_access_key,
                None,
                None,
                "tidewatch store keys",
            );
            builder = builder.credentials_provider(SharedCredentialsProvider::new(keys));
        }
        if let Some(pem) = authority {
            builder = builder.http_client(trusting(pem)?);
        }
        Ok(Connection {
            sdk: builder.build(),
            write: timestream_endpoint(endpoint, TimestreamService::Write, lookup),
            query: timestream_endpoint(endpoint, TimestreamService::Query, lookup),
        })
    }

    /// A client for WriteRecords. Where cells are discovered, a task of this runtime keeps them
    /// fresh as long as the client lives.
    pub async fn write_client(&self) -> Result<aws_sdk_timestreamwrite::Client, ConnectError> {
        let client = clients::timestream_write(&self.sdk);
        match &self.write {
            TimestreamEndpoint::Fixed(url) => {
                let config = client.config().to_builder().endpoint_url(url).build();
                Ok(aws_sdk_timestreamwrite::Client::from_conf(config))
            }
            TimestreamEndpoint::Discovered => {
                let (client, reload) = client
                    .with_endpoint_discovery_enabled()
                    .await
                    .map_err(discovery)?;
                tokio::spawn(reload.reload_task());
                Ok(client)
            }
        }
    }

    /// A client for Query, likewise.
    pub async fn query_client(&self) -> Result<aws_sdk_timestreamquery::Client, ConnectError> {
        let client = clients::timestream_query(&self.sdk);
        match &self.query {
            TimestreamEndpoint::Fixed(url) => {
                let config = client.config().to_builder().endpoint_url(url).build();
                Ok(aws_sdk_timestreamquery::Client::from_conf(config))
            }
            TimestreamEndpoint::Discovered => {
                let (client, reload) = client
                    .with_endpoint_discovery_enabled()
                    .await
                    .map_err(discovery)?;
                tokio::spawn(reload.reload_task());
                Ok(client)
            }
        }
    }
}

fn discovery(error: Box<dyn std::error::Error + Send + Sync>) -> ConnectError {
    let reason = aws_smithy_types::error::display::DisplayErrorContext(&*error).to_string();
    ConnectError::Discovery { reason }
}

/// An HTTP client that trusts the certificates in `pem` and no others.
fn trusting(
    pem: &str,
) -> Result<aws_smithy_runtime_api::client::http::SharedHttpClient, ConnectError> {
    let refused = |reason: String| ConnectError::Authority { reason };
    // The SDK's client panics over what it cannot parse.
    let mut found = 0;
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        webpki::anchor_from_trusted_cert(&certificate)
            .map_err(|error| refused(format!("certificate {}: {error}", found + 1)))?;
        found += 1;
    }
    if found == 0 {
        return Err(refused("there is no certificate in it".to_owned()));
    }
    let context = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(pem.as_bytes()))
        .build()
        .map_err(|error| refused(error.to_string()))?;
    Ok(aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context)
        .build_https())
}

#[cfg(test)]
mod tests;
