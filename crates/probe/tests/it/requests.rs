//! What goes out.

use tidewatch_testkit::{Authority, FakeSecrets, Reply, Seen, Target, Validity};

use crate::support::{attempt, engine, engine_with, options, quick, trusting};

fn header<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.header(name)
}

#[tokio::test]
async fn the_standard_headers_are_few_and_give_way_to_the_definitions() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let engine = engine(options());
    attempt(&engine, &quick(&target.url("/a%20b?c=d#e")).build()).await;
    let seen = target.seen().pop().unwrap();
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("GET", "/a%20b?c=d")
    );
    let names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "host",
            "connection",
            "user-agent",
            "accept",
            "accept-encoding"
        ]
    );
    assert!(
        header(&seen, "user-agent")
            .unwrap()
            .starts_with("Tidewatch/")
    );
    assert_eq!(header(&seen, "accept-encoding"), Some("identity"));

    let monitor = quick(&target.url("/"))
        .header("User-Agent", "mine")
        .header("Accept", "text/html")
        .header("Host", "other.example")
        .header("x-twice", "1")
        .header("x-twice", "2")
        .header("content-length", "999")
        .build();
    assert!(attempt(&engine, &monitor).await.succeeded());
    let seen = target.seen().pop().unwrap();
    assert_eq!(header(&seen, "user-agent"), Some("mine"));
    assert_eq!(header(&seen, "accept"), Some("text/html"));
    assert_eq!(header(&seen, "host"), Some("other.example"));
    assert_eq!(header(&seen, "content-length"), None);
    let twice: Vec<_> = seen
        .headers
        .iter()
        .filter(|(name, _)| name == "x-twice")
        .collect();
    assert_eq!(twice.len(), 2);
}

#[tokio::test]
async fn secrets_are_put_in_place() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let secrets = FakeSecrets::of(&[
        ("env:TIDEWATCH_SECRET_A", "s3cret"),
        ("ssm:/tidewatch/t/b", "b0dy"),
    ]);
    let monitor = quick(&target.url("/"))
        .method("POST")
        .header("authorization", "Bearer ${env:TIDEWATCH_SECRET_A}")
        .body("key=${ssm:/tidewatch/t/b}&again=${env:TIDEWATCH_SECRET_A}")
        .build();
    let found = attempt(&engine_with(options(), secrets), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    let seen = target.seen().pop().unwrap();
    assert_eq!(header(&seen, "authorization"), Some("Bearer s3cret"));
    assert_eq!(seen.body, b"key=b0dy&again=s3cret");
    assert_eq!(header(&seen, "content-length"), Some("21"));
}

#[tokio::test]
async fn a_secret_that_is_no_header_value_is_refused_without_showing_it() {
    let secrets = FakeSecrets::of(&[("env:TIDEWATCH_SECRET_A", "line\nbreak")]);
    let monitor = quick("http://127.0.0.1:9/")
        .header("x-key", "${env:TIDEWATCH_SECRET_A}")
        .build();
    let found = attempt(&engine_with(options(), secrets), &monitor).await;
    assert_eq!(
        found.cause().unwrap().to_string(),
        "auth_failed: header `x-key` cannot be sent: its value has characters that HTTP does not allow"
    );
}

#[tokio::test]
async fn head_requests_have_answers_without_bodies() {
    let target = Target::http(|_| Reply::ok("not sent")).await.unwrap();
    let found = attempt(
        &engine(options()),
        &quick(&target.url("/")).method("HEAD").build(),
    )
    .await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.body_bytes, 0);
}

#[tokio::test]
async fn http2_requests_name_their_host_as_authority() {
    let root = Authority::root();
    let tls = root
        .server(&["localhost"], Validity::default())
        .serve()
        .alpn("h2")
        .alpn("http/1.1");
    let target = Target::https(tls, |_| Reply::ok("x")).await.unwrap();
    let engine = trusting(&root);
    let found = attempt(&engine, &quick(&target.url("/p?q")).build()).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.http_version, Some("2"));
    let seen = target.seen().pop().unwrap();
    assert_eq!(seen.path, "/p?q");
    assert_eq!(
        header(&seen, "host"),
        Some(format!("localhost:{}", target.address().port()).as_str())
    );
    assert_eq!(header(&seen, "connection"), None);

    let monitor = quick(&target.url("/"))
        .header("host", "other.example")
        .build();
    assert!(attempt(&engine, &monitor).await.succeeded());
    assert_eq!(
        header(&target.seen().pop().unwrap(), "host"),
        Some("other.example")
    );
}
