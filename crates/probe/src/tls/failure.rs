//! Why a handshake failed.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};
use rustls_pki_types::UnixTime;
use tidewatch_domain::{Cause, ErrorClass, Timestamp};
use url::Host;

use crate::failure::local;

/// The cause of a handshake with `host` that ended with `error`.
pub(super) fn in_handshake(
    host: &Host<&str>,
    error: &io::Error,
    asked_for_client_certificate: bool,
) -> Cause {
    if let Some(error) = inner(error) {
        return match error {
            Error::AlertReceived(alert) => alerted(host, *alert, asked_for_client_certificate),
            Error::InvalidCertificate(error) => certificate(host, error),
            other => protocol(host, other),
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

fn alerted(host: &Host<&str>, alert: AlertDescription, asked: bool) -> Cause {
    if asked || alert == AlertDescription::CertificateRequired {
        return client_certificate(alert);
    }
    Cause::new(
        ErrorClass::TlsAlert,
        format!("{host} ended the TLS handshake with alert {}", shown(alert)),
    )
}

fn client_certificate(alert: AlertDescription) -> Cause {
    Cause::new(
        ErrorClass::TlsClientAuth,
        format!(
            "the server demands a client certificate (alert {})",
            shown(alert)
        ),
    )
}

fn protocol(host: &Host<&str>, error: &Error) -> Cause {
    let text = match error {
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => format!("{host} did not answer with TLS: is the port right?"),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => format!("{host} speaks neither TLS 1.2 nor TLS 1.3"),
        other => format!("the TLS handshake with {host} failed: {other}"),
    };
    Cause::new(ErrorClass::TlsProtocol, text)
}

fn certificate(host: &Host<&str>, error: &CertificateError) -> Cause {
    match error {
        CertificateError::Expired => Cause::new(
            ErrorClass::TlsCertExpired,
            format!("a certificate of {host} has expired"),
        ),
        CertificateError::ExpiredContext { not_after, .. } => Cause::new(
            ErrorClass::TlsCertExpired,
            format!("a certificate of {host} expired at {}", moment(*not_after)),
        ),
        CertificateError::NotValidYet => Cause::new(
            ErrorClass::TlsCertNotYetValid,
            format!("a certificate of {host} is not valid yet"),
        ),
        CertificateError::NotValidYetContext { not_before, .. } => Cause::new(
            ErrorClass::TlsCertNotYetValid,
            format!(
                "a certificate of {host} is not valid before {}",
                moment(*not_before)
            ),
        ),
        CertificateError::NotValidForName => Cause::new(
            ErrorClass::TlsCertNameMismatch,
            format!("the certificate is not for {host}"),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => Cause::new(
            ErrorClass::TlsCertNameMismatch,
            format!(
                "the certificate is not for {host}, but for {}",
                listed(presented)
            ),
        ),
        CertificateError::UnknownIssuer => Cause::new(
            ErrorClass::TlsCertUnknownIssuer,
            format!(
                "the certificates of {host} do not lead to a trusted root: an intermediate is \
                 missing, the authority is a private one, or the certificate signed itself"
            ),
        ),
        CertificateError::Revoked => Cause::new(
            ErrorClass::TlsCertRevoked,
            format!("the certificate of {host} was revoked"),
        ),
        other => Cause::new(
            ErrorClass::TlsCertBad,
            format!("the certificate of {host} cannot be used: {other}"),
        ),
    }
}

fn moment(time: UnixTime) -> Timestamp {
    Timestamp::from_secs(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// The first few of the names that a certificate is for.
fn listed(presented: &[String]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = presented
        .iter()
        .take(SHOWN)
        .map(|name| plain(name))
        .collect();
    match presented.len().saturating_sub(SHOWN) {
        _ if presented.is_empty() => "no name at all".to_owned(),
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// webpki writes names as `DnsName("a.example")`.
fn plain(presented: &str) -> String {
    presented
        .split_once("(\"")
        .and_then(|(_, rest)| rest.strip_suffix("\")"))
        .unwrap_or(presented)
        .to_owned()
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
    fn names_of_a_certificate_are_listed_but_not_endlessly() {
        let names: Vec<String> = (0..7)
            .map(|n| format!("DnsName(\"{n}.example\")"))
            .collect();
        assert_eq!(
            listed(&names),
            "0.example, 1.example, 2.example, 3.example, 4.example and 2 more"
        );
        assert_eq!(listed(&names[..1]), "0.example");
        assert_eq!(listed(&[]), "no name at all");
    }

    #[test]
    fn every_refusal_of_a_certificate_has_its_class() {
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_795_330_800));
        let cases = [
            (CertificateError::Expired, ErrorClass::TlsCertExpired),
            (
                CertificateError::NotValidYet,
                ErrorClass::TlsCertNotYetValid,
            ),
            (
                CertificateError::NotValidForName,
                ErrorClass::TlsCertNameMismatch,
            ),
            (
                CertificateError::UnknownIssuer,
                ErrorClass::TlsCertUnknownIssuer,
            ),
            (CertificateError::Revoked, ErrorClass::TlsCertRevoked),
            (CertificateError::BadSignature, ErrorClass::TlsCertBad),
            (
                CertificateError::ExpiredContext {
                    time: at,
                    not_after: at,
                },
                ErrorClass::TlsCertExpired,
            ),
        ];
        let host = Host::Domain("shop.example");
        for (error, class) in cases {
            assert_eq!(certificate(&host, &error).class, class, "{error:?}");
        }
        let expired = CertificateError::ExpiredContext {
            time: at,
            not_after: at,
        };
        assert_eq!(
            certificate(&host, &expired).text,
            "a certificate of shop.example expired at 2026-11-22T07:00:00.000Z"
        );
    }
}
