//! How a server does TLS with a certificate.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;

use super::{Authority, Identity};

/// How a server does TLS.
#[derive(Debug)]
pub struct ServerTls {
    identity: Identity,
    alpn: Vec<Vec<u8>>,
    clients: Option<CertificateDer<'static>>,
    versions: Vec<&'static SupportedProtocolVersion>,
    groups: Vec<&'static dyn SupportedKxGroup>,
}

impl ServerTls {
    /// A server of `identity` that speaks all versions and offers no application protocol.
    pub(super) fn new(identity: Identity) -> Self {
        ServerTls {
            identity,
            alpn: Vec::new(),
            clients: None,
            versions: rustls::ALL_VERSIONS.to_vec(),
            groups: aws_lc_rs::DEFAULT_KX_GROUPS.to_vec(),
        }
    }

    /// Offers this protocol too, after the ones before: `h2`, `http/1.1`.
    #[must_use]
    pub fn alpn(mut self, protocol: &str) -> Self {
        self.alpn.push(protocol.as_bytes().to_vec());
        self
    }

    /// Demands a client certificate of `authority`.
    #[must_use]
    pub fn demand_client(mut self, authority: &Authority) -> Self {
        self.clients = Some(authority.certificate());
        self
    }

    /// Speaks this version only.
    #[must_use]
    pub fn only(mut self, version: &'static SupportedProtocolVersion) -> Self {
        self.versions = vec![version];
        self
    }

    /// Exchanges keys in a way only that nobody offers: ML-KEM without a second method.
    #[must_use]
    pub fn with_unusual_groups(mut self) -> Self {
        self.groups = vec![aws_lc_rs::kx_group::MLKEM768];
        self
    }

    /// The configuration of such a server, for those that a test writes itself.
    pub fn config(self) -> Arc<ServerConfig> {
        let provider = Arc::new(CryptoProvider {
            kx_groups: self.groups,
            ..aws_lc_rs::default_provider()
        });
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&self.versions)
            .expect("the provider has the test's versions");
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots
                    .add(authority)
                    .expect("the test's authority can be trusted");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                        .build()
                        .expect("client certificates can be verified");
                builder.with_client_cert_verifier(verifier)
            }
        };
        let key = provider
            .key_provider
            .load_private_key(self.identity.key)
            .expect("the test's key is one");
        // Not through rustls's own builder: it would refuse what does not belong together.
        let mut certified = CertifiedKey::new(self.identity.chain, key);
        certified.ocsp = self.identity.staple;
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = self.alpn;
        Arc::new(config)
    }
}
