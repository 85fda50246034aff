//! The staple: what the authority of a certificate says about its revocation, brought along by
//! the server (OCSP, RFC 6960).
//!
//! Only a response that the issuer, or a responder that the issuer has named, signed for this very
//! certificate and that is in force now proves anything. Every other one is told, and is no reason
//! to refuse the certificate: it is the server's upkeep that failed, not the certificate.

mod der;
#[cfg(test)]
mod tests;

use aws_lc_rs::digest;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer, TrustAnchor, UnixTime};
use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::Staple;
use webpki::{EndEntityCert, KeyUsage, RawPublicKeyEntity};

use der::{Reader, sequence, tag};

/// 1.3.6.1.5.5.7.48.1.1, the kind of response that everybody speaks.
const BASIC: &[u8] = &[43, 6, 1, 5, 5, 7, 48, 1, 1];
/// 1.3.6.1.5.5.7.3.9: may sign responses in the name of its issuer.
const SIGNS_RESPONSES: &[u8] = &[43, 6, 1, 5, 5, 7, 3, 9];
const SHA_1: &[u8] = &[43, 14, 3, 2, 26];
const SHA_256: &[u8] = &[96, 134, 72, 1, 101, 3, 4, 2, 1];
/// How far the clocks of responder and prober may be apart, in seconds.
const SKEW: i64 = 300;

/// Who issued the certificate that the staple is about.
pub(super) struct Issuer<'a> {
    /// The issuer as if it were a root: whatever it signed directly is to be trusted.
    pub(super) anchor: TrustAnchor<'a>,
    /// What signatures may be made with.
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

/// Reads `response` as it is about the certificate `leaf`.
pub(super) fn read(
    response: &[u8],
    leaf: &EndEntityCert<'_>,
    issuer: &Issuer<'_>,
    now: UnixTime,
) -> Staple {
    basic(response)
        .and_then(|basic| basic.verified(issuer, now))
        .and_then(|data| status(data, leaf, issuer, now))
        .unwrap_or_else(|why| Staple::Unusable(why.to_owned()))
}

type Read<T> = Result<T, &'static str>;

const MALFORMED: &str = "it is not well-formed";

/// A `BasicOCSPResponse`, in parts.
struct Basic<'a> {
    /// What was signed.
    data: &'a [u8],
    /// With what: the content of the `AlgorithmIdentifier`.
    algorithm: &'a [u8],
    signature: &'a [u8],
    /// The certificates that came with it.
    certificates: Vec<CertificateDer<'a>>,
}

/// Unpacks an `OCSPResponse`.
fn basic(response: &[u8]) -> Read<Basic<'_>> {
    let mut outer = Reader::within(response, tag::SEQUENCE).ok_or(MALFORMED)?;
    match outer.take(tag::ENUMERATED).ok_or(MALFORMED)? {
        [0] => {}
        [3] => return Err("the responder asked to be tried later"),
        _ => return Err("the responder answered with an error"),
    }
    let bytes = outer.take(tag::explicit(0)).ok_or(MALFORMED)?;
    let mut bytes = Reader::within(bytes, tag::SEQUENCE).ok_or(MALFORMED)?;
    if bytes.take(tag::OBJECT_IDENTIFIER) != Some(BASIC) {
        return Err("it is of a kind that is not known here");
    }
    let basic = bytes.take(tag::OCTET_STRING).ok_or(MALFORMED)?;
    parts(basic).ok_or(MALFORMED)
}

fn parts(basic: &[u8]) -> Option<Basic<'_>> {
    let mut basic = Reader::within(basic, tag::SEQUENCE)?;
    let data = basic.take_whole(tag::SEQUENCE)?;
    let algorithm = basic.take(tag::SEQUENCE)?;
    let signature = basic.take_bits()?;
    let mut certificates = Vec::new();
    if let Some(list) = basic.take(tag::explicit(0)) {
        let mut list = Reader::within(list, tag::SEQUENCE)?;
        while let Some(certificate) = list.take_whole(tag::SEQUENCE) {
            certificates.push(CertificateDer::from(certificate));
        }
    }
    Some(Basic {
        data,
        algorithm,
        signature,
        certificates,
    })
}

impl<'a> Basic<'a> {
    /// The signed part, when the issuer or somebody whom it has named signed it.
    fn verified(&self, issuer: &Issuer<'_>, now: UnixTime) -> Read<&'a [u8]> {
        let key = SubjectPublicKeyInfoDer::from(sequence(&issuer.anchor.subject_public_key_info));
        let by_issuer = RawPublicKeyEntity::try_from(&key).is_ok_and(|key| {
            self.fits(issuer, |algorithm| {
                key.verify_signature(algorithm, self.data, self.signature)
            })
        });
        let by_delegate = || {
            self.certificates.iter().any(|certificate| {
                EndEntityCert::try_from(certificate).is_ok_and(|delegate| {
                    speaks_for(&delegate, issuer, now)
                        && self.fits(issuer, |algorithm| {
                            delegate.verify_signature(algorithm, self.data, self.signature)
                        })
                })
            })
        };
        if by_issuer || by_delegate() {
            Ok(self.data)
        } else {
            Err("neither the certificate's issuer nor a responder that it has named signed it")
        }
    }

    /// Whether one of the algorithms that the response may mean verifies.
    fn fits(
        &self,
        issuer: &Issuer<'_>,
        verify: impl Fn(
            &dyn rustls_pki_types::SignatureVerificationAlgorithm,
        ) -> Result<(), webpki::Error>,
    ) -> bool {
        issuer
            .algorithms
            .all
            .iter()
            .filter(|algorithm| algorithm.signature_alg_id().as_ref() == self.algorithm)
            .any(|algorithm| verify(*algorithm).is_ok())
    }
}

/// Whether the issuer itself has given `delegate` the right to sign responses.
fn speaks_for(delegate: &EndEntityCert<'_>, issuer: &Issuer<'_>, now: UnixTime) -> bool {
    delegate
        .verify_for_usage(
            issuer.algorithms.all,
            std::slice::from_ref(&issuer.anchor),
            &[],
            now,
            KeyUsage::required(SIGNS_RESPONSES),
            None,
            None,
        )
        .is_ok()
}

/// What the `ResponseData` says about `leaf`.
fn status(
    data: &[u8],
    leaf: &EndEntityCert<'_>,
    issuer: &Issuer<'_>,
    now: UnixTime,
) -> Read<Staple> {
    let mut data = Reader::within(data, tag::SEQUENCE).ok_or(MALFORMED)?;
    // Version, where it is not the usual one; then who responds, and when.
    data.take(tag::explicit(0));
    data.take(tag::explicit(1))
        .or_else(|| data.take(tag::explicit(2)))
        .ok_or(MALFORMED)?;
    data.take(tag::GENERALIZED_TIME).ok_or(MALFORMED)?;
    let mut singles = Reader::of(data.take(tag::SEQUENCE).ok_or(MALFORMED)?);
    while let Some(single) = singles.take(tag::SEQUENCE) {
        let mut single = Reader::of(single);
        let id = single.take(tag::SEQUENCE).ok_or(MALFORMED)?;
        if is_for(id, leaf, issuer).ok_or(MALFORMED)? {
            return judged(&mut single, now);
        }
    }
    Err("it is about another certificate")
}

/// Whether the `CertID` means `leaf`: serial number, and hashes of its issuer's name and key.
fn is_for(id: &[u8], leaf: &EndEntityCert<'_>, issuer: &Issuer<'_>) -> Option<bool> {
    let mut id = Reader::of(id);
    let mut algorithm = Reader::of(id.take(tag::SEQUENCE)?);
    let hash = match algorithm.take(tag::OBJECT_IDENTIFIER)? {
        SHA_1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        SHA_256 => &digest::SHA256,
        _ => return Some(false),
    };
    let name = id.take(tag::OCTET_STRING)?;
    let key = id.take(tag::OCTET_STRING)?;
    let serial = id.take(tag::INTEGER)?;
    let mut info = Reader::of(&issuer.anchor.subject_public_key_info);
    info.take(tag::SEQUENCE)?;
    let hashed = |bytes: &[u8]| digest::digest(hash, bytes);
    Some(
        hashed(&sequence(&issuer.anchor.subject)).as_ref() == name
            && hashed(info.take_bits()?).as_ref() == key
            && serial == leaf.serial(),
    )
}

/// The status in the rest of a `SingleResponse`, when it is in force now.
fn judged(single: &mut Reader<'_>, now: UnixTime) -> Read<Staple> {
    let status = single.next().ok_or(MALFORMED)?;
    let this_update = single.take_time().ok_or(MALFORMED)?;
    let next_update = match single.take(tag::explicit(0)) {
        Some(time) => Some(Reader::of(time).take_time().ok_or(MALFORMED)?),
        None => None,
    };
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if this_update > now.saturating_add(SKEW) {
        return Err("it is from the future");
    }
    if next_update.is_some_and(|end| end < now.saturating_sub(SKEW)) {
        return Err("it is out of date: the server does not renew it");
    }
    match status.tag {
        tag::STATUS_GOOD => Ok(Staple::Good),
        tag::STATUS_REVOKED => {
            let mut info = Reader::of(status.content);
            let at = info.take_time().ok_or(MALFORMED)?;
            let reason = info
                .take(tag::explicit(0))
                .and_then(|reason| Reader::of(reason).take(tag::ENUMERATED));
            Ok(Staple::Revoked {
                at: Timestamp::from_secs(at),
                reason: reason.and_then(reason_name),
            })
        }
        _ => Err("the responder does not know the certificate"),
    }
}

/// RFC 5280, section 5.3.1. `unspecified` says nothing.
fn reason_name(code: &[u8]) -> Option<&'static str> {
    Some(match code {
        [1] => "keyCompromise",
        [2] => "cACompromise",
        [3] => "affiliationChanged",
        [4] => "superseded",
        [5] => "cessationOfOperation",
        [6] => "certificateHold",
        [9] => "privilegeWithdrawn",
        [10] => "aACompromise",
        _ => return None,
    })
}
