//! Stapled responses, good and bad, about a certificate of a root and of an intermediate.

use proptest::prelude::*;
use rustls::crypto::aws_lc_rs;
use tidewatch_testkit::{Authority, ExtendedKeyUsagePurpose, Identity, Leaf, Revocation, Validity};
use webpki::anchor_from_trusted_cert;

use super::*;

/// 2026-11-22.
const NOW: UnixTime = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_795_305_600));
const DAY: (i32, u8, u8) = (2026, 3, 1);

type Response<'a> = tidewatch_testkit::Staple<'a>;

/// What `response` says about the leaf of `identity`, which `authority` has issued.
fn look(response: &[u8], identity: &Identity, authority: &Authority) -> Staple {
    let certificate = authority.certificate();
    let issuer = Issuer {
        anchor: anchor_from_trusted_cert(&certificate).unwrap(),
        algorithms: aws_lc_rs::default_provider().signature_verification_algorithms,
    };
    let leaf = EndEntityCert::try_from(&identity.chain()[0]).unwrap();
    read(response, &leaf, &issuer, NOW)
}

fn unusable(staple: Staple) -> String {
    match staple {
        Staple::Unusable(why) => why,
        other => panic!("{other:?} was taken for granted"),
    }
}

#[test]
fn the_authority_is_believed() {
    let root = Authority::root();
    for authority in [&root, &root.intermediate(Validity::default())] {
        let leaf = authority.server(&["a.example"], Validity::default());
        let say = |what| {
            let response = Response::about(&leaf, authority, what).response();
            look(&response, &leaf, authority)
        };
        assert_eq!(say(Revocation::Good), Staple::Good);
        let revoked = Staple::Revoked {
            at: Timestamp::from_secs(1_772_323_200),
            reason: Some("keyCompromise"),
        };
        assert_eq!(say(Revocation::Since(DAY)), revoked);
        assert_eq!(
            unusable(say(Revocation::Unknown)),
            "the responder does not know the certificate"
        );
    }
}

/// A certificate of `authority` for signing responses, in the making.
fn signing(authority: &Authority) -> Leaf<'_> {
    authority
        .leaf(&[])
        .only_for(ExtendedKeyUsagePurpose::OcspSigning)
}

#[test]
fn a_responder_is_believed_when_the_authority_named_it() {
    let root = Authority::root();
    let leaf = root.server(&["a.example"], Validity::default());
    let expired = Validity {
        until: DAY,
        ..Validity::default()
    };
    let by = |delegate: &Identity| {
        let response = Response::about(&leaf, &root, Revocation::Good).by(delegate);
        look(&response.response(), &leaf, &root)
    };
    assert_eq!(by(&signing(&root).issue()), Staple::Good);
    let strangers = [
        // Of the same authority, but not for this purpose; out of date; of somebody else.
        root.server(&["b.example"], Validity::default()),
        signing(&root).validity(expired).issue(),
        signing(&Authority::root()).issue(),
    ];
    for stranger in strangers {
        assert_eq!(
            unusable(by(&stranger)),
            "neither the certificate's issuer nor a responder that it has named signed it"
        );
    }
}

#[test]
fn a_response_counts_only_for_its_certificate_and_in_its_time() {
    let root = Authority::root();
    let leaf = root.server(&["a.example"], Validity::default());
    let other = root.server(&["a.example"], Validity::default());
    let revoked = |about| Response::about(about, &root, Revocation::Since(DAY));
    let say = |response: &Response<'_>| unusable(look(&response.response(), &leaf, &root));
    assert_eq!(say(&revoked(&other)), "it is about another certificate");
    let stale = Validity {
        until: (2026, 11, 21),
        ..Validity::default()
    };
    assert_eq!(
        say(&revoked(&leaf).validity(stale)),
        "it is out of date: the server does not renew it"
    );
    let future = Validity {
        from: (2026, 11, 23),
        ..Validity::default()
    };
    assert_eq!(
        say(&revoked(&leaf).validity(future)),
        "it is from the future"
    );
    // Another authority's word about a certificate of the same number.
    let stranger = Authority::root();
    let response = Response::about(&leaf, &stranger, Revocation::Since(DAY));
    assert!(say(&response).starts_with("neither the certificate's issuer"));
}

#[test]
fn a_responder_that_gave_no_answer_says_so() {
    let root = Authority::root();
    let leaf = root.server(&["a.example"], Validity::default());
    // An OCSPResponse with a status and nothing else.
    for (status, why) in [
        (3, "the responder asked to be tried later"),
        (2, "the responder answered with an error"),
    ] {
        let staple = look(&[0x30, 3, 0x0a, 1, status], &leaf, &root);
        assert_eq!(unusable(staple), why);
    }
    assert_eq!(
        unusable(look(b"<html>", &leaf, &root)),
        "it is not well-formed"
    );
}

proptest! {
    /// Nothing that a server can staple panics, or revokes without a good signature.
    #[test]
    fn damage_proves_nothing(cut in 0_usize..600, at in 0_usize..600, bit in 0_u8..8) {
        let root = Authority::root();
        let leaf = root.server(&["a.example"], Validity::default());
        let whole = Response::about(&leaf, &root, Revocation::Since(DAY)).response();
        let mut flipped = whole.clone();
        let at = at % whole.len();
        flipped[at] ^= 1 << bit;
        // Only the time and the unprotected parts around the signature may still read the same.
        prop_assert_ne!(look(&flipped, &leaf, &root), Staple::Good);
        let cut = &whole[..cut % whole.len()];
        prop_assert!(matches!(look(cut, &leaf, &root), Staple::Unusable(_)));
    }

    #[test]
    fn sequences_are_read_as_written(content in prop::collection::vec(any::<u8>(), 0..70_000)) {
        let der = sequence(&content);
        let mut reader = Reader::of(&der);
        prop_assert_eq!(reader.take(tag::SEQUENCE), Some(content.as_slice()));
        prop_assert!(reader.next().is_none());
    }
}
