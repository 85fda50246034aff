//! How requests prove who they come from.

use tidewatch_domain::monitor::{Assertion, Auth, ClientCredentials, Proxy, SecretText, TextTest};
use tidewatch_domain::{ErrorClass, ErrorOwner, Monitor};
use tidewatch_probe::{AddressPolicy, Engine};
use tidewatch_testkit::{FakeSecrets, MonitorBuilder, Reply, Seen, Target, refused_port};

use crate::support::{attempt, engine_with, failure, options, probe, quick};

const CLIENT_SECRET: &str = "cl13nt/s3cret";

fn text(text: &str) -> SecretText {
    SecretText::try_new(text).unwrap()
}

fn engine() -> Engine {
    engine_with(options(), secrets())
}

fn secrets() -> FakeSecrets {
    FakeSecrets::of(&[
        ("env:TIDEWATCH_SECRET_PASSWORD", "pässw0rd"),
        ("env:TIDEWATCH_SECRET_CLIENT", CLIENT_SECRET),
    ])
}

fn client(token_url: &str) -> Auth {
    Auth::OAuth2(Box::new(ClientCredentials {
        token_url: token_url.parse().unwrap(),
        client_id: text("prober"),
        client_secret: text("${env:TIDEWATCH_SECRET_CLIENT}"),
        scopes: vec!["read".to_owned(), "list".to_owned()],
        audience: Some("shop".to_owned()),
    }))
}

fn with_auth(monitor: MonitorBuilder, auth: Auth) -> MonitorBuilder {
    monitor.request(|check| check.auth = Some(auth))
}

fn authorization(seen: &Seen) -> Option<&str> {
    seen.header("authorization")
}

/// A token endpoint that gives out `t0ken-1`, `t0ken-2` and so on.
async fn token_server(life: &'static str) -> Target {
    let given = std::sync::atomic::AtomicUsize::new(0);
    Target::http(move |_| {
        let number = 1 + given.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reply::ok(format!(
            r#"{{"access_token": "t0ken-{number}", "token_type": "Bearer", "expires_in": {life}}}"#
        ))
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn basic_and_bearer_become_headers() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let engine = engine();
    let basic = Auth::Basic {
        username: text("me"),
        password: text("${env:TIDEWATCH_SECRET_PASSWORD}"),
    };
    let bearer = Auth::Bearer(text("${env:TIDEWATCH_SECRET_CLIENT}"));
    for auth in [basic, bearer] {
        let monitor = with_auth(quick(&target.url("/")), auth).build();
        assert!(attempt(&engine, &monitor).await.succeeded());
    }
    let seen = target.seen();
    assert_eq!(authorization(&seen[0]), Some("Basic bWU6cMOkc3N3MHJk"));
    assert_eq!(authorization(&seen[1]), Some("Bearer cl13nt/s3cret"));
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_origin() {
    let other = Target::http(|_| Reply::ok("x")).await.unwrap();
    let away = other.url("/");
    let target = Target::http(move |seen| match seen.path.as_str() {
        "/" => Reply::redirect(302, "/next"),
        _ => Reply::redirect(302, &away),
    })
    .await
    .unwrap();
    let auth = Auth::Bearer(text("${env:TIDEWATCH_SECRET_CLIENT}"));
    let monitor = with_auth(quick(&target.url("/")), auth).build();
    assert!(attempt(&engine(), &monitor).await.succeeded());
    assert!(
        target
            .seen()
            .iter()
            .all(|seen| authorization(seen).is_some())
    );
    assert_eq!(authorization(&other.seen()[0]), None);
}

#[tokio::test]
async fn a_token_is_fetched_once_and_shared_by_probes() {
    let tokens = token_server("3600").await;
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let engine = engine();
    let auth = client(&tokens.url("/token"));
    let monitor = |path: &str, auth: Auth| with_auth(quick(&target.url(path)), auth).attempts(3);
    for path in ["/a", "/b"] {
        let result = probe(&engine, &monitor(path, auth.clone()).build()).await;
        assert!(result.samples.iter().all(|attempt| attempt.succeeded()));
    }
    assert!(
        target
            .seen()
            .iter()
            .all(|seen| authorization(seen) == Some("Bearer t0ken-1"))
    );
    let asked = tokens.seen();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        String::from_utf8_lossy(&asked[0].body),
        "grant_type=client_credentials&scope=read+list&audience=shop"
    );
    // `prober:cl13nt%2Fs3cret`
    assert_eq!(
        authorization(&asked[0]),
        Some("Basic cHJvYmVyOmNsMTNudCUyRnMzY3JldA==")
    );
    // Another client's token is another one.
    let Auth::OAuth2(mut other) = auth else {
        unreachable!("it is a client")
    };
    other.client_id = text("somebody else");
    let monitor = monitor("/c", Auth::OAuth2(other)).build();
    probe(&engine, &monitor).await;
    assert_eq!(tokens.seen().len(), 2);
}

#[tokio::test]
async fn a_token_about_to_expire_is_not_used_again() {
    let tokens = token_server("0").await;
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let engine = engine();
    let monitor = with_auth(quick(&target.url("/")), client(&tokens.url("/"))).build();
    for _ in 0..2 {
        assert!(attempt(&engine, &monitor).await.succeeded());
    }
    assert_eq!(tokens.seen().len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_without_a_trace_in_the_result() {
    let tokens = token_server("3600").await;
    let target = Target::http(|seen| match authorization(seen) {
        Some("Bearer t0ken-2") => Reply::ok("x"),
        _ => Reply::status(401),
    })
    .await
    .unwrap();
    let engine = engine();
    let monitor = |path: &str| with_auth(quick(&target.url(path)), client(&tokens.url("/")));
    let result = probe(&engine, &monitor("/").attempts(2).build()).await;
    assert!(result.samples.iter().all(|attempt| attempt.succeeded()));
    assert_eq!(tokens.seen().len(), 2);
    let sent: Vec<_> = target
        .seen()
        .iter()
        .map(|seen| authorization(seen).unwrap().to_owned())
        .collect();
    assert_eq!(sent, ["Bearer t0ken-1", "Bearer t0ken-2", "Bearer t0ken-2"]);
}

#[tokio::test]
async fn a_target_that_refuses_every_token_is_asked_twice_only() {
    let tokens = token_server("3600").await;
    let target = Target::http(|_| Reply::status(401)).await.unwrap();
    let monitor = with_auth(quick(&target.url("/")), client(&tokens.url("/"))).attempts(3);
    let result = probe(&engine(), &monitor.build()).await;
    for attempt in &result.samples {
        assert_eq!(
            failure(attempt),
            Some((ErrorClass::StatusMismatch, ErrorOwner::Target))
        );
    }
    assert_eq!(tokens.seen().len(), 2);
    assert_eq!(target.seen().len(), 4);
}

/// What an attempt fails by when the token endpoint answers `reply`.
async fn without_token(reply: Reply) -> (ErrorOwner, String) {
    let tokens = Target::http(move |_| reply.clone()).await.unwrap();
    let monitor = with_auth(
        quick("http://127.0.0.1:9/"),
        client(&tokens.url("/token?a=b")),
    )
    .build();
    let found = attempt(&engine(), &monitor).await;
    let cause = found.cause().unwrap();
    assert_eq!(cause.class, ErrorClass::AuthFailed);
    assert!(!cause.counts_against_availability());
    assert!(!cause.text.contains("s3cret"), "{cause}");
    let text = cause
        .text
        .replace(&tokens.address().port().to_string(), "PORT");
    (cause.owner, text)
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_not_the_targets_fault() {
    let config = ErrorOwner::Config;
    let network = ErrorOwner::Network;
    let at = "token endpoint http://localhost:PORT/token";
    let cases = [
        (
            Reply::status(401).body(r#"{"error": "invalid_client"}"#),
            config,
            "answered 401 (invalid_client)",
        ),
        (
            Reply::status(400).body(format!(r#"{{"error": "{CLIENT_SECRET}"}}"#)),
            config,
            "answered 400",
        ),
        (Reply::status(302), config, "answered 302"),
        (Reply::status(503), network, "answered 503"),
        (Reply::status(429), network, "answered 429"),
        (
            Reply::ok("<html>"),
            config,
            "answered without an `access_token`",
        ),
        (
            Reply::ok(r#"{"access_token": "a", "token_type": "mac"}"#),
            config,
            "gave a token that is no bearer token",
        ),
    ];
    for (reply, owner, text) in cases {
        assert_eq!(without_token(reply).await, (owner, format!("{at} {text}")));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_away_is_the_networks_fault() {
    let address = refused_port().unwrap();
    let monitor: Monitor = with_auth(
        quick("http://127.0.0.1:9/"),
        client(&format!("http://{address}/")),
    )
    .build();
    let found = attempt(&engine(), &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::AuthFailed, ErrorOwner::Network))
    );
}

#[tokio::test]
async fn the_address_policy_holds_for_token_endpoints() {
    let tokens = token_server("3600").await;
    let mut options = options();
    options.addresses = AddressPolicy::only_public([]);
    let engine = engine_with(options, secrets());
    let monitor = with_auth(quick("http://127.0.0.1:9/"), client(&tokens.url("/"))).build();
    let found = attempt(&engine, &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::BlockedAddress, ErrorOwner::Config))
    );
    assert!(tokens.seen().is_empty());
}

#[tokio::test]
async fn no_credential_is_in_any_part_of_a_result() {
    let tokens = token_server("3600").await;
    // As a target, and as a proxy in front of one, it gives back whatever it was told.
    let parrot = Target::http(|seen| {
        let told = format!("{:?} {}", seen.headers, seen.path);
        Reply::status(500).header("x-told", &told).body(told)
    })
    .await
    .unwrap();
    let password = "${env:TIDEWATCH_SECRET_PASSWORD}";
    let basic = Auth::Basic {
        username: text("me"),
        password: text(password),
    };
    let bearer = Auth::Bearer(text("${env:TIDEWATCH_SECRET_CLIENT}"));
    let mut shown = String::new();
    for auth in [basic, bearer, client(&tokens.url("/"))] {
        let monitor = with_auth(quick("http://shop.invalid/a"), auth)
            .request(|check| {
                check.proxy = Some(Box::new(Proxy {
                    url: parrot.url("/").parse().unwrap(),
                    credentials: Some((text("somebody"), text(password))),
                }));
                check.query = vec![("key".to_owned(), text("${env:TIDEWATCH_SECRET_CLIENT}"))];
            })
            .expect(Assertion::Body(TextTest::Equals(String::new())))
            .expect(Assertion::FinalUrl(TextTest::Equals(String::new())))
            .expect(Assertion::Header {
                name: "x-told".to_owned(),
                test: TextTest::Equals(String::new()),
            })
            .build();
        shown.push_str(&format!("{:?}", probe(&engine(), &monitor).await));
    }
    let told: String = parrot
        .seen()
        .iter()
        .map(|seen| format!("{:?} {}", seen.headers, seen.path))
        .collect();
    for secret in [
        "bWU6cMOkc3N3MHJk",
        "c29tZWJvZHk6cMOkc3N3MHJk",
        "cl13nt/s3cret",
        "cl13nt%2Fs3cret",
        "t0ken-1",
    ] {
        assert!(told.contains(secret), "{secret} was not sent: {told}");
        assert!(!shown.contains(secret), "{secret} is in {shown}");
        let part = &secret[..6];
        assert!(!shown.contains(part), "a part of {secret} is in {shown}");
    }
    assert!(!shown.contains("pässw0rd"));
    assert!(shown.contains("***"));
}
