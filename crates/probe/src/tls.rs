//! TLS handshakes, and what they show.
//!
//! The cryptography is chosen here and not by what happens to be linked in: aws-lc-rs, TLS 1.2
//! and 1.3, X25519 and AES-128 first. Session resumption is off, so that every handshake is a whole
//! one; what was verified of a chain of certificates is kept (see [`known`]).

mod certificate;
mod chain;
mod failure;
mod known;
mod policy;
mod refusal;
mod roots;
mod staple;
mod verdict;
mod verifier;

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::time_provider::TimeProvider;
use rustls::{CipherSuite, HandshakeKind, ProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tidewatch_domain::monitor::TlsOptions;
use tidewatch_domain::ports::{Clock, SecretStore};
use tidewatch_domain::probe::{CertificateFacts, TlsFacts};
use tidewatch_domain::{Cause, ErrorClass};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::budget::Budget;
use crate::options::EngineError;
use crate::socket::Socket;
use chain::Certificates;
pub(crate) use failure::after_handshake;
use known::Verified;
use policy::Policies;
pub(crate) use policy::Terms;
pub(crate) use verdict::verdict;
use verifier::{PathVerifier, Recorder};

/// Everything that handshakes share, built once.
#[derive(Debug)]
pub(crate) struct Tls {
    policies: Policies,
    certificates: Certificates,
}

/// How a handshake ended.
pub(crate) struct Handshake {
    /// The stream, or why there is none.
    pub(crate) result: Result<TlsStream<Socket>, Cause>,
    /// When it ended.
    pub(crate) ended: Instant,
    /// What it showed; `None` when the server showed nothing.
    pub(crate) facts: Option<TlsFacts>,
    /// Whether the server may still refuse the client's certificate, or that there is none.
    pub(crate) in_doubt: bool,
}

impl Tls {
    /// Trusts the machine's roots and `extra_roots`; certificates are judged by the time of
    /// `clock`.
    pub(crate) fn new(
        extra_roots: &[CertificateDer<'static>],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EngineError> {
        let roots = roots::trusted(extra_roots)?;
        Ok(Tls {
            policies: Policies::new(provider(), roots, Time(clock))?,
            certificates: Certificates::default(),
        })
    }

    /// How a monitor whose target is `host` speaks TLS by its `options`. The client's key is read
    /// from `secrets`, which may take as long as `limit`; that is in no latency.
    pub(crate) async fn terms(
        &self,
        options: &TlsOptions,
        host: Host<String>,
        secrets: &dyn SecretStore,
        limit: Duration,
    ) -> Result<Terms, Cause> {
        self.policies.terms(options, host, secrets, limit).await
    }

    /// Shakes hands with the server behind `tcp`, which is to be `host` and may choose one of
    /// the protocols `alpn`.
    pub(crate) async fn handshake(
        &self,
        tcp: Socket,
        host: &Host<&str>,
        terms: &Terms,
        alpn: &[&[u8]],
        budget: Budget,
    ) -> Handshake {
        let (policy, other_name) = terms.towards(host);
        let recorder = Arc::new(Recorder::new(
            policy.verifier.clone(),
            policy.client.clone(),
        ));
        let mut config = policy.config.clone();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        config
            .dangerous()
            .set_certificate_verifier(recorder.clone());
        config.client_auth_cert_resolver = recorder.clone();
        let name = match other_name.map_or_else(|| server_name(host), |name| Ok(name.clone())) {
            Ok(name) => name,
            Err(cause) => {
                return Handshake {
                    result: Err(cause),
                    ended: Instant::now(),
                    facts: None,
                    in_doubt: false,
                };
            }
        };
        let connector = TlsConnector::from(Arc::new(config));
        let result = budget
            .run(
                ErrorClass::TlsTimeout,
                || format!("the TLS handshake with {host}"),
                connector.connect(name, tcp),
            )
            .await;
        // Reading certificates takes time that is not the server's.
        let ended = Instant::now();
        let seen = recorder.seen();
        let result = result.and_then(|result| {
            result.map_err(|error| failure::in_handshake(host, &error, &seen, policy.lacking))
        });
        let certificate = self.certificate(&policy.verifier, &seen);
        let facts = facts(result.as_ref().ok(), certificate, &seen);
        let version = facts.as_ref().and_then(|facts| facts.version);
        Handshake {
            result,
            ended,
            in_doubt: seen.asked_for_client_certificate && version == Some("1.3"),
            facts,
        }
    }

    /// What there is to say about the certificates that were seen.
    fn certificate(
        &self,
        verifier: &PathVerifier,
        seen: &verifier::Seen,
    ) -> Option<CertificateFacts> {
        if let Some(known) = &seen.known {
            return Some(known.facts.clone());
        }
        let certificate::Read { facts, from } = certificate::read(seen, &self.certificates)?;
        if let (true, Some(chain), Some(from)) = (facts.verified, seen.chain, from) {
            let facts = facts.clone();
            verifier.known.insert(chain, Verified { from, facts });
        }
        Some(facts)
    }
}

fn facts(
    stream: Option<&TlsStream<Socket>>,
    certificate: Option<CertificateFacts>,
    seen: &verifier::Seen,
) -> Option<TlsFacts> {
    let Some(stream) = stream else {
        return certificate.map(|certificate| TlsFacts {
            certificate: Some(certificate),
            staple: seen.staple.clone(),
            ..TlsFacts::default()
        });
    };
    let (_, session) = stream.get_ref();
    Some(TlsFacts {
        version: session
            .protocol_version()
            .and_then(|version| match version {
                ProtocolVersion::TLSv1_2 => Some("1.2"),
                ProtocolVersion::TLSv1_3 => Some("1.3"),
                _ => None,
            }),
        cipher: session
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite())),
        group: session
            .negotiated_key_exchange_group()
            .map(|group| format!("{:?}", group.name())),
        alpn: session
            .alpn_protocol()
            .map(|protocol| String::from_utf8_lossy(protocol).into_owned()),
        resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
        certificate,
        staple: seen.staple.clone(),
    })
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Cause> {
    match *host {
        Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::V4(address))),
        Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::V6(address))),
        Host::Domain(name) => policy::server_name(name),
    }
}

/// What costs the least comes first; servers with another preference get theirs.
///
/// * The post-quantum hybrid comes last: offering its large key share first makes every handshake
///   dearer, and servers that insist on it still get it in a second round.
/// * Suites with AES-128 hash with SHA-256, which processors have instructions for; the others
///   with SHA-384, which most have not.
fn provider() -> CryptoProvider {
    let mut provider = CryptoProvider {
        kx_groups: vec![
            aws_lc_rs::kx_group::X25519,
            aws_lc_rs::kx_group::SECP256R1,
            aws_lc_rs::kx_group::SECP384R1,
            aws_lc_rs::kx_group::X25519MLKEM768,
        ],
        ..aws_lc_rs::default_provider()
    };
    provider.cipher_suites.sort_by_key(|suite| {
        !matches!(
            suite.suite(),
            CipherSuite::TLS13_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        )
    });
    provider
}

/// The engine's clock, as rustls wants it.
#[derive(Debug)]
struct Time(Arc<dyn Clock>);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_secs()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
