//! Fetching over HTTPS.

use async_trait::async_trait;
use reqwest::Client;
use url::Url;

use super::Fetch;
use crate::channel::web_client;

/// The largest answer that is read, in bytes.
const LIMIT: usize = 64 * 1024;

/// Fetches over the network.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: Client,
}

impl HttpFetch {
    /// Fails only where the machine has no roots to trust.
    pub fn new() -> Result<Self, reqwest::Error> {
        Ok(HttpFetch {
            client: web_client()?,
        })
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        let mut answer = self
            .client
            .get(url.clone())
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LIMIT {
                return Err(format!("{url} answered with more than {LIMIT} bytes"));
            }
        }
        Ok(bytes)
    }
}
