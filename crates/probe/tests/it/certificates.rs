//! What is known of certificates, also of those that were refused.

use std::sync::Arc;

use tidewatch_domain::probe::{self as facts, CertificateFacts, TlsFacts};
use tidewatch_domain::{Attempt, ErrorClass, Timestamp};
use tidewatch_probe::Engine;
use tidewatch_testkit::{
    Authority, ExtendedKeyUsagePurpose, FakeSecrets, Identity, ManualClock, Reply, Revocation,
    Staple, Target, Validity,
};

use crate::support::{attempt, options, quick, trusting};

/// 2026-03-01, 2026-09-01, 2027-01-01 and 2040-01-01, midnight UTC.
const MARCH: i64 = 1_772_323_200;
const SEPTEMBER: i64 = 1_788_220_800;
const NEW_YEAR: i64 = 1_798_761_600;
const FAR: i64 = 2_208_988_800;

async fn look(root: &Authority, identity: Identity) -> Attempt {
    let target = Target::https(identity.serve(), |_| Reply::ok(""))
        .await
        .unwrap();
    attempt(&trusting(root), &quick(&target.url("/")).build()).await
}

fn certificate(attempt: &Attempt) -> &CertificateFacts {
    attempt.tls.as_ref().unwrap().certificate.as_ref().unwrap()
}

#[tokio::test]
async fn a_good_handshake_shows_everything() {
    let root = Authority::root();
    let identity = root.server(
        &["localhost", "127.0.0.1", "*.shop.example"],
        Validity::default(),
    );
    let leaf = identity.chain()[0].clone();
    let found = look(&root, identity).await;
    assert!(found.succeeded(), "{found:#?}");
    let TlsFacts {
        version,
        cipher,
        group,
        alpn,
        resumed,
        certificate,
        staple,
    } = found.tls.unwrap();
    assert_eq!(version, Some("1.3"));
    assert_eq!(cipher.as_deref(), Some("TLS13_AES_128_GCM_SHA256"));
    assert_eq!(group.as_deref(), Some("X25519"));
    assert_eq!(alpn, None);
    assert!(!resumed);
    assert_eq!(staple, None);
    let facts = certificate.unwrap();
    assert_eq!(facts.names, ["localhost", "127.0.0.1", "*.shop.example"]);
    assert!(facts.subject.contains("test server"), "{}", facts.subject);
    assert!(facts.issuer.contains("Test Root"), "{}", facts.issuer);
    assert_eq!(facts.leaf_not_after, Timestamp::from_secs(FAR));
    assert_eq!(facts.not_after, facts.leaf_not_after);
    assert_eq!(facts.presented, 1);
    assert!(facts.verified);
    assert_eq!(facts.fingerprint.len(), 64);
    let again = look(&root, root.server(&["localhost"], Validity::default())).await;
    assert_ne!(self::certificate(&again).fingerprint, facts.fingerprint);
    assert!(!leaf.is_empty());
}

#[tokio::test]
async fn the_earliest_end_on_the_path_counts() {
    let root = Authority::root();
    let short = Validity {
        until: (2026, 9, 1),
        ..Validity::default()
    };
    let identity = root
        .intermediate(short)
        .server(&["localhost"], Validity::default());
    let found = look(&root, identity).await;
    assert!(found.succeeded(), "{found:#?}");
    let facts = certificate(&found);
    assert_eq!(facts.not_after, Timestamp::from_secs(SEPTEMBER));
    assert_eq!(facts.leaf_not_after, Timestamp::from_secs(FAR));
    assert_eq!(facts.presented, 2);
}

#[tokio::test]
async fn refused_certificates_are_known_all_the_same() {
    let root = Authority::root();
    let good = Validity::default();
    let expired = Validity {
        until: (2026, 3, 1),
        ..good
    };

    let found = look(&root, root.server(&["localhost"], expired)).await;
    let facts = certificate(&found);
    assert_eq!(facts.not_after, Timestamp::from_secs(MARCH));
    assert!(!facts.verified);
    assert_eq!(
        found.cause().unwrap().text,
        "the certificate of localhost expired at 2026-03-01T00:00:00.000Z"
    );
    assert!(found.phases.tls.is_none());
    assert!(found.phases.connect.is_some());

    let found = look(&root, root.server(&["a.example", "*.b.example"], good)).await;
    // The path is good, the name is not.
    assert!(certificate(&found).verified);
    assert_eq!(
        found.cause().unwrap().text,
        "the certificate is not for localhost, but for a.example, *.b.example"
    );

    let found = look(&root, Authority::root().server(&["localhost"], good)).await;
    assert!(!certificate(&found).verified);
    assert_eq!(certificate(&found).names, ["localhost"]);
}

#[tokio::test]
async fn tls_1_2_is_spoken_and_said() {
    let root = Authority::root();
    let tls = root
        .server(&["localhost"], Validity::default())
        .serve()
        .only(&rustls::version::TLS12);
    let target = Target::https(tls, |_| Reply::ok("")).await.unwrap();
    let found = attempt(&trusting(&root), &quick(&target.url("/")).build()).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.tls.unwrap().version, Some("1.2"));
}

/// The bundle has two certificates of the intermediate: an old one, which led to a root that is
/// gone, and a good one. What is not on the path does not matter, in whatever order they come.
#[tokio::test]
async fn an_expired_cross_sign_in_the_bundle_is_harmless() {
    let root = Authority::root();
    let gone = Authority::root();
    let expired = Validity {
        until: (2026, 3, 1),
        ..Validity::default()
    };
    let intermediate = root.intermediate(Validity::default());
    for by in [&gone, &root] {
        let old = by.cross_sign(&intermediate, expired);
        let identity = intermediate.server(&["localhost"], Validity::default());
        let found = look(&root, identity.presenting(old)).await;
        assert!(found.succeeded(), "{found:#?}");
        let facts = certificate(&found);
        assert_eq!(facts.not_after, Timestamp::from_secs(FAR));
        assert_eq!(facts.presented, 3);
        assert!(facts.verified);
    }
}

/// Class by class: whatever is wrong with them, what they say is kept.
#[tokio::test]
async fn every_refused_certificate_says_what_it_is() {
    let root = Authority::root();
    let unknown = Authority::root();
    let good = Validity::default();
    let until = |year, month, day| Validity {
        until: (year, month, day),
        ..good
    };
    let future = Validity {
        from: (2027, 1, 1),
        ..good
    };
    let revoked = root.server(&["localhost"], good);
    let since = Revocation::Since((2026, 3, 1));
    let staple = Staple::about(&revoked, &root, since).response();
    let here = ["localhost"];
    let cases = [
        (
            ErrorClass::TlsCertExpired,
            root.server(&here, until(2026, 3, 1)),
            MARCH,
            false,
        ),
        (
            ErrorClass::TlsCertNotYetValid,
            root.server(&here, future),
            FAR,
            false,
        ),
        (
            ErrorClass::TlsCertNameMismatch,
            root.server(&["a.example"], until(2027, 1, 1)),
            NEW_YEAR,
            true,
        ),
        (
            ErrorClass::TlsCertUnknownIssuer,
            unknown.server(&here, until(2027, 1, 1)),
            NEW_YEAR,
            false,
        ),
        (
            ErrorClass::TlsCertUnknownIssuer,
            root.leaf(&here).sign_itself(),
            FAR,
            false,
        ),
        (
            ErrorClass::TlsCertExpired,
            root.intermediate(until(2026, 3, 1)).server(&here, good),
            FAR,
            false,
        ),
        (
            ErrorClass::TlsCertRevoked,
            revoked.stapling(staple),
            FAR,
            true,
        ),
        (
            ErrorClass::TlsCertBad,
            root.leaf(&here)
                .only_for(ExtendedKeyUsagePurpose::ClientAuth)
                .issue(),
            FAR,
            false,
        ),
        (
            ErrorClass::TlsCertBad,
            root.leaf(&here).issue_for_weak_key(),
            FAR,
            true,
        ),
    ];
    for (class, identity, not_after, verified) in cases {
        let presented = identity.chain().len();
        let found = look(&root, identity).await;
        assert_eq!(found.cause().unwrap().class, class);
        let facts = certificate(&found);
        assert_eq!(
            facts.not_after,
            Timestamp::from_secs(not_after),
            "{class:?}"
        );
        assert_eq!(
            facts.leaf_not_after,
            Timestamp::from_secs(not_after),
            "{class:?}"
        );
        assert_eq!(facts.verified, verified, "{class:?}");
        assert_eq!(facts.presented, presented, "{class:?}");
        assert!(facts.subject.contains("test server"), "{class:?}");
        assert!(
            !facts.issuer.is_empty() && !facts.names.is_empty(),
            "{class:?}"
        );
        assert_eq!(facts.fingerprint.len(), 64, "{class:?}");
        assert!(found.phases.tls.is_none() && found.phases.connect.is_some());
    }
}

/// A staple tells, and a bad one is the server's upkeep, not a reason to refuse the certificate.
#[tokio::test]
async fn what_is_stapled_is_told() {
    let root = Authority::root();
    let intermediate = root.intermediate(Validity::default());
    let stale = Validity {
        until: (2026, 5, 1),
        ..Validity::default()
    };
    let since = Revocation::Since((2026, 3, 1));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let identity = || intermediate.server(&["localhost"], Validity::default());
        let look = |identity: Identity| {
            let root = &root;
            async move {
                let tls = identity.serve().only(version);
                let target = Target::https(tls, |_| Reply::ok("")).await.unwrap();
                attempt(&trusting(root), &quick(&target.url("/")).build()).await
            }
        };
        let good = identity();
        let response = Staple::about(&good, &intermediate, Revocation::Good).response();
        let found = look(good.stapling(response)).await;
        assert!(found.succeeded(), "{found:#?}");
        assert_eq!(found.tls.unwrap().staple, Some(facts::Staple::Good));

        let revoked = identity();
        let response = Staple::about(&revoked, &intermediate, since).response();
        let found = look(revoked.stapling(response)).await;
        assert_eq!(found.cause().unwrap().class, ErrorClass::TlsCertRevoked);
        let revoked = facts::Staple::Revoked {
            at: Timestamp::from_secs(MARCH),
            reason: Some("keyCompromise"),
        };
        assert_eq!(found.tls.unwrap().staple, Some(revoked));

        let old = identity();
        let about = Staple::about(&old, &intermediate, since).validity(stale);
        let found = look(old.stapling(about.response())).await;
        assert!(found.succeeded(), "{found:#?}");
        let why = "it is out of date: the server does not renew it".to_owned();
        assert_eq!(
            found.tls.unwrap().staple,
            Some(facts::Staple::Unusable(why))
        );
    }
}

/// Two handshakes with one server: neither is a short one.
#[tokio::test]
async fn sessions_are_never_resumed() {
    let root = Authority::root();
    let tls = root.server(&["localhost"], Validity::default()).serve();
    let target = Target::https(tls, |_| Reply::ok("")).await.unwrap();
    let engine = trusting(&root);
    let monitor = quick(&target.url("/")).attempts(3).build();
    let result = crate::support::probe(&engine, &monitor).await;
    assert!(
        result
            .samples
            .iter()
            .all(|attempt| { attempt.succeeded() && !attempt.tls.as_ref().unwrap().resumed })
    );
}

/// What was verified of a chain is kept, but not beyond its time, and not for another name.
#[tokio::test]
async fn a_known_chain_is_still_held_to_time_and_name() {
    let root = Authority::root();
    let until_september = Validity {
        until: (2026, 9, 1),
        ..Validity::default()
    };
    let tls = root
        .intermediate(until_september)
        .server(&["localhost"], Validity::default())
        .serve();
    let target = Target::https(tls, |_| Reply::ok("")).await.unwrap();
    let mut options = options();
    options.extra_roots = vec![root.certificate()];
    let clock = Arc::new(ManualClock::default());
    let engine = Engine::new(options, Arc::new(FakeSecrets::default()), clock.clone()).unwrap();
    let monitor = quick(&target.url("/")).build();

    let first = attempt(&engine, &monitor).await;
    let second = attempt(&engine, &monitor).await;
    assert!(first.succeeded() && second.succeeded(), "{second:#?}");
    assert_eq!(second.tls, first.tls);

    let other_name = quick(&target.url_as("127.0.0.1", "/")).build();
    let misnamed = attempt(&engine, &other_name).await;
    let class = |attempt: &Attempt| attempt.cause().map(|cause| cause.class);
    assert_eq!(class(&misnamed), Some(ErrorClass::TlsCertNameMismatch));
    assert_eq!(certificate(&misnamed), certificate(&first));

    clock.set(Timestamp::from_secs(SEPTEMBER + 1));
    let expired = attempt(&engine, &monitor).await;
    assert_eq!(class(&expired), Some(ErrorClass::TlsCertExpired));
    assert!(!certificate(&expired).verified);

    clock.set(Timestamp::from_secs(SEPTEMBER));
    assert!(attempt(&engine, &monitor).await.succeeded());
}
