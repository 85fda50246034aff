//! Why a handshake failed.

use std::io;

use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};
use tidewatch_domain::{Cause, ErrorClass};
use url::Host;

use super::refusal;
use super::verifier::Seen;
use crate::failure::local;

/// The cause of a handshake with `host` that showed what was `seen` and ended with `error`.
/// `lacking` says what a server has that speaks none of the versions offered.
pub(super) fn in_handshake(
    host: &Host<&str>,
    error: &io::Error,
    seen: &Seen,
    lacking: &str,
) -> Cause {
    if let Some(error) = inner(error) {
        return match error {
            Error::AlertReceived(alert) => {
                alerted(host, *alert, seen.asked_for_client_certificate, lacking)
            }
            Error::InvalidCertificate(error) => refusal::cause(host, error, seen),
            other => protocol(host, other, lacking),
        };
    }
    if let Some(cause) = local(error) {
        return cause;
    }
    let how = match error.kind() {
        io::ErrorKind::UnexpectedEof => "closed",
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "reset",
        _ => {
            return Cause::new(
                ErrorClass::TlsEof,
                format!("the connection failed during the TLS handshake with {host}: {error}"),
            );
        }
    };
    Cause::new(
        ErrorClass::TlsEof,
        format!("{host} {how} the connection during the TLS handshake"),
    )
}

/// The cause of an I/O error after the handshake, where TLS has something to say about it.
///
/// In TLS 1.3 the client is done before the server has seen its certificate, or that there is
/// none: the refusal comes when the response is awaited.
pub(crate) fn after_handshake(error: &io::Error) -> Option<Cause> {
    match inner(error)? {
        Error::AlertReceived(alert) => Some(match alert {
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied => client_certificate(*alert),
            alert => Cause::new(
                ErrorClass::TlsAlert,
                format!(
                    "the server ended the TLS connection with alert {}",
                    shown(*alert)
                ),
            ),
        }),
        error => Some(Cause::new(
            ErrorClass::ProtocolError,
            format!("the TLS connection broke: {error}"),
        )),
    }
}

fn inner(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref::<Error>()
}

fn alerted(host: &Host<&str>, alert: AlertDescription, asked: bool, lacking: &str) -> Cause {
    if asked || alert == AlertDescription::CertificateRequired {
        return client_certificate(alert);
    }
    // These three alerts mean one thing only: there is nothing that both sides speak.
    let (class, what) = match alert {
        AlertDescription::ProtocolVersion => {
            (ErrorClass::TlsProtocol, format!(": it accepts {lacking}"))
        }
        AlertDescription::InsufficientSecurity => (
            ErrorClass::TlsProtocol,
            ": it accepts none of the cipher suites offered".to_owned(),
        ),
        AlertDescription::NoApplicationProtocol => (
            ErrorClass::TlsProtocol,
            ": it accepts none of the application protocols offered (ALPN)".to_owned(),
        ),
        AlertDescription::HandshakeFailure => (
            ErrorClass::TlsAlert,
            ": most often there is no cipher suite or key exchange group that both accept"
                .to_owned(),
        ),
        AlertDescription::UnrecognisedName => (
            ErrorClass::TlsAlert,
            ": it serves no site of this name".to_owned(),
        ),
        _ => (ErrorClass::TlsAlert, String::new()),
    };
    let alert = shown(alert);
    Cause::new(
        class,
        format!("{host} ended the TLS handshake with alert {alert}{what}"),
    )
}

fn client_certificate(alert: AlertDescription) -> Cause {
    let what = match alert {
        AlertDescription::BadCertificate
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied => "refused the client's certificate, or that it had none",
        _ => "demands a client certificate",
    };
    Cause::new(
        ErrorClass::TlsClientAuth,
        format!("the server {what} (alert {})", shown(alert)),
    )
}

fn protocol(host: &Host<&str>, error: &Error, lacking: &str) -> Cause {
    let text = match error {
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => format!("{host} did not answer with TLS: is the port right?"),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => format!("{host} speaks {lacking}"),
        other => format!("the TLS handshake with {host} failed: {other}"),
    };
    Cause::new(ErrorClass::TlsProtocol, text)
}

/// `handshake_failure (40)`: the name of RFC 8446 and the number.
fn shown(alert: AlertDescription) -> String {
    let number = u8::from(alert);
    let Some(name) = alert.as_str() else {
        return format!("{number}");
    };
    let mut words = String::with_capacity(name.len() + 4);
    let mut previous_is_upper = true;
    for character in name.chars() {
        if character.is_ascii_uppercase() && !previous_is_upper {
            words.push('_');
        }
        previous_is_upper = character.is_ascii_uppercase();
        words.push(character.to_ascii_lowercase());
    }
    format!("{words} ({number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_standard() {
        assert_eq!(
            shown(AlertDescription::HandshakeFailure),
            "handshake_failure (40)"
        );
        assert_eq!(shown(AlertDescription::UnknownCA), "unknown_ca (48)");
        assert_eq!(shown(AlertDescription::Unknown(211)), "211");
    }

    #[test]
    fn a_refused_client_certificate_is_told_from_one_that_is_demanded() {
        let told = |alert| {
            let error = io::Error::other(Error::AlertReceived(alert));
            let cause = after_handshake(&error).unwrap();
            (cause.class, cause.text)
        };
        let client = ErrorClass::TlsClientAuth;
        for (alert, class, text) in [
            (
                AlertDescription::CertificateRequired,
                client,
                "the server demands a client certificate (alert certificate_required (116))",
            ),
            (
                AlertDescription::UnknownCA,
                client,
                "the server refused the client's certificate, or that it had none (alert \
                 unknown_ca (48))",
            ),
            (
                AlertDescription::CertificateRevoked,
                client,
                "the server refused the client's certificate, or that it had none (alert \
                 certificate_revoked (44))",
            ),
            (
                AlertDescription::InternalError,
                ErrorClass::TlsAlert,
                "the server ended the TLS connection with alert internal_error (80)",
            ),
        ] {
            assert_eq!(told(alert), (class, text.to_owned()));
        }
        assert!(after_handshake(&io::Error::other("not of TLS")).is_none());

        // Within a handshake in which it asked for one, whatever the alert is.
        let seen = Seen {
            asked_for_client_certificate: true,
            ..Seen::default()
        };
        let error = io::Error::other(Error::AlertReceived(AlertDescription::HandshakeFailure));
        let host = Host::Domain("a.example");
        assert_eq!(in_handshake(&host, &error, &seen, "").class, client);
        let nothing = Seen::default();
        let class = in_handshake(&host, &error, &nothing, "").class;
        assert_eq!(class, ErrorClass::TlsAlert);
    }
}
