//! No secret leaves the engine, whatever the target does with it: not in the result, not in the
//! rows made of it, not in the log.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tidewatch_domain::monitor::{Assertion, TextTest};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::summary::Summary;
use tidewatch_domain::{ErrorClass, Monitor, ProbeResult, rows};
use tidewatch_probe::Engine;
use tidewatch_testkit::{
    Authority, FakeSecrets, MonitorBuilder, Reply, Seen, Step, Target, Validity, faults,
};

use crate::support::{engine_with, options, probe, quick};

/// Planted in a header by reference, in the body by reference, in a header as it is, in the
/// query, and as the password of the URL.
const SECRETS: [&str; 5] = [
    "h34d3r-s3cret",
    "b0dy s3cret/1",
    "l1teral-s3cret",
    "qu3ry-s3cret",
    "us3r-s3cret",
];

/// What every request is made of that carries the secrets.
fn planted(url: &str) -> MonitorBuilder {
    let url = url.replacen("://", &format!("://me:{}@", SECRETS[4]), 1);
    quick(&url)
        .method("POST")
        .header("x-key", "${env:TIDEWATCH_SECRET_HEADER}")
        .header("authorization", &format!("Bearer {}", SECRETS[2]))
        .header("cookie", &format!("session={}", SECRETS[2]))
        .body("key=${env:TIDEWATCH_SECRET_BODY}")
        .expect(Assertion::Body(TextTest::Equals("nothing".to_owned())))
        .expect(Assertion::Body(TextTest::Contains(SECRETS[1].to_owned())))
        .expect(Assertion::Header {
            name: "x-told".to_owned(),
            test: TextTest::Equals("something else".to_owned()),
        })
}

/// An engine that knows the secrets, and trusts `root`.
fn knowing(root: &Authority) -> Engine {
    let secrets = FakeSecrets::of(&[
        ("env:TIDEWATCH_SECRET_HEADER", SECRETS[0]),
        ("env:TIDEWATCH_SECRET_BODY", SECRETS[1]),
    ]);
    let mut options = options();
    options.extra_roots = vec![root.certificate()];
    engine_with(options, secrets)
}

/// A target that gives back everything that it was told, wherever an answer has room for it.
fn parrot(seen: &Seen) -> Reply {
    let body = String::from_utf8_lossy(&seen.body);
    let told = format!("{} {:?} {body}", seen.path, seen.headers);
    let raw = |text: String| Reply::steps([Step::send(text), Step::Close]);
    let all = SECRETS.join("-");
    match seen.path.split('?').next() {
        Some("/circle") => Reply::redirect(307, &seen.path),
        Some("/away") => Reply::redirect(307, &format!("gopher://{}/{told}", SECRETS[0])),
        Some("/nonsense") => Reply::redirect(307, &format!("http://[{all}]/")),
        Some("/in-path") => Reply::redirect(307, &format!("/{}/{}", SECRETS[0], SECRETS[1])),
        Some("/to-user") => {
            let host = seen.header("host").unwrap_or_default();
            Reply::redirect(307, &format!("http://{0}:{0}@{host}/end", SECRETS[0]))
        }
        Some("/edge") => Reply::ok(format!("{}{}", "x".repeat(115), SECRETS[0])),
        Some("/reason") => raw(format!("HTTP/1.1 500 {all}\r\ncontent-length: 0\r\n\r\n")),
        Some("/status") => raw(format!("HTTP/1.1 {all} OK\r\n\r\n")),
        Some("/version") => raw(format!("{all}/1.1 200 OK\r\n\r\n")),
        Some("/header-name") => raw(format!("HTTP/1.1 200 OK\r\n{all}: {all}\r\n\r\n")),
        Some("/header-line") => raw(format!("HTTP/1.1 200 OK\r\n{told}\r\n\r\n")),
        Some("/length") => raw(format!("HTTP/1.1 200 OK\r\ncontent-length: {all}\r\n\r\n")),
        Some("/chunk") => raw(format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{all}\r\n{told}"
        )),
        Some("/short") => raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\nx-told: {all}\r\n\r\n{told}"
        )),
        _ => Reply::status(500)
            .header("x-told", seen.header("x-key").unwrap_or_default())
            .body(told),
    }
}

const PATHS: [&str; 15] = [
    "/echo",
    "/circle",
    "/away",
    "/nonsense",
    "/in-path",
    "/to-user",
    "/edge",
    "/reason",
    "/status",
    "/version",
    "/header-name",
    "/header-line",
    "/length",
    "/chunk",
    "/short",
];

/// Everything that comes out of a probe of `monitor`, as text.
fn told(monitor: &Monitor, result: &ProbeResult) -> String {
    let summary = Summary::of(monitor, result);
    let row = rows::probe_row(monitor, result, &summary);
    let attempts = rows::attempt_rows(result);
    let definition = rows::monitor_row(monitor, result.slot);
    format!("{result:?} {summary:?} {row:?} {attempts:?} {definition:?}")
}

#[track_caller]
fn assert_clean(shown: &str) {
    for secret in SECRETS {
        let at = shown.find(secret);
        let around = at.map(|at| &shown[at.saturating_sub(200)..at + secret.len()]);
        assert_eq!(around, None, "{secret} is there");
        // Nor is a part of one, where a text was cut.
        assert!(
            !shown.contains(&secret[..6]),
            "a part of {secret} is in {shown}"
        );
    }
    // Nor any of them in the spelling of URLs.
    assert!(!shown.contains("s3cret"), "{shown}");
}

/// A log that is kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes in what this thread logs, down to the finest level, until the guard is dropped.
    fn keep(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn secrets_are_in_no_part_of_what_comes_out() {
    let log = Log::default();
    let _kept = log.keep();
    let target = Target::http(parrot).await.unwrap();
    let engine = knowing(&Authority::root());
    let mut shown = String::new();
    for path in PATHS {
        let url = target.url(&format!("{path}?token={}", SECRETS[3]));
        let monitor = planted(&url).build();
        let result = probe(&engine, &monitor).await;
        assert!(!result.samples[0].succeeded(), "{path}");
        shown.push_str(&told(&monitor, &result));
        if path == "/echo" {
            // Redaction changes what is shown, not what is found.
            assert!(result.samples[0].assertions[2].passed, "{result:#?}");
        }
    }
    // Every request did carry them.
    let seen = target.seen();
    assert!(seen.len() >= PATHS.len());
    for seen in &seen {
        assert_eq!(seen.header("x-key"), Some(SECRETS[0]));
        assert_eq!(seen.body, format!("key={}", SECRETS[1]).as_bytes());
        // The user information is not even sent.
        assert!(!format!("{seen:?}").contains(SECRETS[4]));
    }
    assert_clean(&shown);
    assert!(shown.contains("***"));
    assert_clean(&log.text());
}

/// Over HTTP/2, whose libraries log more than any other.
#[tokio::test]
async fn secrets_come_out_of_http2_no_more_than_of_http1() {
    let root = Authority::root();
    let engine = knowing(&root);
    let tls = || root.server(&["localhost"], Validity::default()).serve();
    let probing = |target: Target| {
        let engine = &engine;
        async move {
            let monitor = planted(&target.url(&format!("/?token={}", SECRETS[3]))).build();
            let result = probe(engine, &monitor).await;
            assert!(!result.samples[0].succeeded());
            assert_clean(&told(&monitor, &result));
        }
    };
    let log = Log::default();
    let kept = log.keep();
    let parroting = Target::https(tls().alpn("h2"), |seen| {
        Reply::status(500).body(format!("{:?} {:?}", seen.headers, seen.path))
    });
    probing(parroting.await.unwrap()).await;
    drop(kept);
    assert!(log.text().contains("h2::"), "the library logged nothing");
    assert_clean(&log.text());

    // What a server says on leaving is in the library's own log at level debug, and nowhere else.
    let leaving = Target::http2(tls(), faults::http2::goes_away_saying(&SECRETS.join("-")));
    probing(leaving.await.unwrap()).await;
}

/// A certificate is chosen by whoever holds the server, who knows what was sent to it.
#[tokio::test]
async fn secrets_in_a_certificate_are_not_shown() {
    let root = Authority::root();
    let engine = knowing(&root);
    let subject = SECRETS.join(" ");
    let name = format!("{}.example", SECRETS[0]);
    let good = root.leaf(&["localhost", &name]).common_name(&subject);
    let wrong = root.leaf(&[&name]).common_name(&subject);
    let itself = root
        .leaf(&["localhost"])
        .common_name(&subject)
        .sign_itself();
    for (identity, class) in [
        (good.issue(), ErrorClass::StatusMismatch),
        (wrong.issue(), ErrorClass::TlsCertNameMismatch),
        (itself, ErrorClass::TlsCertUnknownIssuer),
    ] {
        let target = Target::https(identity.serve(), |_| Reply::status(500))
            .await
            .unwrap();
        let url = target.url(&format!("/?token={}", SECRETS[3]));
        let monitor = planted(&url).build();
        let result = probe(&engine, &monitor).await;
        assert_eq!(result.samples[0].cause().unwrap().class, class);
        let certificate = result.samples[0].tls.as_ref().unwrap().certificate.as_ref();
        assert!(certificate.unwrap().subject.contains("***"));
        let shown = told(&monitor, &result);
        assert!(!shown.contains(SECRETS[0]), "{shown}");
        assert!(!shown.contains(SECRETS[3]), "{shown}");
    }
}

#[tokio::test]
async fn texts_for_people_stay_short() {
    let target = Target::http(|_| Reply::redirect(302, &format!("/{}", "x".repeat(3_000))))
        .await
        .unwrap();
    let result = probe(
        &engine_with(options(), FakeSecrets::default()),
        &quick(&target.url("/")).build(),
    )
    .await;
    let found = &result.samples[0];
    assert_eq!(found.reached, PhaseReached::Transfer);
    assert!(found.causes.iter().all(|cause| cause.text.len() <= 512));
}
