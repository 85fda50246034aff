//! Certificates good and bad, from an authority of the tests' own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// From when to when a certificate is valid: year, month, day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first day.
    pub from: (i32, u8, u8),
    /// The day on which it is no longer valid.
    pub until: (i32, u8, u8),
}

/// 2020 to 2040.
impl Default for Validity {
    fn default() -> Self {
        Validity {
            from: (2020, 1, 1),
            until: (2040, 1, 1),
        }
    }
}

/// Signs certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// What has to be presented beside a leaf: this authority's own certificate, unless it is a
    /// root, and those above it.
    presented: Vec<CertificateDer<'static>>,
}

impl Authority {
    /// A root that nobody trusts unless told to, with a name of its own.
    pub fn root() -> Self {
        static ROOTS: AtomicUsize = AtomicUsize::new(1);
        let name = format!("Test Root {}", ROOTS.fetch_add(1, Ordering::Relaxed));
        let issuer = CertifiedIssuer::self_signed(authority(&name, Validity::default()), key())
            .expect("a root certificate can be signed");
        Authority {
            issuer,
            presented: Vec::new(),
        }
    }

    /// An intermediate authority below this one.
    pub fn intermediate(&self, validity: Validity) -> Self {
        let issuer = CertifiedIssuer::signed_by(
            authority("Test Intermediate", validity),
            key(),
            &self.issuer,
        )
        .expect("an intermediate certificate can be signed");
        let mut presented = vec![issuer.der().clone()];
        presented.extend(self.presented.iter().cloned());
        Authority { issuer, presented }
    }

    /// This authority's own certificate.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// This authority's own certificate as a PEM file has it.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server's certificate for `names`, which may be IP addresses.
    pub fn server(&self, names: &[&str], validity: Validity) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("the names can be in a certificate");
        date(&mut params, validity);
        params
            .distinguished_name
            .push(DnType::CommonName, "test server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = key();
        let leaf = params
            .signed_by(&key, &self.issuer)
            .expect("a certificate can be signed");
        let mut chain = vec![leaf.der().clone()];
        chain.extend(self.presented.iter().cloned());
        Identity {
            chain,
            key: PrivateKeyDer::from(key),
        }
    }
}

/// A key and the certificates that speak for it.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// The certificates, the leaf first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// Presents the leaf alone, as servers do whose administrator forgot the intermediates.
    #[must_use]
    pub fn without_intermediates(mut self) -> Self {
        self.chain.truncate(1);
        self
    }

    /// A server with this identity.
    pub fn serve(self) -> ServerTls {
        ServerTls {
            identity: self,
            alpn: Vec::new(),
            clients: None,
            versions: rustls::ALL_VERSIONS.to_vec(),
        }
    }
}

/// How a server does TLS.
#[derive(Debug)]
pub struct ServerTls {
    identity: Identity,
    alpn: Vec<Vec<u8>>,
    clients: Option<CertificateDer<'static>>,
    versions: Vec<&'static SupportedProtocolVersion>,
}

impl ServerTls {
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

    /// The configuration for a server of its own making.
    pub fn config(self) -> Arc<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
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
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .expect("client certificates can be verified");
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(self.identity.chain, self.identity.key)
            .expect("key and certificate belong together");
        config.alpn_protocols = self.alpn;
        Arc::new(config)
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a P-256 key can be generated")
}

fn authority(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    date(&mut params, validity);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn date(params: &mut CertificateParams, validity: Validity) {
    let day = |(year, month, day)| date_time_ymd(year, month, day);
    params.not_before = day(validity.from);
    params.not_after = day(validity.until);
}
