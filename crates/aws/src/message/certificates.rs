//! The JSON of certificates. All attempts of a probe usually meet the same ones, and they are the
//! largest part of what was found: a result has each once, with the attempts that met it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tidewatch_domain::probe::{CertificateFacts, ChainLink, PresentedCertificate};
use tidewatch_domain::{Attempt, ProbeResult, Timestamp};

use super::forms::lists;
use super::scalar::{is_false, time};

/// What the certificates of a server said, and who met them.
#[derive(Serialize)]
pub(super) struct Met<'r> {
    /// Positions among the samples, from 0.
    samples: Vec<usize>,
    #[serde(skip_serializing_if = "is_false")]
    retry: bool,
    #[serde(with = "CertificateFactsForm")]
    facts: &'r CertificateFacts,
}

/// [`Met`], as it is read.
#[derive(Deserialize)]
pub(super) struct MetOwned {
    samples: Vec<usize>,
    #[serde(default)]
    retry: bool,
    #[serde(with = "CertificateFactsForm")]
    facts: CertificateFacts,
}

/// The certificates of a result, each once.
pub(super) fn gather(result: &ProbeResult) -> Vec<Met<'_>> {
    let mut all: Vec<Met<'_>> = Vec::new();
    let samples = result.samples.iter().enumerate();
    let attempts = samples.map(|(index, attempt)| (Some(index), attempt));
    let retry = result.retry.iter().map(|attempt| (None, attempt));
    for (index, attempt) in attempts.chain(retry) {
        let Some(facts) = certificate(attempt) else {
            continue;
        };
        let known = all.iter().position(|met| met.facts == facts);
        let at = known.unwrap_or_else(|| {
            all.push(Met {
                samples: Vec::new(),
                retry: false,
                facts,
            });
            all.len() - 1
        });
        match index {
            Some(index) => all[at].samples.push(index),
            None => all[at].retry = true,
        }
    }
    all
}

/// Gives the attempts back what they met. The error says which one is not there.
pub(super) fn scatter(all: Vec<MetOwned>, result: &mut ProbeResult) -> Result<(), String> {
    for (position, met) in all.into_iter().enumerate() {
        let nowhere = |whose: String| {
            format!("certificates[{position}] belongs to {whose}, which has no handshake")
        };
        for index in met.samples {
            let attempt = result.samples.get_mut(index);
            let facts = attempt.and_then(|attempt| attempt.tls.as_mut());
            let facts = facts.ok_or_else(|| nowhere(format!("samples[{index}]")))?;
            facts.certificate = Some(met.facts.clone());
        }
        if met.retry {
            let attempt = result.retry.as_mut();
            let facts = attempt.and_then(|attempt| attempt.tls.as_mut());
            let facts = facts.ok_or_else(|| nowhere("the retry".to_owned()))?;
            facts.certificate = Some(met.facts);
        }
    }
    Ok(())
}

fn certificate(attempt: &Attempt) -> Option<&CertificateFacts> {
    attempt.tls.as_ref()?.certificate.as_ref()
}

lists! {
    chain ChainLink, "ChainLinkForm";
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CertificateFacts")]
struct CertificateFactsForm {
    #[serde(with = "time")]
    not_after: Timestamp,
    #[serde(with = "time")]
    not_before: Timestamp,
    #[serde(with = "time")]
    leaf_not_after: Timestamp,
    subject: String,
    issuer: String,
    names: Vec<String>,
    fingerprint: String,
    presented: usize,
    verified: bool,
    #[serde(with = "chain")]
    chain: Vec<ChainLink>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ChainLink")]
struct ChainLinkForm {
    #[serde(with = "shared")]
    certificate: Arc<PresentedCertificate>,
    on_path: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PresentedCertificate")]
struct PresentedCertificateForm {
    subject: String,
    issuer: String,
    #[serde(with = "time")]
    not_before: Timestamp,
    #[serde(with = "time")]
    not_after: Timestamp,
    key_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_bits: Option<u32>,
    signature_algorithm: String,
    serial: String,
    fingerprint: String,
}

/// A certificate behind a shared reference.
mod shared {
    use std::sync::Arc;

    use serde::{Deserializer, Serializer};
    use tidewatch_domain::probe::PresentedCertificate;

    use super::PresentedCertificateForm;

    pub(super) fn serialize<S: Serializer>(
        value: &Arc<PresentedCertificate>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        PresentedCertificateForm::serialize(value, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<PresentedCertificate>, D::Error> {
        PresentedCertificateForm::deserialize(deserializer).map(Arc::new)
    }
}
