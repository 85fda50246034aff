//! Versions of HTTP on request, queries, bodies in formats, and where redirects may lead.

use tidewatch_domain::monitor::{BodyFormat, Protocol, Redirects, RequestBody, SecretText};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{ErrorClass, ErrorOwner};
use tidewatch_testkit::{Authority, FakeSecrets, MonitorBuilder, Reply, Target, Validity};

use crate::support::{attempt, engine, engine_with, failure, options, probe, quick, trusting};

fn speaking(url: &str, protocol: Protocol) -> MonitorBuilder {
    quick(url).request(|check| check.protocol = protocol)
}

#[tokio::test]
async fn http2_without_tls_is_spoken_by_prior_knowledge() {
    let target = Target::http2_prior(|seen| Reply::ok(seen.path.clone()))
        .await
        .unwrap();
    let monitor = speaking(&target.url("/a?b"), Protocol::Http2)
        .attempts(2)
        .reuse()
        .build();
    let result = probe(&engine(options()), &monitor).await;
    for found in &result.samples {
        assert!(found.succeeded(), "{found:#?}");
        assert_eq!(found.http_version, Some("2"));
    }
    assert_eq!(target.connections(), 1);
    assert_eq!(target.seen()[0].path, "/a?b");
}

#[tokio::test]
async fn the_server_is_offered_what_the_definition_wants() {
    let root = Authority::root();
    let identity = || root.server(&["localhost"], Validity::default()).serve();
    let both = Target::https(identity().alpn("h2").alpn("http/1.1"), |_| Reply::ok("x"))
        .await
        .unwrap();
    let engine = trusting(&root);
    for (protocol, version) in [
        (Protocol::Any, "2"),
        (Protocol::Http1, "1.1"),
        (Protocol::Http2, "2"),
    ] {
        let found = attempt(&engine, &speaking(&both.url("/"), protocol).build()).await;
        assert!(found.succeeded(), "{found:#?}");
        assert_eq!(found.http_version, Some(version));
    }

    // A server that does not choose at all speaks HTTP/1.1.
    let old = Target::https(identity(), |_| Reply::ok("x")).await.unwrap();
    let found = attempt(&engine, &speaking(&old.url("/"), Protocol::Http2).build()).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::VersionMismatch, ErrorOwner::Target))
    );
    assert_eq!(found.reached, PhaseReached::Tls);
    let port = old.address().port();
    assert_eq!(
        found.cause().unwrap().text,
        format!("localhost:{port} did not choose HTTP/2, the only version offered")
    );
}

#[tokio::test]
async fn a_query_may_hold_secrets() {
    let target = Target::http(|_| Reply::status(500)).await.unwrap();
    let secrets = FakeSecrets::of(&[("env:TIDEWATCH_SECRET_KEY", "k3y&s3cret")]);
    let monitor = quick(&target.url("/a?b=1"))
        .request(|check| {
            let text = |text: &str| SecretText::try_new(text).unwrap();
            check.query = vec![
                ("q".to_owned(), text("green tea")),
                ("key".to_owned(), text("${env:TIDEWATCH_SECRET_KEY}")),
            ];
        })
        .build();
    let found = attempt(&engine_with(options(), secrets), &monitor).await;
    assert_eq!(target.seen()[0].path, "/a?b=1&q=green+tea&key=k3y%26s3cret");
    assert!(!format!("{found:?}").contains("s3cret"), "{found:#?}");
}

#[tokio::test]
async fn secrets_in_bodies_are_spelled_as_the_format_demands() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let secrets = || FakeSecrets::of(&[("env:TIDEWATCH_SECRET_KEY", "a\"b&c\\d")]);
    let cases = [
        (
            BodyFormat::Json,
            r#"{"key":"${env:TIDEWATCH_SECRET_KEY}"}"#,
            r#"{"key":"a\"b&c\\d"}"#,
            Some("application/json"),
        ),
        (
            BodyFormat::Form,
            "q=1&key=${env:TIDEWATCH_SECRET_KEY}",
            "q=1&key=a%22b%26c%5Cd",
            Some("application/x-www-form-urlencoded"),
        ),
        (
            BodyFormat::Text,
            "${env:TIDEWATCH_SECRET_KEY}",
            "a\"b&c\\d",
            None,
        ),
    ];
    for (format, template, sent, content_type) in cases {
        let monitor = |headers: &[(&str, &str)]| {
            let mut monitor = quick(&target.url("/")).method("POST");
            for (name, value) in headers {
                monitor = monitor.header(name, value);
            }
            monitor
                .request(|check| {
                    let text = SecretText::try_new(template).unwrap();
                    check.body = Some(RequestBody { text, format });
                })
                .build()
        };
        let engine = engine_with(options(), secrets());
        assert!(attempt(&engine, &monitor(&[])).await.succeeded());
        let seen = target.seen().pop().unwrap();
        assert_eq!(String::from_utf8_lossy(&seen.body), sent);
        assert_eq!(seen.header("content-type"), content_type);
        let own = monitor(&[("content-type", "text/x-mine")]);
        assert!(attempt(&engine, &own).await.succeeded());
        let seen = target.seen().pop().unwrap();
        assert_eq!(seen.header("content-type"), Some("text/x-mine"));
    }
}

#[tokio::test]
async fn redirects_can_be_kept_on_the_host() {
    let target = Target::http(|seen| match seen.path.as_str() {
        "/near" => Reply::redirect(302, "/end"),
        "/far" => Reply::redirect(302, "http://127.0.0.1:9/end?token=s3cret"),
        _ => Reply::ok("x"),
    })
    .await
    .unwrap();
    let engine = engine(options());
    let monitor = |path| {
        quick(&target.url(path))
            .redirects(Redirects::Follow {
                max: 5,
                same_host: true,
            })
            .build()
    };
    assert!(attempt(&engine, &monitor("/near")).await.succeeded());
    let found = attempt(&engine, &monitor("/far")).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::RedirectBlocked, ErrorOwner::Target))
    );
    assert_eq!(
        found.cause().unwrap().text,
        "the redirect leads to another host: http://127.0.0.1:9/end"
    );
}
