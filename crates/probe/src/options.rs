//! What an engine is built from.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tidewatch_domain::Location;

use crate::address::AddressPolicy;

/// What an engine is built from. Everything but the location has a default.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Where the probes run; written into every result.
    pub location: Location,
    /// Which addresses may be talked to; by default all.
    pub addresses: AddressPolicy,
    /// Who is asked for names; by default whoever the machine's own configuration names.
    pub name_server: NameServer,
    /// The `user-agent` header of monitors that set none.
    pub user_agent: String,
    /// Certificates trusted beside those of the machine: the roots of private authorities.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// How many probes run at once; by default half of the process's file descriptors, less some
    /// for everything else. A probe beyond that waits, and shows it as start lag.
    pub max_in_flight: usize,
    /// The pause between two attempts of a probe, give or take a fifth; 100 ms by default.
    pub sample_gap: Duration,
    /// The seed of all chance, for repeatable runs; by default another one each time.
    pub seed: Option<u64>,
}

/// Who is asked for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameServer {
    /// Whoever `/etc/resolv.conf` names; changes of the file are followed.
    System,
    /// The name server at this address, over UDP and TCP.
    At(SocketAddr),
}

impl EngineOptions {
    /// The defaults for probes that run at `location`.
    pub fn new(location: Location) -> Self {
        EngineOptions {
            location,
            addresses: AddressPolicy::any(),
            name_server: NameServer::System,
            user_agent: concat!("Tidewatch/", env!("CARGO_PKG_VERSION")).to_owned(),
            extra_roots: Vec::new(),
            max_in_flight: in_flight_by_descriptors(),
            sample_gap: Duration::from_millis(100),
            seed: None,
        }
    }

    /// Trusts the certificates of a PEM file too.
    ///
    /// Errors: `pem` has a certificate that cannot be read, or none at all.
    pub fn trust_pem(&mut self, pem: &[u8]) -> Result<(), EngineError> {
        let mut found = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| EngineError::TrustRoot {
                reason: format!("{error:?}"),
            })?;
            found.push(certificate);
        }
        if found.is_empty() {
            let reason = "the file has no `BEGIN CERTIFICATE` block".to_owned();
            return Err(EngineError::TrustRoot { reason });
        }
        self.extra_roots.append(&mut found);
        Ok(())
    }
}

/// An engine could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A certificate to be trusted cannot be used.
    #[error("a certificate to be trusted cannot be used: {reason}")]
    TrustRoot {
        /// What is wrong with it.
        reason: String,
    },
    /// There is no trusted certificate at all.
    #[error("no trusted root certificate was found: install the system's CA certificates")]
    NoTrustRoots,
    /// The configuration of name servers cannot be used.
    #[error("the name server configuration cannot be used: {reason}")]
    Resolver {
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS library refused the configuration.
    #[error("tls cannot be configured: {reason}")]
    Tls {
        /// What is wrong with it.
        reason: String,
    },
}

/// A probe may need a socket for its connection and one for name resolution at once.
fn in_flight_by_descriptors() -> usize {
    const FOR_OTHERS: u64 = 64;
    const MOST: u64 = 32_768;
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let probes = (descriptors.saturating_sub(FOR_OTHERS) / 2).clamp(1, MOST);
    usize::try_from(probes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        let mut options = EngineOptions::new(Location::try_new("here").unwrap());
        let error = options.trust_pem(b"not a certificate").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a certificate to be trusted cannot be used: the file has no `BEGIN CERTIFICATE` block"
        );
        assert!(options.max_in_flight >= 1);
    }
}
