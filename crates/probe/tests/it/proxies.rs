//! Targets behind an HTTP proxy.

use std::time::Duration;

use tidewatch_domain::monitor::{Assertion, Proxy, SecretText, TextTest};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{ErrorClass, ErrorOwner};
use tidewatch_probe::AddressPolicy;
use tidewatch_testkit::{
    Authority, FakeSecrets, ForwardProxy, MonitorBuilder, ProxyManner, Reply, Target, Validity,
    refused_port,
};

use crate::support::{
    SHORT, attempt, engine, engine_with, failure, options, probe, quick, trusting,
};

/// `me:pr0xy-s3cret`
const CREDENTIALS: &str = "Basic bWU6cHIweHktczNjcmV0";

fn through(monitor: MonitorBuilder, proxy: &str) -> MonitorBuilder {
    monitor.request(|check| {
        check.proxy = Some(Box::new(Proxy {
            url: proxy.parse().unwrap(),
            credentials: None,
        }));
    })
}

fn with_credentials(monitor: MonitorBuilder) -> MonitorBuilder {
    let text = |text: &str| SecretText::try_new(text).unwrap();
    monitor.request(|check| {
        if let Some(proxy) = &mut check.proxy {
            proxy.credentials = Some((text("me"), text("${env:TIDEWATCH_SECRET_PROXY}")));
        }
    })
}

fn secrets() -> FakeSecrets {
    FakeSecrets::of(&[("env:TIDEWATCH_SECRET_PROXY", "pr0xy-s3cret")])
}

#[tokio::test]
async fn plain_requests_are_handed_to_the_proxy() {
    let target = Target::http(|_| Reply::ok("behind")).await.unwrap();
    let proxy = ForwardProxy::start(target.address(), ProxyManner::Demands(CREDENTIALS))
        .await
        .unwrap();
    let monitor = quick("http://shop.invalid/cart?page=2")
        .expect(Assertion::Body(TextTest::Equals("behind".to_owned())));
    let monitor = with_credentials(through(monitor, &proxy.url())).build();
    let found = attempt(&engine_with(options(), secrets()), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(
        proxy.asked(),
        ["GET http://shop.invalid/cart?page=2 HTTP/1.1"]
    );
    let seen = target.seen();
    assert_eq!(seen[0].path, "/cart?page=2");
    assert_eq!(seen[0].header("host"), Some("shop.invalid"));
    assert_eq!(seen[0].header("proxy-authorization"), None);
    assert_eq!(found.phases.proxy, None);
    assert_eq!(found.phases.unfinished(), Duration::ZERO);
}

#[tokio::test]
async fn for_tls_the_proxy_opens_a_tunnel() {
    let root = Authority::root();
    let tls = root
        .server(&["shop.invalid"], Validity::default())
        .serve()
        .alpn("h2");
    let target = Target::https(tls, |_| Reply::ok("x")).await.unwrap();
    let proxy = ForwardProxy::start(target.address(), ProxyManner::Demands(CREDENTIALS))
        .await
        .unwrap();
    let monitor = through(quick("https://shop.invalid/a"), &proxy.url());
    let mut options = options();
    options.extra_roots = vec![root.certificate()];
    let engine = engine_with(options, secrets());
    let found = attempt(&engine, &with_credentials(monitor).build()).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(proxy.asked(), ["CONNECT shop.invalid:443 HTTP/1.1"]);
    assert_eq!(found.http_version, Some("2"));
    let phases = found.phases;
    assert!(phases.proxy.is_some() && phases.tls.is_some(), "{phases:?}");
    assert_eq!(phases.unfinished(), Duration::ZERO);
    assert_eq!(target.seen()[0].header("proxy-authorization"), None);
}

#[tokio::test]
async fn a_tunnel_is_kept_with_its_connection() {
    let root = Authority::root();
    let tls = root.server(&["shop.invalid"], Validity::default()).serve();
    let target = Target::https(tls, |_| Reply::ok("x")).await.unwrap();
    let proxy = ForwardProxy::start(target.address(), ProxyManner::Open)
        .await
        .unwrap();
    let monitor = through(quick("https://shop.invalid/"), &proxy.url())
        .attempts(3)
        .reuse()
        .build();
    let result = probe(&trusting(&root), &monitor).await;
    assert!(result.samples.iter().all(|attempt| attempt.succeeded()));
    assert_eq!(proxy.asked().len(), 1);
    assert!(result.samples[0].phases.proxy.is_some());
    assert_eq!(result.samples[1].phases.proxy, None);
}

#[tokio::test]
async fn a_proxy_that_does_not_do_its_part_is_never_the_target() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let config = ErrorOwner::Config;
    let network = ErrorOwner::Network;
    let answers = ProxyManner::Answers;
    let cases = [
        (ProxyManner::Demands(CREDENTIALS), config, "answered 407: "),
        (
            answers("HTTP/1.1 403 Forbidden\r\n\r\n"),
            config,
            "answered 403: it does not allow a tunnel to shop.invalid:443",
        ),
        (
            answers("HTTP/1.1 502 Bad Gateway\r\n\r\n"),
            network,
            "answered 502 instead of opening a tunnel",
        ),
        (answers(""), network, "closed the connection"),
        (
            answers("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
            config,
            "did not answer with HTTP",
        ),
        (
            answers("HTTP/1.1 200 OK\r\n\r\nwhat nobody asked for"),
            config,
            "did not answer with HTTP",
        ),
        (
            ProxyManner::Silent,
            network,
            "for a tunnel to shop.invalid:443 took longer than the attempt timeout",
        ),
    ];
    let engine = engine(options());
    for (manner, owner, text) in cases {
        let proxy = ForwardProxy::start(target.address(), manner.clone())
            .await
            .unwrap();
        let monitor = through(quick("https://shop.invalid/"), &proxy.url())
            .attempt_timeout(if matches!(manner, ProxyManner::Silent) {
                SHORT
            } else {
                Duration::from_secs(5)
            })
            .build();
        let result = probe(&engine, &monitor).await;
        let found = &result.samples[0];
        let cause = found.cause().unwrap();
        assert_eq!(
            (cause.class, cause.owner, found.reached),
            (ErrorClass::ProxyFailed, owner, PhaseReached::Proxy),
            "{manner:?} {cause}"
        );
        assert!(cause.text.contains(text), "{cause}");
        assert!(!cause.counts_against_availability());
        assert_eq!(result.retry, None);
        assert_eq!(found.phases.proxy, None);
    }
}

#[tokio::test]
async fn plain_requests_have_their_407_from_the_proxy() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let proxy = ForwardProxy::start(target.address(), ProxyManner::Demands(CREDENTIALS))
        .await
        .unwrap();
    let monitor = through(quick("http://shop.invalid/"), &proxy.url()).build();
    let found = attempt(&engine(options()), &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::ProxyFailed, ErrorOwner::Config))
    );
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_says_which_and_why() {
    let address = refused_port().unwrap();
    let monitor = through(quick("http://shop.invalid/"), &format!("http://{address}")).build();
    let found = attempt(&engine(options()), &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::ProxyFailed, ErrorOwner::Network))
    );
    assert_eq!(found.reached, PhaseReached::Connect);
    let start = format!("proxy {address}: connect to {address} was refused");
    assert!(found.cause().unwrap().text.starts_with(&start));
}

#[tokio::test]
async fn the_address_policy_holds_for_proxies() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let proxy = ForwardProxy::start(target.address(), ProxyManner::Open)
        .await
        .unwrap();
    let mut options = options();
    options.addresses = AddressPolicy::only_public([]);
    let monitor = through(quick("http://shop.invalid/"), &proxy.url()).build();
    let found = attempt(&engine(options), &monitor).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::BlockedAddress, ErrorOwner::Config))
    );
    assert!(proxy.asked().is_empty());
}
