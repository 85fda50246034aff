//! Tests on the server's certificate.

use super::body::Sha256Digest;
use super::number::NumberTest;
use super::result::{Found, Judgement};
use super::text::TextTest;
use crate::cause::ErrorClass;
use crate::probe::{Attempt, CertificateFacts};
use crate::time::Timestamp;

/// A test on the certificate that the server presented.
#[derive(Clone, Debug, PartialEq)]
pub enum CertificateTest {
    /// Whole days until the earliest end of validity on the verified path.
    DaysLeft(NumberTest),
    /// The earliest end of validity on the verified path is not before this instant.
    NotAfter(Timestamp),
    /// The leaf's issuer.
    Issuer(TextTest),
    /// The leaf's subject.
    Subject(TextTest),
    /// One of the names that the leaf is for; `NotContains` must hold for each.
    Names(TextTest),
    /// SHA-256 over the leaf is one of these: more than one lets a certificate be renewed.
    Fingerprint(Vec<Sha256Digest>),
    /// The size of the leaf's public key.
    KeyBits(NumberTest),
}

impl CertificateTest {
    /// The name of what is looked at, as in definitions.
    pub const fn field(&self) -> &'static str {
        match self {
            CertificateTest::DaysLeft(_) => "days_left",
            CertificateTest::NotAfter(_) => "not_after",
            CertificateTest::Issuer(_) => "issuer",
            CertificateTest::Subject(_) => "subject",
            CertificateTest::Names(_) => "names",
            CertificateTest::Fingerprint(_) => "fingerprint",
            CertificateTest::KeyBits(_) => "key_bits",
        }
    }

    pub(super) fn found(&self, attempt: &Attempt) -> Found {
        let certificate = attempt
            .tls
            .as_ref()
            .and_then(|tls| tls.certificate.as_ref());
        let Some(certificate) = certificate else {
            return Found::absent();
        };
        self.of(certificate, attempt.started_at)
    }

    fn of(&self, certificate: &CertificateFacts, now: Timestamp) -> Found {
        match self {
            CertificateTest::DaysLeft(test) => test.found(Some(certificate.days_left(now) as f64)),
            CertificateTest::NotAfter(earliest) => Found::of(
                Some(certificate.not_after),
                |not_after| not_after >= earliest,
                ToString::to_string,
            ),
            CertificateTest::Issuer(test) => test.found(Some(&certificate.issuer)),
            CertificateTest::Subject(test) => test.found(Some(&certificate.subject)),
            CertificateTest::Names(test) => {
                let mut names = certificate.names.iter();
                let passed = match test {
                    TextTest::NotContains(_) => names.all(|name| test.holds(name)),
                    _ => names.any(|name| test.holds(name)),
                };
                Found::text(Some(&certificate.names.join(", ")), |_| passed)
            }
            CertificateTest::Fingerprint(wanted) => {
                Found::text(Some(&certificate.fingerprint), |found| {
                    wanted.iter().any(|wanted| wanted.to_string() == found)
                })
            }
            CertificateTest::KeyBits(test) => {
                let leaf = certificate.chain.first();
                test.found(
                    leaf.and_then(|leaf| leaf.certificate.key_bits)
                        .map(f64::from),
                )
            }
        }
    }

    pub(super) fn judgement(&self) -> Judgement {
        const OTHER: ErrorClass = ErrorClass::CertFingerprintMismatch;
        const ENDS: ErrorClass = ErrorClass::CertExpiring;
        let subject = format!("certificate {}", self.field());
        match self {
            CertificateTest::DaysLeft(test) => test.judgement(&subject, " days", ENDS),
            CertificateTest::NotAfter(earliest) => {
                Judgement::new(format!("{subject} at least"), earliest, ENDS)
            }
            CertificateTest::Issuer(test)
            | CertificateTest::Subject(test)
            | CertificateTest::Names(test) => test.judgement(&subject, OTHER),
            CertificateTest::Fingerprint(wanted) => {
                let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
                Judgement::new(subject, wanted.join(", "), OTHER)
            }
            CertificateTest::KeyBits(test) => test.judgement(&subject, " bits", OTHER),
        }
    }
}
