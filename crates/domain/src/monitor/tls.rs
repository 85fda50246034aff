//! How TLS is spoken, and what belongs to the kind `tls`.

use super::{Endpoint, Network, SecretRef};

/// A TLS handshake that must succeed.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsCheck {
    /// The server.
    pub endpoint: Endpoint,
    /// How TLS is begun and spoken.
    pub encryption: Encryption,
    /// How the server is reached.
    pub network: Network,
}

/// How a connection is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encryption {
    /// How TLS is asked for; `None` begins with it right after connecting.
    pub starttls: Option<StartTls>,
    /// How it is spoken.
    pub options: TlsOptions,
}

/// A protocol in which TLS is asked for in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartTls {
    /// RFC 3207.
    Smtp,
    /// RFC 9051, section 6.2.1.
    Imap,
    /// RFC 2595.
    Pop3,
    /// `SSLRequest` of PostgreSQL's frontend/backend protocol.
    Postgres,
}

impl StartTls {
    /// Every protocol.
    pub const ALL: &'static [StartTls] = &[
        StartTls::Smtp,
        StartTls::Imap,
        StartTls::Pop3,
        StartTls::Postgres,
    ];

    /// The stable name, as written in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            StartTls::Smtp => "smtp",
            StartTls::Imap => "imap",
            StartTls::Pop3 => "pop3",
            StartTls::Postgres => "postgres",
        }
    }
}

/// How TLS is spoken. The default is what browsers do: TLS 1.2 or 1.3, full verification against
/// the prober's own roots, no certificate of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsOptions {
    /// The name that is asked for (SNI) and that the certificate must be for; `None` is the
    /// target's host.
    pub server_name: Option<String>,
    /// The application protocols offered (ALPN), preferred first. HTTP checks offer their own.
    pub alpn: Vec<String>,
    /// The oldest version spoken.
    pub min_version: TlsVersion,
    /// The newest version spoken.
    pub max_version: TlsVersion,
    /// The client's own certificate, for servers that demand one.
    pub client_certificate: Option<ClientCertificate>,
    /// The authorities trusted in place of the prober's own, as PEM text.
    pub roots: Option<String>,
    /// Whether the server's certificate is verified; without that anybody may answer.
    pub verify: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        TlsOptions {
            server_name: None,
            alpn: Vec::new(),
            min_version: TlsVersion::V1_2,
            max_version: TlsVersion::V1_3,
            client_certificate: None,
            roots: None,
            verify: true,
        }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// RFC 5246.
    V1_2,
    /// RFC 8446.
    V1_3,
}

impl TlsVersion {
    /// Every version, the oldest first.
    pub const ALL: &'static [TlsVersion] = &[TlsVersion::V1_2, TlsVersion::V1_3];

    /// The stable name, as written in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            TlsVersion::V1_2 => "1.2",
            TlsVersion::V1_3 => "1.3",
        }
    }
}

/// A certificate of the client, and where its key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate and its intermediates as PEM text, the client's own first.
    pub certificate: String,
    /// The secret that holds the private key as PEM text.
    pub key: SecretRef,
}
