//! How TLS is spoken by one monitor. What monitors have in common is built once and kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use sha2::{Digest, Sha256};
use tidewatch_domain::monitor::{ClientCertificate, TlsOptions, TlsVersion};
use tidewatch_domain::ports::SecretStore;
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner};
use url::Host;

use super::Time;
use super::verifier::{PathVerifier, Recorder};
use crate::options::EngineError;
use crate::secrets;

/// Above so many policies, those that no probe uses at the moment are forgotten.
const REMEMBERED: usize = 1_024;

/// One way to speak TLS.
pub(super) struct Policy {
    /// What a handshake begins with; its verifier has to be put in.
    pub(super) config: ClientConfig,
    /// Trusts anybody where the server's certificate is not verified.
    pub(super) verifier: Arc<PathVerifier>,
    /// The client's own certificate.
    pub(super) client: Option<Arc<CertifiedKey>>,
    /// What a server has that speaks none of the versions offered.
    pub(super) lacking: &'static str,
}

/// Nothing about the client's key.
impl fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("verifier", &self.verifier)
            .field("client", &self.client.is_some())
            .finish_non_exhaustive()
    }
}

/// How one monitor speaks TLS with its own host, and with those that it is redirected to.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    everywhere: Arc<Policy>,
    /// `None` where its own host is like any other.
    home: Option<Arc<Home>>,
}

#[derive(Debug)]
struct Home {
    host: Host<String>,
    server_name: Option<ServerName<'static>>,
    /// With the client's certificate, which is for nobody else.
    policy: Arc<Policy>,
}

impl Terms {
    /// How to speak with `host`, and the name that it has to prove where that is another one.
    pub(super) fn towards(&self, host: &Host<&str>) -> (&Policy, Option<&ServerName<'static>>) {
        match &self.home {
            Some(home) if home.host == *host => (&home.policy, home.server_name.as_ref()),
            _ => (&self.everywhere, None),
        }
    }
}

/// All policies in use.
#[derive(Debug)]
pub(super) struct Policies {
    provider: Arc<CryptoProvider>,
    time: Arc<Time>,
    /// What options that say nothing stand for.
    usual: Arc<Policy>,
    others: Mutex<HashMap<Key, Arc<Policy>>>,
}

/// By what policies differ. The client's key itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    versions: (TlsVersion, TlsVersion),
    roots: Option<String>,
    verify: bool,
    client: Option<(String, [u8; 32])>,
}

impl Policies {
    pub(super) fn new(
        provider: CryptoProvider,
        roots: RootCertStore,
        time: Time,
    ) -> Result<Self, EngineError> {
        let provider = Arc::new(provider);
        let time = Arc::new(time);
        let verifier = PathVerifier::new(Some(roots), &provider);
        let versions = (TlsVersion::V1_2, TlsVersion::V1_3);
        let usual = policy(&provider, &time, verifier, versions, None)
            .map_err(|reason| EngineError::Tls { reason })?;
        Ok(Policies {
            provider,
            time,
            usual: Arc::new(usual),
            others: Mutex::default(),
        })
    }

    /// How to speak TLS by `options`, where the target is `host`. The client's key is read from
    /// `secrets`, which may take as long as `limit`.
    pub(super) async fn terms(
        &self,
        options: &TlsOptions,
        host: Host<String>,
        secrets: &dyn SecretStore,
        limit: Duration,
    ) -> Result<Terms, Cause> {
        let key = Key {
            versions: (options.min_version, options.max_version),
            roots: options.roots.clone(),
            verify: options.verify,
            client: None,
        };
        let everywhere = self.get(&key, || Ok(None))?;
        let server_name = options
            .server_name
            .as_deref()
            .map(server_name)
            .transpose()?;
        let policy = match &options.client_certificate {
            None if server_name.is_none() => {
                return Ok(Terms {
                    everywhere,
                    home: None,
                });
            }
            None => everywhere.clone(),
            Some(client) => {
                let pem = secrets::read(secrets, &[&client.key], limit)
                    .await?
                    .remove(&client.key)
                    .unwrap_or_default();
                let digest = Sha256::digest(pem.as_bytes()).into();
                let key = Key {
                    client: Some((client.certificate.clone(), digest)),
                    ..key
                };
                self.get(&key, || self.client(client, &pem).map(Some))?
            }
        };
        Ok(Terms {
            everywhere,
            home: Some(Arc::new(Home {
                host,
                server_name,
                policy,
            })),
        })
    }

    /// The policy by `key`, built where it is not known yet.
    fn get(
        &self,
        key: &Key,
        client: impl FnOnce() -> Result<Option<CertifiedKey>, Cause>,
    ) -> Result<Arc<Policy>, Cause> {
        if key.is_usual() {
            return Ok(self.usual.clone());
        }
        if let Some(known) = self.others.lock().get(key) {
            return Ok(known.clone());
        }
        let verifier = match (key.verify, &key.roots) {
            (false, _) => PathVerifier::new(None, &self.provider),
            (true, None) => self.usual.verifier.as_ref().clone(),
            (true, Some(pem)) => PathVerifier::new(Some(roots(pem)?), &self.provider),
        };
        let client = client()?.map(Arc::new);
        let built = policy(&self.provider, &self.time, verifier, key.versions, client)
            .map(Arc::new)
            .map_err(|reason| faulty(ErrorClass::TlsProtocol, reason))?;
        let mut others = self.others.lock();
        if others.len() >= REMEMBERED {
            others.retain(|_, policy| Arc::strong_count(policy) > 1);
        }
        others.insert(key.clone(), built.clone());
        Ok(built)
    }

    fn client(&self, client: &ClientCertificate, key: &str) -> Result<CertifiedKey, Cause> {
        let unusable = |what: &str| faulty(ErrorClass::TlsClientAuth, what.to_owned());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(client.certificate.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| unusable("the client certificate is not PEM text"))?;
        if chain.is_empty() {
            return Err(unusable(
                "the client certificate has no `BEGIN CERTIFICATE` block",
            ));
        }
        // What is wrong with a key is not said more exactly: errors could quote it.
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| {
            unusable("the secret with the client's key is not a private key as PEM text")
        })?;
        CertifiedKey::from_der(chain, key, &self.provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                unusable("the client certificate is for another key than the secret holds")
            }
            _ => unusable("the client certificate or its key is of a kind that cannot be used"),
        })
    }
}

impl Key {
    fn is_usual(&self) -> bool {
        self.verify
            && self.roots.is_none()
            && self.client.is_none()
            && self.versions == (TlsVersion::V1_2, TlsVersion::V1_3)
    }
}

fn policy(
    provider: &Arc<CryptoProvider>,
    time: &Arc<Time>,
    verifier: PathVerifier,
    (oldest, newest): (TlsVersion, TlsVersion),
    client: Option<Arc<CertifiedKey>>,
) -> Result<Policy, String> {
    let versions: Vec<&'static SupportedProtocolVersion> = TlsVersion::ALL
        .iter()
        .filter(|version| (oldest..=newest).contains(version))
        .map(|version| match version {
            TlsVersion::V1_2 => &version::TLS12,
            TlsVersion::V1_3 => &version::TLS13,
        })
        .collect();
    let verifier = Arc::new(verifier);
    let recorder = Arc::new(Recorder::new(verifier.clone(), None));
    let mut config = ClientConfig::builder_with_details(provider.clone(), time.clone())
        .with_protocol_versions(&versions)
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(recorder)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    Ok(Policy {
        config,
        verifier,
        client,
        lacking: match (oldest, newest) {
            (TlsVersion::V1_3, _) => "no TLS 1.3",
            (_, TlsVersion::V1_2) => "no TLS 1.2",
            _ => "neither TLS 1.2 nor TLS 1.3",
        },
    })
}

fn roots(pem: &str) -> Result<RootCertStore, Cause> {
    let unusable = |reason: String| {
        let text = format!("a certificate of `roots` cannot be used: {reason}");
        faulty(ErrorClass::TlsCertUnknownIssuer, text)
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| unusable("it is not PEM text".to_owned()))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("there is no `BEGIN CERTIFICATE` block".to_owned()));
    }
    Ok(roots)
}

/// The name as certificates have it.
pub(super) fn server_name(name: &str) -> Result<ServerName<'static>, Cause> {
    let name = name.strip_suffix('.').unwrap_or(name);
    ServerName::try_from(name.to_owned()).map_err(|_| {
        Cause::new(
            ErrorClass::TlsCertNameMismatch,
            format!("`{name}` is not a name that a certificate can be for"),
        )
    })
}

/// A fault of the definition.
fn faulty(class: ErrorClass, text: String) -> Cause {
    Cause {
        owner: ErrorOwner::Config,
        ..Cause::new(class, text)
    }
}
