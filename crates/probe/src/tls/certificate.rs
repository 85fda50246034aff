//! What the presented certificates say, in the terms of the domain.

use std::fmt::Write;
use std::net::IpAddr;

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

/// What could be read of the certificates that were seen.
pub(super) struct Read {
    /// What they say.
    pub(super) facts: CertificateFacts,
    /// From when on all those of the path are valid; `None` where one of them cannot be read.
    pub(super) from: Option<Timestamp>,
}

/// Reads what was seen; `None` when no certificate was, or the leaf cannot be read.
pub(super) fn read(seen: &Seen, certificates: &Certificates) -> Option<Read> {
    let der = seen.presented.first()?;
    let (_, leaf) = X509Certificate::from_der(der).ok()?;
    let (not_before, leaf_not_after) = validity(&leaf);
    let (mut from, mut not_after) = (Some(not_before), leaf_not_after);
    for der in seen.path.iter().flatten() {
        match X509Certificate::from_der(der) {
            Ok((_, certificate)) => {
                let (begins, ends) = validity(&certificate);
                from = from.map(|from| from.max(begins));
                not_after = not_after.min(ends);
            }
            Err(_) => from = None,
        }
    }
    let facts = CertificateFacts {
        not_after,
        not_before,
        leaf_not_after,
        subject: shown(leaf.subject()),
        issuer: shown(leaf.issuer()),
        names: names(&leaf),
        fingerprint: fingerprint(der),
        presented: seen.presented.len(),
        verified: seen.path.is_some(),
        chain: certificates.chain(seen),
    };
    Some(Read { facts, from })
}

/// From when until when a certificate is valid.
fn validity(certificate: &X509Certificate<'_>) -> (Timestamp, Timestamp) {
    let validity = certificate.validity();
    (
        Timestamp::from_secs(validity.not_before.timestamp()),
        Timestamp::from_secs(validity.not_after.timestamp()),
    )
}

/// A name as a text may have it: `CN=shop.example, O=Shop`.
pub(super) fn shown(name: &X509Name<'_>) -> String {
    name.to_string()
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_NAME)
        .collect()
}

/// The names that `leaf` is for.
pub(super) fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
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
        GeneralName::DNSName(name) => Some(
            name.chars()
                .filter(|character| !character.is_control())
                .take(LONGEST_NAME)
                .collect(),
        ),
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
