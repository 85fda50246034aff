//! What a TLS handshake agreed on.

use crate::probe::TlsFacts;

/// Something that the two sides of a TLS handshake agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsField {
    /// The version: `1.2` or `1.3`.
    Version,
    /// The cipher suite.
    Cipher,
    /// The application protocol: `h2`, `http/1.1`.
    Alpn,
    /// The key exchange group.
    Group,
}

impl TlsField {
    /// Every field.
    pub const ALL: &'static [TlsField] = &[
        TlsField::Version,
        TlsField::Cipher,
        TlsField::Alpn,
        TlsField::Group,
    ];

    /// The name, as in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            TlsField::Version => "version",
            TlsField::Cipher => "cipher",
            TlsField::Alpn => "alpn",
            TlsField::Group => "group",
        }
    }

    pub(super) fn of(self, tls: &TlsFacts) -> Option<&str> {
        match self {
            TlsField::Version => tls.version,
            TlsField::Cipher => tls.cipher.as_deref(),
            TlsField::Alpn => tls.alpn.as_deref(),
            TlsField::Group => tls.group.as_deref(),
        }
    }
}
