//! What the presented certificates say, in the terms of the domain.

use std::fmt::Write;
use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::CertificateFacts;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::chain::Certificates;
use super::verifier::Seen;

/// More names than this are counted out: some certificates are for thousands.
const MOST_NAMES: usize = 100;
/// Subjects are chosen by strangers.
const LONGEST_NAME: usize = 256;

/// The facts of what was seen; `None` when no certificate was, or the leaf cannot be read.
pub(super) fn facts(seen: &Seen, certificates: &Certificates) -> Option<CertificateFacts> {
    let der = seen.presented.first()?;
    let (_, leaf) = X509Certificate::from_der(der).ok()?;
    let validity = leaf.validity();
    let leaf_not_after = Timestamp::from_secs(validity.not_after.timestamp());
    let not_after = seen
        .path
        .iter()
        .flatten()
        .filter_map(not_after)
        .fold(leaf_not_after, Timestamp::min);
    Some(CertificateFacts {
        not_after,
        not_before: Timestamp::from_secs(validity.not_before.timestamp()),
        leaf_not_after,
        subject: shown(leaf.subject()),
        issuer: shown(leaf.issuer()),
        names: names(&leaf),
        fingerprint: fingerprint(der),
        presented: seen.presented.len(),
        verified: seen.path.is_some(),
        chain: certificates.chain(seen),
    })
}

fn not_after(der: &CertificateDer<'static>) -> Option<Timestamp> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(Timestamp::from_secs(
        certificate.validity().not_after.timestamp(),
    ))
}

/// A name as it may be shown.
pub(super) fn shown(name: &X509Name<'_>) -> String {
    name.to_string()
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_NAME)
        .collect()
}

fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = leaf.subject_alternative_name() else {
        return Vec::new();
    };
    extension
        .value
        .general_names
        .iter()
        .filter_map(name)
        .take(MOST_NAMES)
        .collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.chars().take(LONGEST_NAME).collect()),
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(IpAddr::from([*a, *b, *c, *d]).to_string()),
            bytes => <[u8; 16]>::try_from(bytes)
                .ok()
                .map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

/// SHA-256 over a certificate, in lower-case hexadecimal.
pub(super) fn fingerprint(der: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(der) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
