//! Who may reach the bridge, and how.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{SettingsError, SettingsFile};

/// What can be set about access to the bridge.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AccessArgs {
    /// File with the access keys of the bridge; every request must then be signed by one of them
    #[arg(long, env = "TIDEWATCH_KEYS", value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// PEM file with the certificate of the bridge, followed by its intermediates; with --tls-key
    #[arg(long, env = "TIDEWATCH_TLS_CERT", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// PEM file with the private key of that certificate
    #[arg(long, env = "TIDEWATCH_TLS_KEY", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// URL at which clients reach the bridge, for endpoint discovery
    /// [default: the host that the client used]
    #[arg(long, env = "TIDEWATCH_BRIDGE_URL", value_name = "URL")]
    pub(crate) bridge_url: Option<String>,
}

/// Access to the bridge as it is in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccessSettings {
    /// The keys file; without one, nothing is asked of callers.
    pub(crate) keys: Option<PathBuf>,
    /// Certificate and private key; without them, plain HTTP.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    /// What endpoint discovery answers.
    pub(crate) url: Option<String>,
}

impl AccessSettings {
    /// Puts the layers together.
    pub(super) fn resolve(args: AccessArgs, file: &SettingsFile) -> Result<Self, SettingsError> {
        let certificate = args.tls_cert.or_else(|| file.tls_cert.clone());
        let key = args.tls_key.or_else(|| file.tls_key.clone());
        let tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (given, _) => {
                let (there, missing) = match given {
                    Some(_) => ("--tls-cert", "--tls-key"),
                    None => ("--tls-key", "--tls-cert"),
                };
                return Err(SettingsError {
                    message: format!("{there} is set without {missing}; name both for TLS"),
                });
            }
        };
        Ok(AccessSettings {
            keys: args.keys.or_else(|| file.keys.clone()),
            tls,
            url: args.bridge_url.or_else(|| file.bridge_url.clone()),
        })
    }

    /// Nothing listens beyond this machine without authentication.
    pub(super) fn check(&self, listen: SocketAddr) -> Result<(), SettingsError> {
        if listen.ip().is_loopback() || self.keys.is_some() {
            return Ok(());
        }
        Err(SettingsError {
            message: format!(
                "--bridge-listen {listen} would be open to other machines without authentication; \
                 name a file of access keys with --keys, or use 127.0.0.1:{port}",
                port = listen.port()
            ),
        })
    }
}
