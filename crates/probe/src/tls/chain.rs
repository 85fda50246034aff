//! The certificates that servers present, each read once however many probes meet it.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls_pki_types::CertificateDer;
use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::{ChainLink, PresentedCertificate};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{Oid, OidRegistry};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use super::certificate::{fingerprint, shown};
use super::verifier::Seen;

/// Above so many certificates all are forgotten and read again: by then most of them have been
/// replaced by others.
const REMEMBERED: usize = 4_096;
/// Servers may present as many as they like.
const LONGEST: usize = 32;

/// The certificates that were read, by their bytes.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    read: Mutex<HashMap<Box<[u8]>, Arc<PresentedCertificate>>>,
}

impl Certificates {
    /// What was presented, in order.
    pub(super) fn chain(&self, seen: &Seen) -> Vec<ChainLink> {
        let presented = seen.presented.iter().take(LONGEST).enumerate();
        let link = |(index, der): (usize, &CertificateDer<'static>)| {
            let on_path = seen
                .path
                .as_ref()
                .is_some_and(|path| index == 0 || path.contains(der));
            Some(ChainLink {
                certificate: self.certificate(der)?,
                on_path,
            })
        };
        presented.filter_map(link).collect()
    }

    fn certificate(&self, der: &[u8]) -> Option<Arc<PresentedCertificate>> {
        if let Some(known) = self.read.lock().get(der) {
            return Some(known.clone());
        }
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let facts = Arc::new(facts(der, &certificate));
        let mut read = self.read.lock();
        if read.len() >= REMEMBERED {
            read.clear();
        }
        read.insert(der.into(), facts.clone());
        Some(facts)
    }
}

fn facts(der: &[u8], certificate: &X509Certificate<'_>) -> PresentedCertificate {
    let validity = certificate.validity();
    let (key_type, key_bits) = key(certificate);
    PresentedCertificate {
        subject: shown(certificate.subject()),
        issuer: shown(certificate.issuer()),
        not_before: Timestamp::from_secs(validity.not_before.timestamp()),
        not_after: Timestamp::from_secs(validity.not_after.timestamp()),
        key_type,
        key_bits,
        signature_algorithm: named(&certificate.signature_algorithm.algorithm),
        serial: certificate.raw_serial_as_string().replace(':', ""),
        fingerprint: fingerprint(der),
    }
}

/// The algorithm of the certificate's key, and its size.
fn key(certificate: &X509Certificate<'_>) -> (String, Option<u32>) {
    let key = certificate.public_key();
    let bits = |bits: usize| u32::try_from(bits).ok().filter(|bits| *bits > 0);
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => ("RSA".to_owned(), bits(rsa.key_size())),
        Ok(PublicKey::EC(_)) => {
            let parameters = key.algorithm.parameters.as_ref();
            let curve = parameters
                .and_then(|parameters| parameters.as_oid().ok())
                .map(|oid| curve(&oid));
            match curve {
                Some((name, size)) => (format!("EC {name}"), size),
                None => ("EC".to_owned(), None),
            }
        }
        _ => (named(&key.algorithm.algorithm), None),
    }
}

/// The name of a curve that certificates are used with (RFC 5480), and its size.
fn curve(oid: &Oid<'_>) -> (String, Option<u32>) {
    match oid.to_id_string().as_str() {
        "1.2.840.10045.3.1.7" => ("P-256".to_owned(), Some(256)),
        "1.3.132.0.34" => ("P-384".to_owned(), Some(384)),
        "1.3.132.0.35" => ("P-521".to_owned(), Some(521)),
        other => (other.to_owned(), None),
    }
}

/// The short name of an algorithm, or its object identifier.
fn named(oid: &Oid<'_>) -> String {
    match oid.to_id_string().as_str() {
        // RFC 8410.
        "1.3.101.112" => "Ed25519".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        number => OidRegistry::default()
            .with_crypto()
            .get(oid)
            .map_or_else(|| number.to_owned(), |entry| entry.sn().to_owned()),
    }
}
