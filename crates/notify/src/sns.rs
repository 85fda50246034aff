//! Alerts that come by way of an SNS topic, because some Grafanas can only publish there.
//!
//! A delivery counts when SNS signed it, with a certificate from one of its own hosts, and when it
//! is from a topic on the list. Topics that Tidewatch itself publishes to are refused: their
//! messages would go round in circles.

mod certificate;
mod delivery;
mod fetch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tidewatch_domain::Timestamp;
use url::Url;

pub use certificate::CertificateError;
pub use delivery::{Delivery, DeliveryKind, ShapeError};
pub use fetch::HttpFetch;

/// Deliveries older than this are refused. SNS tries for hours to get through.
pub const OLDEST: Duration = Duration::from_secs(24 * 60 * 60);
/// The most certificates that are remembered; SNS has one for each region.
const MOST_CERTIFICATES: usize = 16;

/// Fetches what SNS refers to: its certificate, and the address that confirms a subscription.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// The body of a successful answer, at most 64 KiB.
    async fn get(&self, url: &Url) -> Result<Vec<u8>, String>;
}

/// Decides over deliveries.
pub struct SnsVerifier {
    sources: BTreeSet<String>,
    outputs: BTreeSet<String>,
    fetch: Arc<dyn Fetch>,
    certificates: Mutex<BTreeMap<Url, Arc<certificate::Certificate>>>,
}

/// Why a delivery was refused.
#[derive(Debug, thiserror::Error)]
pub enum SnsRefusal {
    /// Not a delivery at all.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Not a topic that we listen to.
    #[error(
        "topic {0} is not among the sources of alerts; add it to TIDEWATCH_SNS_SOURCES if it should be"
    )]
    Topic(String),
    /// Our own messages.
    #[error("topic {0} is one that messages go out to; its messages would go round in circles")]
    OwnOutput(String),
    /// The certificate is somewhere else.
    #[error("{0} is not an address of SNS")]
    Address(String),
    /// The certificate could not be fetched; the delivery may come again.
    #[error("the certificate of SNS cannot be fetched: {0}")]
    Unreachable(String),
    /// The certificate or the signature are no good.
    #[error(transparent)]
    Signature(#[from] CertificateError),
    /// Too old.
    #[error("the delivery was signed more than a day from now")]
    Stale,
}

impl SnsVerifier {
    /// Accepts deliveries of the topics `sources`, never of `outputs`.
    pub fn new(
        sources: impl IntoIterator<Item = String>,
        outputs: impl IntoIterator<Item = String>,
        fetch: Arc<dyn Fetch>,
    ) -> Self {
        SnsVerifier {
            sources: sources.into_iter().collect(),
            outputs: outputs.into_iter().collect(),
            fetch,
            certificates: Mutex::new(BTreeMap::new()),
        }
    }

    /// Reads a delivery and makes sure that it is from SNS and from a topic on the list.
    pub async fn verify(&self, body: &[u8], now: Timestamp) -> Result<Delivery, SnsRefusal> {
        let delivery = Delivery::read(body)?;
        if self.outputs.contains(&delivery.topic) {
            return Err(SnsRefusal::OwnOutput(delivery.topic));
        }
        if !self.sources.contains(&delivery.topic) {
            return Err(SnsRefusal::Topic(delivery.topic));
        }
        let certificate = self
            .certificate(&delivery.certificate_url, &delivery.topic, now)
            .await?;
        certificate.verify(&delivery, now)?;
        let at = delivery.timestamp;
        if now.since(at).max(at.since(now)) > OLDEST {
            return Err(SnsRefusal::Stale);
        }
        if delivery.is_of_tidewatch() {
            return Err(SnsRefusal::OwnOutput(delivery.topic));
        }
        Ok(delivery)
    }

    /// Confirms a subscription, by calling the address that the verified delivery names.
    pub async fn confirm(&self, delivery: &Delivery) -> Result<(), SnsRefusal> {
        let DeliveryKind::SubscriptionConfirmation { url } = &delivery.kind else {
            return Ok(());
        };
        let url = address_of_sns(url, &delivery.topic)?;
        self.fetch
            .get(&url)
            .await
            .map(|_| ())
            .map_err(SnsRefusal::Unreachable)
    }

    async fn certificate(
        &self,
        address: &str,
        topic: &str,
        now: Timestamp,
    ) -> Result<Arc<certificate::Certificate>, SnsRefusal> {
        let url = address_of_sns(address, topic)?;
        if !url.path().ends_with(".pem") {
            return Err(SnsRefusal::Address(address.to_owned()));
        }
        if let Some(known) = self.certificates.lock().get(&url)
            && known.is_valid(now)
        {
            return Ok(Arc::clone(known));
        }
        let pem = self
            .fetch
            .get(&url)
            .await
            .map_err(SnsRefusal::Unreachable)?;
        let certificate = Arc::new(certificate::Certificate::read(&pem)?);
        let mut known = self.certificates.lock();
        if known.len() >= MOST_CERTIFICATES {
            known.clear();
        }
        known.insert(url, Arc::clone(&certificate));
        Ok(certificate)
    }
}

/// `https://sns.<region>.amazonaws.com/..`, of the topic's own region, without a port or
/// credentials.
fn address_of_sns(address: &str, topic: &str) -> Result<Url, SnsRefusal> {
    let refused = || SnsRefusal::Address(address.to_owned());
    let url = Url::parse(address).map_err(|_| refused())?;
    let region = topic.split(':').nth(3).unwrap_or_default();
    let plain = !region.is_empty()
        && region
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let host = url.host_str().unwrap_or_default();
    let of_sns = plain
        && ["amazonaws.com", "amazonaws.com.cn"]
            .iter()
            .any(|domain| host == format!("sns.{region}.{domain}"));
    let bare = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    if url.scheme() == "https" && of_sns && bare {
        Ok(url)
    } else {
        Err(refused())
    }
}

impl std::fmt::Debug for SnsVerifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SnsVerifier")
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
