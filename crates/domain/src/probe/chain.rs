//! The certificates that a server presents.

use std::sync::Arc;

use crate::time::Timestamp;

/// A certificate at its place in what a server presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// What it says. Shared with all probes that met the same certificate.
    pub certificate: Arc<PresentedCertificate>,
    /// Whether the verified path leads over it; never where verification failed or was not
    /// wanted.
    pub on_path: bool,
}

/// What a certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedCertificate {
    /// Whom it speaks for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// When its validity begins.
    pub not_before: Timestamp,
    /// When its validity ends.
    pub not_after: Timestamp,
    /// The algorithm of its key: `EC P-256`, `RSA`, `Ed25519`; the object identifier of others.
    pub key_type: String,
    /// The size of its key in bits; `None` where the algorithm does not have several.
    pub key_bits: Option<u32>,
    /// How it was signed: `ecdsa-with-SHA256`; the object identifier of unknown algorithms.
    pub signature_algorithm: String,
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// SHA-256 over the certificate, lower-case hexadecimal.
    pub fingerprint: String,
}
