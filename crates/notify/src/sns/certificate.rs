//! The certificate that SNS signs with.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tidewatch_domain::Timestamp;
use x509_parser::pem::parse_x509_pem;

use super::delivery::Delivery;

/// Certificate or signature are no good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a certificate.
    #[error("the certificate of SNS cannot be read: {0}")]
    Unreadable(String),
    /// Out of date.
    #[error("the certificate of SNS is not valid at this time")]
    NotValid,
    /// A version of tomorrow.
    #[error("signature version `{0}` is not known; 1 and 2 are")]
    Version(String),
    /// Somebody else's.
    #[error("the signature of the delivery does not fit")]
    Signature,
}

/// A certificate's key and the time in which it counts.
#[derive(Debug)]
pub(super) struct Certificate {
    key: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
}

impl Certificate {
    pub(super) fn read(pem: &[u8]) -> Result<Self, CertificateError> {
        let unreadable = |error: String| CertificateError::Unreadable(error);
        let (_, pem) = parse_x509_pem(pem).map_err(|error| unreadable(error.to_string()))?;
        let certificate = pem
            .parse_x509()
            .map_err(|error| unreadable(error.to_string()))?;
        let validity = certificate.validity();
        Ok(Certificate {
            key: certificate
                .public_key()
                .subject_public_key
                .data
                .clone()
                .into_owned(),
            from: Timestamp::from_secs(validity.not_before.timestamp()),
            until: Timestamp::from_secs(validity.not_after.timestamp()),
        })
    }

    pub(super) fn is_valid(&self, now: Timestamp) -> bool {
        (self.from..=self.until).contains(&now)
    }

    pub(super) fn verify(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<(), CertificateError> {
        if !self.is_valid(now) {
            return Err(CertificateError::NotValid);
        }
        let algorithm: &dyn VerificationAlgorithm = match delivery.signature_version.as_str() {
            // What topics use unless they are set otherwise.
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            other => return Err(CertificateError::Version(other.to_owned())),
        };
        let signature = STANDARD
            .decode(&delivery.signature)
            .map_err(|_| CertificateError::Signature)?;
        UnparsedPublicKey::new(algorithm, &self.key)
            .verify(delivery.signed.as_bytes(), &signature)
            .map_err(|_| CertificateError::Signature)
    }
}
