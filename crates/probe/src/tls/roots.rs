//! Whose certificates are trusted.

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;

use crate::options::EngineError;

/// The machine's trusted roots, or Mozilla's where the machine has none, and `extra` ones.
pub(super) fn trusted(extra: &[CertificateDer<'static>]) -> Result<RootCertStore, EngineError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "some of the machine's trusted certificates cannot be read");
    }
    let (_, unusable) = roots.add_parsable_certificates(native.certs);
    if unusable > 0 {
        tracing::debug!(
            unusable,
            "some of the machine's trusted certificates cannot be used"
        );
    }
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for certificate in extra {
        roots
            .add(certificate.clone())
            .map_err(|error| EngineError::TrustRoot {
                reason: error.to_string(),
            })?;
    }
    if roots.is_empty() {
        Err(EngineError::NoTrustRoots)
    } else {
        Ok(roots)
    }
}
