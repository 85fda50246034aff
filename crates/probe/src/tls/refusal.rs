//! Why a certificate was refused, in words that say what was seen.
//!
//! The class is that of the verifier's error. The text is taken from the presented certificates:
//! which of them it is about, what it is for, and what the server most likely does wrong.

mod chain;

use rustls::CertificateError;
use rustls_pki_types::UnixTime;
use tidewatch_domain::probe::Staple;
use tidewatch_domain::{Cause, ErrorClass, Timestamp};
use url::Host;

use super::verifier::Seen;
use chain::Chain;

/// The cause of a refusal of what `host` presented.
pub(super) fn cause(host: &Host<&str>, error: &CertificateError, seen: &Seen) -> Cause {
    let chain = Chain::of(seen);
    let (class, text) = match error {
        CertificateError::Expired => (
            ErrorClass::TlsCertExpired,
            format!("a certificate of {host} has expired"),
        ),
        CertificateError::ExpiredContext { not_after, .. } => {
            let end = moment(*not_after);
            let which = chain.which(host, |certificate| {
                certificate.validity().not_after.timestamp() == end.as_secs()
            });
            (
                ErrorClass::TlsCertExpired,
                format!("{which} expired at {end}"),
            )
        }
        CertificateError::NotValidYet => (
            ErrorClass::TlsCertNotYetValid,
            format!("a certificate of {host} is not valid yet"),
        ),
        CertificateError::NotValidYetContext { not_before, .. } => {
            let begin = moment(*not_before);
            let which = chain.which(host, |certificate| {
                certificate.validity().not_before.timestamp() == begin.as_secs()
            });
            (
                ErrorClass::TlsCertNotYetValid,
                format!("{which} is not valid before {begin}"),
            )
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            ErrorClass::TlsCertNameMismatch,
            format!(
                "the certificate is not for {host}, but for {}",
                chain.names()
            ),
        ),
        CertificateError::UnknownIssuer => (
            ErrorClass::TlsCertUnknownIssuer,
            format!("the certificate of {host} {}", chain.dead_end()),
        ),
        CertificateError::Revoked => (
            ErrorClass::TlsCertRevoked,
            format!("the certificate of {host} was revoked{}", since(seen)),
        ),
        CertificateError::BadEncoding => (
            ErrorClass::TlsCertBad,
            format!("a certificate of {host} is not well-formed"),
        ),
        other => (ErrorClass::TlsCertBad, chain.unusable(host, other)),
    };
    Cause::new(class, text)
}

fn since(seen: &Seen) -> String {
    match &seen.staple {
        Some(Staple::Revoked { at, reason }) => {
            let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
            format!(" at {at}{reason}, as its authority says in the stapled response")
        }
        _ => String::new(),
    }
}

fn moment(time: UnixTime) -> Timestamp {
    Timestamp::from_secs(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::CertificateDer;

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
            (CertificateError::BadEncoding, ErrorClass::TlsCertBad),
        ];
        let host = Host::Domain("shop.example");
        for (error, class) in cases {
            let cause = cause(&host, &error, &Seen::default());
            assert_eq!(cause.class, class, "{error:?}");
        }
        // Nothing can be read of what was presented: the text does without.
        let expired = CertificateError::ExpiredContext {
            time: at,
            not_after: at,
        };
        let seen = Seen {
            presented: vec![CertificateDer::from(vec![1, 2, 3])],
            ..Seen::default()
        };
        assert_eq!(
            cause(&host, &expired, &seen).text,
            "a certificate of shop.example expired at 2026-11-22T07:00:00.000Z"
        );
    }

    #[test]
    fn a_revocation_says_since_when_and_why() {
        let seen = Seen {
            staple: Some(Staple::Revoked {
                at: Timestamp::from_secs(1_795_330_800),
                reason: Some("keyCompromise"),
            }),
            ..Seen::default()
        };
        assert_eq!(
            cause(
                &Host::Domain("a.example"),
                &CertificateError::Revoked,
                &seen
            )
            .text,
            "the certificate of a.example was revoked at 2026-11-22T07:00:00.000Z \
             (keyCompromise), as its authority says in the stapled response"
        );
    }
}
