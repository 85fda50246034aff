//! TLS handshakes, and what they show.
//!
//! The cryptography is chosen here and not by what happens to be linked in: aws-lc-rs, TLS 1.2
//! and 1.3, X25519 first. Session resumption is off, so that every handshake is a whole one.

mod certificate;
mod failure;
mod roots;
mod verifier;

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, HandshakeKind, ProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tidewatch_domain::ports::Clock;
use tidewatch_domain::probe::TlsFacts;
use tidewatch_domain::{Cause, ErrorClass};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::budget::Budget;
use crate::options::EngineError;
use crate::socket::Socket;
pub(crate) use failure::after_handshake;
use verifier::{PathVerifier, Recorder};

/// Everything that handshakes share, built once.
#[derive(Debug)]
pub(crate) struct Tls {
    config: ClientConfig,
    verifier: Arc<PathVerifier>,
}

/// How a handshake ended.
pub(crate) struct Handshake {
    /// The stream, or why there is none.
    pub(crate) result: Result<TlsStream<Socket>, Cause>,
    /// When it ended.
    pub(crate) ended: Instant,
    /// What it showed; `None` when the server showed nothing.
    pub(crate) facts: Option<TlsFacts>,
}

impl Tls {
    /// Trusts the machine's roots and `extra_roots`; certificates are judged by the time of
    /// `clock`.
    pub(crate) fn new(
        extra_roots: &[CertificateDer<'static>],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EngineError> {
        let provider = Arc::new(provider());
        let verifier = Arc::new(PathVerifier::new(roots::trusted(extra_roots)?, &provider));
        let mut config = ClientConfig::builder_with_details(provider, Arc::new(Time(clock)))
            .with_safe_default_protocol_versions()
            .map_err(|error| EngineError::Tls {
                reason: error.to_string(),
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Recorder::new(verifier.clone())))
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.enable_early_data = false;
        Ok(Tls { config, verifier })
    }

    /// Shakes hands with the server behind `tcp`, which is to be `host` and may choose one of
    /// the protocols `alpn`.
    pub(crate) async fn handshake(
        &self,
        tcp: Socket,
        host: &Host<&str>,
        alpn: &[&[u8]],
        budget: Budget,
    ) -> Handshake {
        let recorder = Arc::new(Recorder::new(self.verifier.clone()));
        let mut config = self.config.clone();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        config
            .dangerous()
            .set_certificate_verifier(recorder.clone());
        config.client_auth_cert_resolver = recorder.clone();
        let name = match server_name(host) {
            Ok(name) => name,
            Err(cause) => {
                return Handshake {
                    result: Err(cause),
                    ended: Instant::now(),
                    facts: None,
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
            result.map_err(|error| {
                failure::in_handshake(host, &error, seen.asked_for_client_certificate)
            })
        });
        let facts = facts(result.as_ref().ok(), seen);
        Handshake {
            result,
            ended,
            facts,
        }
    }
}

fn facts(stream: Option<&TlsStream<Socket>>, seen: verifier::Seen) -> Option<TlsFacts> {
    let certificate = certificate::facts(&seen);
    let Some(stream) = stream else {
        return certificate.map(|certificate| TlsFacts {
            certificate: Some(certificate),
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
        resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
        certificate,
    })
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Cause> {
    match *host {
        Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::V4(address))),
        Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::V6(address))),
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            ServerName::try_from(name.to_owned()).map_err(|_| {
                Cause::new(
                    ErrorClass::TlsCertNameMismatch,
                    format!("`{name}` is not a name that a certificate can be for"),
                )
            })
        }
    }
}

/// The post-quantum hybrid comes last: offering its large key share first makes every handshake
/// dearer, and servers that insist on it still get it in a second round.
fn provider() -> CryptoProvider {
    CryptoProvider {
        kx_groups: vec![
            aws_lc_rs::kx_group::X25519,
            aws_lc_rs::kx_group::SECP256R1,
            aws_lc_rs::kx_group::SECP384R1,
            aws_lc_rs::kx_group::X25519MLKEM768,
        ],
        ..aws_lc_rs::default_provider()
    }
}

/// The engine's clock, as rustls wants it.
#[derive(Debug)]
struct Time(Arc<dyn Clock>);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_secs()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            seconds,
        )))
    }
}
