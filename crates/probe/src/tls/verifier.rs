//! Verification of a server's certificates that keeps what it saw.
//!
//! rustls forgets the presented certificates when it refuses them, and its own verifier forgets
//! the path that it found. Both are wanted: an expired certificate must still say when it
//! expired, and the date that matters is the earliest on the path, not the leaf's. So the path is
//! built with webpki directly, by the same rules.

use std::sync::Arc;

use parking_lot::Mutex;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tidewatch_domain::probe::Staple;
use webpki::{EndEntityCert, KeyUsage, VerifiedPath, anchor_from_trusted_cert};

use super::known::{ChainId, KnownChains, Verified};
use super::staple;

/// Verifies certificates against the trusted roots, each chain once.
#[derive(Clone, Debug)]
pub(super) struct PathVerifier {
    /// `None` where anybody is trusted.
    roots: Option<Arc<RootCertStore>>,
    /// What was verified before, by the same roots.
    pub(super) known: Arc<KnownChains>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl PathVerifier {
    pub(super) fn new(roots: Option<RootCertStore>, provider: &CryptoProvider) -> Self {
        PathVerifier {
            roots: roots.map(Arc::new),
            known: Arc::default(),
            algorithms: provider.signature_verification_algorithms,
        }
    }

    /// A path from `leaf` to one of the `roots`.
    fn path<'p>(
        &self,
        leaf: &'p EndEntityCert<'p>,
        intermediates: &'p [CertificateDer<'p>],
        roots: &'p RootCertStore,
        now: UnixTime,
    ) -> Result<VerifiedPath<'p>, webpki::Error> {
        leaf.verify_for_usage(
            self.algorithms.all,
            &roots.roots,
            intermediates,
            now,
            KeyUsage::server_auth(),
            None,
            None,
        )
    }

    /// What `response` says about the leaf of `path`; an empty one says nothing.
    fn staple(&self, path: &VerifiedPath<'_>, response: &[u8], now: UnixTime) -> Option<Staple> {
        if response.is_empty() {
            return None;
        }
        let first = path
            .intermediate_certificates()
            .next()
            .map(|cert| cert.der());
        let anchor = match &first {
            Some(issuer) => anchor_from_trusted_cert(issuer).ok()?,
            None => path.anchor().clone(),
        };
        let issuer = staple::Issuer {
            anchor,
            algorithms: self.algorithms,
        };
        Some(staple::read(response, path.end_entity(), &issuer, now))
    }
}

/// What one handshake showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// By which the chain is known.
    pub(super) chain: Option<ChainId>,
    /// What is known of it from before; then no path was built.
    pub(super) known: Option<Arc<Verified>>,
    /// The certificates as presented, the leaf first.
    pub(super) presented: Vec<CertificateDer<'static>>,
    /// The intermediates of the path to a trusted root, where one was found.
    pub(super) path: Option<Vec<CertificateDer<'static>>>,
    /// What the stapled response says, where there is one and a path was found.
    pub(super) staple: Option<Staple>,
    /// Whether the server asked for a certificate of ours.
    pub(super) asked_for_client_certificate: bool,
}

/// Stands between rustls and the verifier for the length of one handshake.
#[derive(Debug)]
pub(super) struct Recorder {
    verifier: Arc<PathVerifier>,
    client: Option<Arc<CertifiedKey>>,
    seen: Mutex<Seen>,
}

impl Recorder {
    pub(super) fn new(verifier: Arc<PathVerifier>, client: Option<Arc<CertifiedKey>>) -> Self {
        Recorder {
            verifier,
            client,
            seen: Mutex::default(),
        }
    }

    /// Whether this chain was verified before and still holds. A stapled response is about now: who
    /// brings one is verified in full.
    fn is_known(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> bool {
        if !ocsp_response.is_empty() {
            return false;
        }
        let chain = ChainId::of(end_entity, intermediates);
        let known = self.verifier.known.get(chain, now);
        let is_known = known.is_some();
        let mut seen = self.seen.lock();
        seen.chain = Some(chain);
        seen.known = known;
        is_known
    }

    /// What was seen until now.
    pub(super) fn seen(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock())
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.seen.lock().presented = std::iter::once(end_entity)
            .chain(intermediates)
            .map(|certificate| certificate.clone().into_owned())
            .collect();
        let Some(roots) = &self.verifier.roots else {
            return Ok(ServerCertVerified::assertion());
        };
        let leaf = EndEntityCert::try_from(end_entity).map_err(refusal)?;
        if !self.is_known(end_entity, intermediates, ocsp_response, now) {
            let path = self
                .verifier
                .path(&leaf, intermediates, roots, now)
                .map_err(refusal)?;
            let staple = self.verifier.staple(&path, ocsp_response, now);
            let revoked = matches!(staple, Some(Staple::Revoked { .. }));
            {
                let mut seen = self.seen.lock();
                seen.path = Some(
                    path.intermediate_certificates()
                        .map(|cert| cert.der().into_owned())
                        .collect(),
                );
                seen.staple = staple;
            }
            if revoked {
                return Err(CertificateError::Revoked.into());
            }
        }
        leaf.verify_is_valid_for_subject_name(server_name)
            .map_err(refusal)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.verifier.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.verifier.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.algorithms.supported_schemes()
    }
}

/// Gives the client certificate, if there is one, and notes that it was asked for: a server that
/// then ends the handshake with some alert did so because of it.
impl ResolvesClientCert for Recorder {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.seen.lock().asked_for_client_certificate = true;
        self.client.clone()
    }

    fn has_certs(&self) -> bool {
        self.client.is_some()
    }
}

/// A refusal of webpki in the terms of rustls, which also decide the alert that the server gets.
fn refusal(error: webpki::Error) -> rustls::Error {
    use webpki::Error;
    let error = match error {
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => CertificateError::BadEncoding,
        Error::CertExpired { time, not_after } => {
            CertificateError::ExpiredContext { time, not_after }
        }
        Error::InvalidCertValidity => CertificateError::Expired,
        Error::CertNotValidYet { time, not_before } => {
            CertificateError::NotValidYetContext { time, not_before }
        }
        Error::CertNotValidForName(names) => CertificateError::NotValidForNameContext {
            expected: names.expected,
            presented: names.presented,
        },
        // What a certificate that signed itself usually is.
        Error::UnknownIssuer | Error::CaUsedAsEndEntity => CertificateError::UnknownIssuer,
        Error::CertRevoked => CertificateError::Revoked,
        Error::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        Error::UnsupportedSignatureAlgorithmContext(context) => {
            CertificateError::UnsupportedSignatureAlgorithmContext {
                signature_algorithm_id: context.signature_algorithm_id,
                supported_algorithms: context.supported_algorithms,
            }
        }
        Error::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
            CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                signature_algorithm_id: context.signature_algorithm_id,
                public_key_algorithm_id: context.public_key_algorithm_id,
            }
        }
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
            CertificateError::InvalidPurpose
        }
        other => CertificateError::Other(OtherError(Arc::new(other))),
    };
    rustls::Error::InvalidCertificate(error)
}
