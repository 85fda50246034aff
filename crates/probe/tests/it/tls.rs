//! The kind `tls`, STARTTLS, and how TLS is spoken by whatever kind.

use std::time::Duration;

use tidewatch_domain::Attempt;
use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Target as Site};
use tidewatch_domain::monitor::{
    Check, ClientCertificate, SecretRef, SecretSource, StartTls, TlsOptions, TlsVersion,
};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_probe::Engine;
use tidewatch_testkit::script::{imap, pop3, postgres, smtp};
use tidewatch_testkit::{
    Act, Authority, FakeSecrets, Reply, Scripted, ServerTls, Target, Validity,
};

use crate::sockets::{Table, monitor, monitor_of, tls};
use crate::support::{SHORT, attempt, engine, engine_with, options, quick, trusting};

fn serve(root: &Authority) -> ServerTls {
    root.server(&["localhost"], Validity::default()).serve()
}

async fn direct(tls: ServerTls) -> Scripted {
    Scripted::start([Act::secure(tls), Act::Hang])
        .await
        .unwrap()
}

/// A handshake by `options` with what listens at `port`.
async fn handshake(engine: &Engine, port: u16, options: TlsOptions) -> Attempt {
    let mut check = tls(port, None);
    check.encryption.options = options;
    let builder = quick("http://localhost/").attempt_timeout(SHORT * 4);
    attempt(engine, &monitor_of(builder, Check::Tls(check))).await
}

#[tokio::test]
async fn a_handshake_is_a_check() {
    let root = Authority::root();
    let server = direct(serve(&root).alpn("imap")).await;
    let options = TlsOptions {
        alpn: vec!["acme".to_owned(), "imap".to_owned()],
        ..TlsOptions::default()
    };
    let found = handshake(&trusting(&root), server.address().port(), options).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.reached, At::Done);
    let phases = found.phases;
    assert!(phases.resolve.is_some() && phases.connect.is_some() && phases.tls.is_some());
    assert_eq!(
        (phases.send, phases.wait, phases.transfer),
        (None, None, None)
    );
    assert_eq!(phases.unfinished(), Duration::ZERO);
    let tls = found.tls.unwrap();
    assert_eq!(tls.alpn.as_deref(), Some("imap"));
    assert!(tls.certificate.unwrap().verified);
}

#[tokio::test]
async fn the_chain_is_shown_as_it_was_presented() {
    let root = Authority::root();
    let between = root.intermediate(Validity::default());
    let identity = between.server(&["localhost"], Validity::default());
    let server = direct(identity.serve()).await;
    let engine = trusting(&root);
    let port = server.address().port();
    let look = async || handshake(&engine, port, TlsOptions::default()).await;
    let found = look().await;
    let facts = found.tls.unwrap().certificate.unwrap();
    let [leaf, intermediate] = facts.chain.as_slice() else {
        panic!("{:#?}", facts.chain)
    };
    assert!(leaf.on_path && intermediate.on_path);
    let leaf = &leaf.certificate;
    assert_eq!(leaf.fingerprint, facts.fingerprint);
    assert_eq!(leaf.subject, facts.subject);
    assert_eq!(leaf.issuer, intermediate.certificate.subject);
    assert_eq!(
        (leaf.key_type.as_str(), leaf.key_bits),
        ("EC P-256", Some(256))
    );
    assert_eq!(leaf.signature_algorithm, "ecdsa-with-SHA256");
    assert!(!leaf.serial.is_empty() && leaf.serial.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(leaf.not_after, facts.leaf_not_after);

    let again = look().await.tls.unwrap().certificate.unwrap();
    assert!(
        std::sync::Arc::ptr_eq(&again.chain[0].certificate, leaf),
        "a certificate is read once"
    );
}

#[tokio::test]
async fn every_protocol_asks_for_tls_in_its_own_way() {
    let root = Authority::root();
    let engine = trusting(&root);
    let scripts = [
        (StartTls::Smtp, smtp(serve(&root), [])),
        (StartTls::Imap, imap(serve(&root))),
        (StartTls::Pop3, pop3(serve(&root))),
        (StartTls::Postgres, postgres(serve(&root))),
    ];
    assert_eq!(scripts.len(), StartTls::ALL.len());
    for (protocol, script) in scripts {
        let server = Scripted::start(script).await.unwrap();
        let check = tls(server.address().port(), Some(protocol));
        let found = attempt(&engine, &monitor(Check::Tls(check))).await;
        assert!(found.succeeded(), "{protocol:?}: {found:#?}");
        assert_eq!(found.phases.unfinished(), Duration::ZERO, "{protocol:?}");
        assert!(found.phases.tls.is_some() && found.phases.wait.is_some());
        assert_eq!(found.steps.len(), 1);
        assert!(found.tls.unwrap().certificate.unwrap().verified);
    }
}

#[tokio::test]
async fn refusals_of_starttls() {
    let engine = engine(options());
    let mut table = Table::default();
    let greeting = || Act::say("220 mail.test\r\n");
    let helped = || {
        [
            greeting(),
            Act::hear("EHLO"),
            Act::say("250-a\r\n250 STARTTLS\r\n"),
        ]
    };
    let with = |acts: Vec<Act>| helped().into_iter().chain(acts).collect::<Vec<_>>();
    let wrong = (Class::ProtocolError, Site, At::Transfer);
    let cases = [
        (
            "smtp greets badly",
            StartTls::Smtp,
            vec![Act::say("554 no\r\n"), Act::Hang],
            wrong,
            "said `554 no`",
        ),
        (
            "smtp is something else",
            StartTls::Smtp,
            vec![Act::say("SSH-2.0-x\r\n"), Act::Hang],
            wrong,
            "SSH-2.0-x",
        ),
        (
            "smtp refuses the client",
            StartTls::Smtp,
            vec![
                greeting(),
                Act::hear("EHLO"),
                Act::say("502 what?\r\n"),
                Act::Hang,
            ],
            wrong,
            "answer to EHLO",
        ),
        (
            "smtp does not offer it",
            StartTls::Smtp,
            vec![
                greeting(),
                Act::hear("EHLO"),
                Act::say("250-a\r\n250 SIZE\r\n"),
                Act::Hang,
            ],
            wrong,
            "does not offer STARTTLS",
        ),
        (
            "smtp refuses it",
            StartTls::Smtp,
            with(vec![
                Act::hear("STARTTLS"),
                Act::say("454 later\r\n"),
                Act::Hang,
            ]),
            wrong,
            "answer to STARTTLS from localhost",
        ),
        (
            "smtp goes on in the clear",
            StartTls::Smtp,
            with(vec![
                Act::hear("STARTTLS"),
                Act::say("220 go\r\n250 injected\r\n"),
                Act::Hang,
            ]),
            wrong,
            "in the clear",
        ),
        (
            "smtp is silent",
            StartTls::Smtp,
            vec![Act::Hang],
            (Class::ReadTimeoutHeader, Site, At::Wait),
            "greeting of SMTP",
        ),
        (
            "smtp closes",
            StartTls::Smtp,
            vec![],
            (Class::ClosedBeforeResponse, Site, At::Wait),
            "greeting of SMTP",
        ),
        (
            "smtp stops within the greeting",
            StartTls::Smtp,
            vec![Act::say("220-wel"), Act::Hang],
            (Class::ReadTimeoutBody, Site, At::Transfer),
            "220-wel",
        ),
        (
            "smtp agrees and does not shake hands",
            StartTls::Smtp,
            with(vec![
                Act::hear("STARTTLS"),
                Act::say("220 go\r\n"),
                Act::hear("\u{16}"),
                Act::Hang,
            ]),
            (Class::TlsTimeout, Site, At::Tls),
            "TLS handshake",
        ),
        (
            "imap says goodbye",
            StartTls::Imap,
            vec![Act::say("* BYE busy\r\n"), Act::Hang],
            wrong,
            "* BYE busy",
        ),
        (
            "imap refuses it",
            StartTls::Imap,
            vec![
                Act::say("* OK hi\r\n"),
                Act::hear("a1"),
                Act::say("a1 NO not here\r\n"),
                Act::Hang,
            ],
            wrong,
            "a1 NO not here",
        ),
        (
            "pop3 refuses it",
            StartTls::Pop3,
            vec![
                Act::say("+OK\r\n"),
                Act::hear("STLS"),
                Act::say("-ERR no\r\n"),
                Act::Hang,
            ],
            wrong,
            "-ERR no",
        ),
        (
            "postgres refuses it",
            StartTls::Postgres,
            vec![Act::hear("\u{16}\u{2f}"), Act::say("N"), Act::Hang],
            wrong,
            "does not do TLS",
        ),
        (
            "postgres is something else",
            StartTls::Postgres,
            vec![Act::say("220 mail\r\n"), Act::Hang],
            wrong,
            "220 mail",
        ),
    ];
    for (name, protocol, script, wanted, text) in cases {
        let server = Scripted::start(script).await.unwrap();
        let check = Check::Tls(tls(server.address().port(), Some(protocol)));
        let builder = quick("http://localhost/").attempt_timeout(SHORT * 4);
        let found = attempt(&engine, &monitor_of(builder, check)).await;
        table.check(name, &found, wanted, text);
        assert!(found.phases.connect.is_some(), "{name}");
    }
    table.end(15);
}

#[tokio::test]
async fn failed_handshakes() {
    let root = Authority::root();
    let engine = trusting(&root);
    let mut table = Table::default();
    let expired = Validity {
        until: (2026, 3, 1),
        ..Validity::default()
    };
    let cases = [
        (
            "expired",
            vec![Act::secure(root.server(&["localhost"], expired).serve())],
            Class::TlsCertExpired,
        ),
        (
            "other name",
            vec![Act::secure(
                root.server(&["other.test"], Validity::default()).serve(),
            )],
            Class::TlsCertNameMismatch,
        ),
        (
            "private",
            vec![Act::secure(serve(&Authority::root()))],
            Class::TlsCertUnknownIssuer,
        ),
        (
            "no TLS",
            vec![Act::say("220 hello\r\n"), Act::Hang],
            Class::TlsProtocol,
        ),
        ("silent", vec![Act::Hang], Class::TlsTimeout),
        ("closes", vec![Act::hear("\u{1}")], Class::TlsEof),
    ];
    for (name, script, class) in cases {
        let server = Scripted::start(script).await.unwrap();
        let found = handshake(&engine, server.address().port(), TlsOptions::default()).await;
        table.check(name, &found, (class, Site, At::Tls), "localhost");
        assert!(found.phases.tls.is_none(), "{name}");
    }
    table.end(6);
}

#[tokio::test]
async fn versions_are_kept_to() {
    let root = Authority::root();
    let engine = trusting(&root);
    let server = direct(serve(&root)).await;
    let port = server.address().port();
    for (version, name) in [(TlsVersion::V1_2, "1.2"), (TlsVersion::V1_3, "1.3")] {
        let options = TlsOptions {
            min_version: version,
            max_version: version,
            ..TlsOptions::default()
        };
        let found = handshake(&engine, port, options).await;
        assert!(found.succeeded(), "{found:#?}");
        assert_eq!(found.tls.unwrap().version, Some(name));
    }
    let old = direct(serve(&root).only(&rustls::version::TLS12)).await;
    let options = TlsOptions {
        min_version: TlsVersion::V1_3,
        ..TlsOptions::default()
    };
    let found = handshake(&engine, old.address().port(), options).await;
    let cause = found.cause().unwrap();
    assert_eq!(cause.class, Class::TlsProtocol, "{found:#?}");
    assert!(cause.text.contains("accepts no TLS 1.3"), "{cause:?}");
    assert_eq!(found.reached, At::Tls);
}

#[tokio::test]
async fn another_name_can_be_asked_for() {
    let root = Authority::root();
    let identity = root.server(&["shop.test"], Validity::default());
    let server = direct(identity.serve()).await;
    let engine = trusting(&root);
    let options = |name: &str| TlsOptions {
        server_name: Some(name.to_owned()),
        ..TlsOptions::default()
    };
    let port = server.address().port();
    let found = handshake(&engine, port, options("shop.test")).await;
    assert!(found.succeeded(), "{found:#?}");
    let found = handshake(&engine, port, options("other.test")).await;
    assert_eq!(found.cause().unwrap().class, Class::TlsCertNameMismatch);
}

#[tokio::test]
async fn private_roots_take_the_place_of_the_probers_own() {
    let root = Authority::root();
    let server = direct(serve(&root)).await;
    let port = server.address().port();
    let options_with = |pem: String| TlsOptions {
        roots: Some(pem),
        ..TlsOptions::default()
    };
    let engine = engine(options());
    let found = handshake(&engine, port, options_with(root.certificate_pem())).await;
    assert!(found.succeeded(), "{found:#?}");
    assert!(found.tls.unwrap().certificate.unwrap().verified);

    let other = Authority::root().certificate_pem();
    let found = handshake(&trusting(&root), port, options_with(other)).await;
    assert_eq!(found.cause().unwrap().class, Class::TlsCertUnknownIssuer);

    let found = handshake(&engine, port, options_with("nonsense".to_owned())).await;
    let cause = found.cause().unwrap();
    assert_eq!(
        (cause.class, cause.owner),
        (Class::TlsCertUnknownIssuer, Config)
    );
}

#[tokio::test]
async fn without_verification_anybody_may_answer_and_is_still_described() {
    let expired = Validity {
        until: (2026, 3, 1),
        ..Validity::default()
    };
    let identity = Authority::root().server(&["other.test"], expired);
    let server = direct(identity.serve()).await;
    let options = TlsOptions {
        verify: false,
        ..TlsOptions::default()
    };
    let found = handshake(&engine(self::options()), server.address().port(), options).await;
    assert!(found.succeeded(), "{found:#?}");
    let facts = found.tls.unwrap().certificate.unwrap();
    assert!(!facts.verified && !facts.chain[0].on_path);
    assert_eq!(facts.names, ["other.test"]);
}

fn mutual(certificate: String) -> TlsOptions {
    TlsOptions {
        client_certificate: Some(ClientCertificate {
            certificate,
            key: SecretRef {
                source: SecretSource::Env,
                name: "KEY".to_owned(),
            },
        }),
        ..TlsOptions::default()
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_and_refusals_are_known() {
    let root = Authority::root();
    let client = root.client("prober.test");
    let stranger = Authority::root().client("stranger.test");
    let keys = |key: &str| {
        let mut options = options();
        options.extra_roots = vec![root.certificate()];
        engine_with(options, FakeSecrets::of(&[("env:KEY", key)]))
    };
    let refused = (Class::TlsClientAuth, Config);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = direct(serve(&root).demand_client(&root).only(version)).await;
        let port = server.address().port();
        let certificate = mutual(client.certificates_pem());
        let found = handshake(&keys(&client.key_pem()), port, certificate.clone()).await;
        assert!(found.succeeded(), "{version:?}: {found:#?}");

        let found = handshake(&keys(""), port, TlsOptions::default()).await;
        let cause = found.cause().expect("a demanded certificate is missed");
        assert_eq!(
            (cause.class, cause.owner),
            refused,
            "{version:?}: {found:#?}"
        );

        let options = mutual(stranger.certificates_pem());
        let found = handshake(&keys(&stranger.key_pem()), port, options).await;
        let cause = found.cause().expect("a stranger is refused");
        assert_eq!(
            (cause.class, cause.owner),
            refused,
            "{version:?}: {found:#?}"
        );

        for (key, text) in [
            (stranger.key_pem(), "for another key"),
            ("s3cr3t nonsense".to_owned(), "not a private key"),
        ] {
            let found = handshake(&keys(&key), port, certificate.clone()).await;
            let cause = found.cause().unwrap();
            assert_eq!((cause.class, cause.owner), refused);
            assert!(cause.text.contains(text), "{cause:?}");
            assert!(!format!("{found:?}").contains("s3cr3t"));
        }
    }
}

#[tokio::test]
async fn web_checks_speak_tls_by_the_same_options() {
    let root = Authority::root();
    let client = root.client("prober.test");
    let both = root.server(&["localhost", "127.0.0.1"], Validity::default());
    let elsewhere = Target::https(both.serve().demand_client(&root), |_| Reply::ok("in"))
        .await
        .unwrap();
    let key = client.key_pem();
    let engine = engine_with(options(), FakeSecrets::of(&[("env:KEY", &key)]));
    let tls = TlsOptions {
        roots: Some(root.certificate_pem()),
        ..mutual(client.certificates_pem())
    };
    let found = attempt(
        &engine,
        &quick(&elsewhere.url("/")).tls(tls.clone()).build(),
    )
    .await;
    assert!(found.succeeded(), "{found:#?}");

    // The client's certificate is for the target's own host.
    let url = elsewhere.url_as("127.0.0.1", "/");
    let start = Target::https(serve(&root), move |_| Reply::redirect(302, &url))
        .await
        .unwrap();
    let found = attempt(&engine, &quick(&start.url("/")).tls(tls).build()).await;
    assert_eq!(
        found.cause().unwrap().class,
        Class::TlsClientAuth,
        "{found:#?}"
    );
}
