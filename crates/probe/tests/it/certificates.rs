//! What is known of certificates, also of those that were refused.

use tidewatch_domain::probe::{CertificateFacts, TlsFacts};
use tidewatch_domain::{Attempt, Timestamp};
use tidewatch_testkit::{Authority, Identity, Reply, Target, Validity};

use crate::support::{attempt, quick, trusting};

/// 2026-03-01, 2026-09-01 and 2040-01-01, midnight UTC.
const MARCH: i64 = 1_772_323_200;
const SEPTEMBER: i64 = 1_788_220_800;
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
        alpn: _,
        resumed,
        certificate,
    } = found.tls.unwrap();
    assert_eq!(version, Some("1.3"));
    assert_eq!(cipher.as_deref(), Some("TLS13_AES_256_GCM_SHA384"));
    assert_eq!(group.as_deref(), Some("X25519"));
    assert!(!resumed);
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
        "a certificate of localhost expired at 2026-03-01T00:00:00.000Z"
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
