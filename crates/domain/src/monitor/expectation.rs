//! Whether a target is to be there, or to be away.

use super::Kind;
use crate::cause::{Cause, ErrorClass};

/// What is wanted of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Expectation {
    /// It is there and answers as it should.
    #[default]
    Up,
    /// It is away: a port that must be closed, a name that must not exist.
    Down,
}

impl Expectation {
    /// Every expectation.
    pub const ALL: &'static [Expectation] = &[Expectation::Up, Expectation::Down];

    /// The stable name, as written in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Expectation::Up => "up",
            Expectation::Down => "down",
        }
    }
}

/// Whether a check of `kind` that ended with `cause` shows that its target is away. `None` where
/// it shows nothing about the target, as with faults of the prober.
pub(crate) fn shows_absence(kind: Kind, cause: &Cause) -> Option<bool> {
    use ErrorClass as Class;
    match cause.class {
        // Nobody answers, or there is no such place.
        Class::ConnectRefused
        | Class::ConnectTimeout
        | Class::ConnectUnreachable
        | Class::ConnectReset
        | Class::DnsNxdomain
        | Class::DnsNodata => Some(true),
        // Where the handshake is the check, a server that does not shake hands is away; it may be
        // a certificate of ours that it misses.
        Class::TlsTimeout
        | Class::TlsAlert
        | Class::TlsProtocol
        | Class::TlsEof
        | Class::TlsClientAuth
            if kind == Kind::Tls =>
        {
            Some(true)
        }
        // Connections are taken, and nobody speaks.
        Class::TlsTimeout
        | Class::TlsAlert
        | Class::TlsProtocol
        | Class::TlsEof
        | Class::ClosedBeforeResponse
        | Class::ReadTimeoutHeader
            if kind == Kind::Http =>
        {
            Some(true)
        }
        // A name server that must not serve the prober: it does not answer, or refuses to. Any
        // other answer, however bad, is one.
        Class::DnsRefused | Class::DnsTimeout if kind == Kind::Dns => Some(true),
        Class::DnsServfail | Class::DnsBadAnswer if kind == Kind::Dns => Some(false),
        // What keeps a name from being looked up says nothing about the place behind it.
        Class::DnsServfail | Class::DnsRefused | Class::DnsTimeout | Class::DnsBadAnswer => None,
        _ if cause.owner.counts_against_availability() => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_depends_on_what_is_checked() {
        use ErrorClass as Class;
        use Kind::{Dns, Http, Tcp, Tls};
        let cases = [
            (Tcp, Class::ConnectRefused, Some(true)),
            (Http, Class::DnsNxdomain, Some(true)),
            (Tls, Class::TlsAlert, Some(true)),
            (Tls, Class::TlsClientAuth, Some(true)),
            (Tcp, Class::TlsAlert, Some(false)),
            (Tls, Class::TlsCertExpired, Some(false)),
            (Http, Class::ClosedBeforeResponse, Some(true)),
            (Tcp, Class::ClosedBeforeResponse, Some(false)),
            (Http, Class::StatusMismatch, Some(false)),
            (Http, Class::TlsClientAuth, None),
            (Dns, Class::DnsRefused, Some(true)),
            (Dns, Class::DnsServfail, Some(false)),
            (Http, Class::DnsServfail, None),
            (Tcp, Class::LocalFd, None),
            (Tcp, Class::BlockedAddress, None),
        ];
        for (kind, class, wanted) in cases {
            let found = shows_absence(kind, &Cause::new(class, ""));
            assert_eq!(found, wanted, "{kind:?} {class:?}");
        }
    }
}
