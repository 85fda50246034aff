//! Following redirects: where to, how far, and what is not taken along.

use tidewatch_domain::monitor::Redirects;
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, ErrorClass, ErrorOwner};
use tidewatch_testkit::{Authority, FakeSecrets, MonitorBuilder, Reply, Target, Validity};

use crate::support::{attempt, engine, engine_with, failure, options, quick, trusting};

const FOLLOW: Redirects = Redirects::Follow { max: 3 };

/// The pages of a site that redirect: path, status, location.
type Pages = &'static [(&'static str, u16, &'static str)];

async fn site(pages: Pages) -> Target {
    Target::http(move |seen| {
        let page = pages.iter().find(|(path, _, _)| *path == seen.path);
        page.map_or_else(
            || Reply::ok("arrived"),
            |(_, status, to)| Reply::redirect(*status, to),
        )
    })
    .await
    .unwrap()
}

async fn go(monitor: MonitorBuilder) -> Attempt {
    attempt(&engine(options()), &monitor.redirects(FOLLOW).build()).await
}

#[tokio::test]
async fn a_chain_has_one_hop_per_request() {
    let target = site(&[
        ("/a?key=0123456789", 301, "/b"),
        ("/b", 302, "c?token=9876543210"),
    ])
    .await;
    let found = go(quick(&target.url("/a?key=0123456789"))).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.status_code, Some(200));
    let hops: Vec<(String, u16)> = found
        .hops
        .iter()
        .map(|hop| (hop.url.clone(), hop.status_code))
        .collect();
    assert_eq!(
        hops,
        [
            (target.url("/a"), 301),
            (target.url("/b"), 302),
            (target.url("/c"), 200)
        ]
    );
    assert_eq!(target.seen()[2].path, "/c?token=9876543210");
}

#[tokio::test]
async fn without_following_a_redirect_is_the_answer() {
    let target = site(&[("/", 301, "/b")]).await;
    let monitor = quick(&target.url("/")).redirects(Redirects::Stop).build();
    let found = attempt(&engine(options()), &monitor).await;
    assert_eq!(found.status_code, Some(301));
    assert!(found.hops.is_empty());
    assert_eq!(target.seen().len(), 1);
}

#[tokio::test]
async fn chains_that_lead_nowhere_have_their_own_classes() {
    let cases: [(Pages, ErrorClass, usize); 5] = [
        (
            &[("/", 302, "/b"), ("/b", 302, "/")],
            ErrorClass::RedirectLoop,
            2,
        ),
        (&[("/", 302, "/")], ErrorClass::RedirectLoop, 1),
        (
            &[
                ("/", 302, "/1"),
                ("/1", 302, "/2"),
                ("/2", 302, "/3"),
                ("/3", 302, "/4"),
            ],
            ErrorClass::RedirectLimit,
            4,
        ),
        (
            &[("/", 302, "gopher://x.example/")],
            ErrorClass::RedirectInvalid,
            1,
        ),
        (
            &[("/", 302, "http://[:::]/")],
            ErrorClass::RedirectInvalid,
            1,
        ),
    ];
    for (pages, class, requests) in cases {
        let target = site(pages).await;
        let found = go(quick(&target.url("/"))).await;
        assert_eq!(
            failure(&found),
            Some((class, ErrorOwner::Target)),
            "{pages:?}"
        );
        assert_eq!(found.reached, PhaseReached::Transfer);
        // The sample alone: a second look would be led the same way.
        assert_eq!(target.seen().len(), requests, "{pages:?}");
        assert_eq!(found.hops.len(), requests);
        assert_eq!(found.phases.unfinished(), std::time::Duration::ZERO);
    }
}

#[tokio::test]
async fn exactly_as_many_as_allowed_are_followed() {
    let target = site(&[("/", 302, "/1"), ("/1", 302, "/2"), ("/2", 302, "/3")]).await;
    let found = go(quick(&target.url("/"))).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.hops.len(), 4);
}

#[tokio::test]
async fn a_redirect_without_location_is_an_answer() {
    let target = Target::http(|_| Reply::status(302)).await.unwrap();
    let found = go(quick(&target.url("/"))).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::StatusMismatch, ErrorOwner::Target))
    );
}

#[tokio::test]
async fn a_post_becomes_a_get_as_in_browsers() {
    for (status, method, body) in [(302, "GET", ""), (303, "GET", ""), (307, "POST", "payload")] {
        let target = Target::http(move |seen| match seen.path.as_str() {
            "/" => Reply::redirect(status, "/next"),
            _ => Reply::ok(""),
        })
        .await
        .unwrap();
        let monitor = quick(&target.url("/"))
            .method("POST")
            .header("content-type", "text/plain")
            .body("payload");
        assert!(go(monitor).await.succeeded());
        let seen = target.seen().pop().unwrap();
        assert_eq!(
            (seen.method.as_str(), seen.body.as_slice()),
            (method, body.as_bytes())
        );
        assert_eq!(
            seen.header("content-type").is_some(),
            !body.is_empty(),
            "{status}"
        );
    }
}

#[tokio::test]
async fn secrets_stay_with_the_origin_that_they_are_for() {
    let elsewhere = Target::http(|seen| match seen.path.as_str() {
        "/back" => Reply::redirect(302, seen.header("x-home").unwrap_or("/end")),
        _ => Reply::ok(""),
    })
    .await
    .unwrap();
    let away = elsewhere.url("/end");
    let home = Target::http(move |seen| match seen.path.as_str() {
        "/" => Reply::redirect(302, "/same"),
        "/same" => Reply::redirect(302, &away),
        _ => Reply::ok(""),
    })
    .await
    .unwrap();
    let secrets = FakeSecrets::of(&[("env:TIDEWATCH_SECRET_A", "s3cret")]);
    let monitor = quick(&home.url("/"))
        .header("authorization", "Basic dGVzdDp0ZXN0")
        .header("cookie", "session=1")
        .header("x-key", "${env:TIDEWATCH_SECRET_A}")
        .header("x-plain", "open")
        .header("host", "virtual.example")
        .build();
    let found = attempt(&engine_with(options(), secrets), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    for seen in home.seen() {
        assert_eq!(seen.header("authorization"), Some("Basic dGVzdDp0ZXN0"));
        assert_eq!(seen.header("cookie"), Some("session=1"));
        assert_eq!(seen.header("x-key"), Some("s3cret"));
        assert_eq!(seen.header("host"), Some("virtual.example"));
    }
    let abroad = elsewhere.seen().pop().unwrap();
    assert_eq!(abroad.header("authorization"), None);
    assert_eq!(abroad.header("cookie"), None);
    assert_eq!(abroad.header("x-key"), None);
    assert_eq!(abroad.header("x-plain"), Some("open"));
    assert_ne!(abroad.header("host"), Some("virtual.example"));
}

#[tokio::test]
async fn a_body_with_secrets_is_not_sent_to_another_origin() {
    let elsewhere = Target::http(|_| Reply::ok("")).await.unwrap();
    let away = elsewhere.url("/");
    let home = Target::http(move |_| Reply::redirect(307, &away))
        .await
        .unwrap();
    let secrets = FakeSecrets::of(&[("env:TIDEWATCH_SECRET_A", "s3cret")]);
    let monitor = quick(&home.url("/"))
        .method("POST")
        .body("${env:TIDEWATCH_SECRET_A}")
        .build();
    let found = attempt(&engine_with(options(), secrets), &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::RedirectBlocked, ErrorOwner::Config))
    );
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn https_is_not_left_for_http() {
    let plain = Target::http(|_| Reply::ok("")).await.unwrap();
    let down = plain.url("/");
    let root = Authority::root();
    let tls = root.server(&["localhost"], Validity::default()).serve();
    let secure = Target::https(tls, move |_| Reply::redirect(301, &down))
        .await
        .unwrap();
    let engine = trusting(&root);
    let found = attempt(&engine, &quick(&secure.url("/")).build()).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::RedirectBlocked, ErrorOwner::Target))
    );
    assert_eq!(plain.connections(), 0);

    let up = secure.url("/end");
    let tls = root.server(&["localhost"], Validity::default()).serve();
    let end = Target::https(tls, |_| Reply::ok("")).await.unwrap();
    assert!(up.starts_with("https:"));
    let to = end.url("/");
    let start = Target::http(move |_| Reply::redirect(301, &to))
        .await
        .unwrap();
    let found = attempt(&engine, &quick(&start.url("/")).build()).await;
    assert!(found.succeeded(), "{found:#?}");
    assert!(found.tls.unwrap().certificate.unwrap().verified);
    assert!(found.hops[0].phases.tls.is_none() && found.hops[1].phases.tls.is_some());
}
