//! TLS for the router, by rustls with the primitives of aws-lc.

mod listener;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpListener;

pub use listener::TlsListener;

/// Protocols over TLS, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A server's certificate with its key, from two PEM files. Cheap to clone; the clones share what
/// [`Tls::reload`] reads.
#[derive(Clone, Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

/// A certificate or its key cannot be used: which file, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file has not what is looked for in it.
    #[error("{} has no {wanted} in PEM form: {reason}", file.display())]
    Pem {
        /// The file.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The two do not belong together, or are of a kind that cannot be used.
    #[error(
        "the certificate {} cannot be served with the key {}", certificate.display(),
        key.display()
    )]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
}

impl Tls {
    /// Reads the certificate, followed by those between it and its root, and the key (PKCS#8,
    /// PKCS#1 or SEC1).
    pub fn load(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        let current = Arc::new(Current(RwLock::new(read(certificate, key)?)));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider's defaults have the versions that rustls has")
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Tls {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current,
            config: Arc::new(config),
        })
    }

    /// Reads the files again, for connections to come. When that fails, the certificate stays the
    /// one it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let certified = read(&self.certificate, &self.key)?;
        *self.current.0.write() = certified;
        Ok(())
    }

    /// Serves TLS on a socket.
    pub fn listen(&self, socket: TcpListener) -> io::Result<TlsListener> {
        TlsListener::start(socket, self.config.clone())
    }
}

/// What is presented at this moment.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().clone())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = bytes(certificate)?;
    let unfit = |reason: &dyn std::fmt::Display| TlsError::Pem {
        file: certificate.to_owned(),
        wanted: "certificate",
        reason: reason.to_string(),
    };
    let chain = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<Vec<_>, pem::Error>>()
        .map_err(|error| unfit(&error))?;
    if chain.is_empty() {
        return Err(unfit(&"there is no such section in it"));
    }
    let secret = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|error| TlsError::Pem {
        file: key.to_owned(),
        wanted: "private key",
        reason: error.to_string(),
    })?;
    CertifiedKey::from_der(chain, secret, &aws_lc_rs::default_provider())
        .map(Arc::new)
        .map_err(|source| TlsError::Mismatch {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source,
        })
}

fn bytes(file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|source| TlsError::Unreadable {
        file: file.to_owned(),
        source,
    })
}
