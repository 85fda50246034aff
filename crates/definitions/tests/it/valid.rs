//! Complete entries and what becomes of them.

use std::time::Duration;

use tidewatch_definitions::{Format, Mode, read};
use tidewatch_domain::Monitor;
use tidewatch_domain::judge::FailureShare;
use tidewatch_domain::monitor::{
    AddressFamily, Assertion, Check, Connection, HttpCheck, Redirects, Severity, Slo, Thresholds,
    Timeouts,
};

pub(crate) fn one(yaml: &str, mode: Mode) -> Monitor {
    let definitions = read(yaml, "test.yaml", Format::Yaml, mode);
    let messages: Vec<String> = definitions
        .faults
        .iter()
        .chain(&definitions.warnings)
        .map(ToString::to_string)
        .collect();
    assert!(messages.is_empty(), "{messages:#?}");
    let [monitor] = <[_; 1]>::try_from(definitions.monitors).unwrap();
    monitor
}

fn http(monitor: &Monitor) -> &HttpCheck {
    let Check::Http(check) = &monitor.check else {
        panic!("not an HTTP check: {:?}", monitor.check)
    };
    check
}

#[test]
fn key_and_target_are_a_complete_entry() {
    let monitor = one(
        "monitors:\n- {tenant: demo, monitor_id: shop, target: 'https://example.com'}",
        Mode::Aws,
    );
    assert_eq!(monitor.key.to_string(), "demo/shop");
    assert_eq!(monitor.name, "shop");
    assert!(monitor.enabled);
    assert_eq!(monitor.target, "https://example.com");
    assert_eq!(monitor.interval, Duration::from_secs(60));
    assert_eq!(monitor.attempts, 5);
    assert_eq!(monitor.connection, Connection::Fresh);
    assert_eq!(monitor.timeouts, Timeouts::default());
    assert_eq!(monitor.thresholds, Thresholds::default());
    assert_eq!(
        (monitor.confirmations, monitor.recoveries, monitor.quorum),
        (2, 2, None)
    );
    assert!(monitor.failures.is_none() && !monitor.reference);
    assert!(monitor.locations.is_empty() && monitor.maintenance.is_empty());
    assert_eq!(monitor.slo, Slo::default());
    assert_eq!(monitor.severity, Severity::Critical);
    assert!(monitor.labels.is_empty() && monitor.parent.is_none());
    let check = http(&monitor);
    assert_eq!(
        (check.url.as_str(), check.method.as_str()),
        ("https://example.com/", "GET")
    );
    assert!(check.headers.is_empty() && check.body.is_none() && monitor.assertions.is_empty());
    assert_eq!(check.redirects, Redirects::Follow { max: 10 });
    assert_eq!(check.network.family, AddressFamily::Any);
    assert_eq!(check.body_limit, 1024 * 1024);
}

#[test]
fn every_field_arrives() {
    let monitor = one(EVERYTHING, Mode::Local);
    assert_eq!(monitor.name, "Shop API");
    assert!(!monitor.enabled);
    assert_eq!(monitor.interval, Duration::from_secs(120));
    assert_eq!(
        (monitor.attempts, monitor.connection),
        (3, Connection::Reuse)
    );
    assert_eq!(monitor.timeouts.connect, Duration::from_millis(1_500));
    assert_eq!(monitor.timeouts.attempt, Duration::from_secs(4));
    assert_eq!(monitor.timeouts.probe, Duration::from_secs(10));
    assert_eq!(monitor.thresholds.degraded, None);
    assert_eq!(
        monitor.thresholds.exceeded,
        Some(Duration::from_millis(3_000))
    );
    assert_eq!(monitor.thresholds.cert_days, 14);
    assert_eq!(
        (monitor.confirmations, monitor.recoveries, monitor.quorum),
        (3, 1, Some(2))
    );
    assert_eq!(monitor.failures, Some(FailureShare { count: 3, of: 5 }));
    assert!(monitor.reference);
    assert_eq!(monitor.locations.len(), 3);
    assert_eq!(
        monitor.slo,
        Slo {
            availability: 99.95,
            latency: Some(Duration::from_millis(400))
        }
    );
    assert_eq!(monitor.maintenance.len(), 3);
    assert_eq!(monitor.severity, Severity::Warning);
    assert_eq!(monitor.team.as_deref(), Some("web"));
    assert_eq!(
        monitor.runbook_url.as_deref(),
        Some("https://wiki.example/shop")
    );
    assert_eq!(monitor.labels.get("env").map(String::as_str), Some("prod"));

    let check = http(&monitor);
    assert_eq!(check.method, "POST");
    let headers: Vec<(&str, String)> = check
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_string()))
        .collect();
    let wanted = [
        // A merge key comes after the names beside it.
        (
            "authorization",
            "Bearer ${env:TIDEWATCH_SECRET_SHOP}".to_owned(),
        ),
        ("accept", "application/json".to_owned()),
        ("accept", "text/html".to_owned()),
    ];
    assert_eq!(headers, wanted);
    assert_eq!(check.body.as_ref().unwrap().to_string(), r#"{"q": 1}"#);
    assert_eq!(check.redirects, Redirects::Follow { max: 3 });
    assert_eq!(
        (check.network.family, check.body_limit),
        (AddressFamily::V4, 2_048)
    );
    assert_eq!(monitor.assertions.len(), 5);
    let Assertion::Status(set) = &monitor.assertions[0] else {
        panic!("{:?}", monitor.assertions)
    };
    assert_eq!(set.to_string(), "200, 201, 300-399, 404");
    let Assertion::Header { name, .. } = &monitor.assertions[1] else {
        panic!("{:?}", monitor.assertions)
    };
    assert_eq!(name, "content-type");
}

pub(crate) const EVERYTHING: &str = r#"
x-headers: &headers
  Accept: [application/json, text/html]
monitors:
  - tenant: demo
    monitor_id: shop-api
    name: Shop API
    enabled: false
    kind: http
    target: https://api.example.com/search
    interval: rate(2 minutes)
    attempts: 3
    connection: reuse
    timeouts: {connect: 1.5, attempt: 4s, probe: 10s}
    request:
      method: post
      headers:
        <<: *headers
        Authorization: "Bearer ${env:TIDEWATCH_SECRET_SHOP}"
      body: '{"q": 1}'
      redirects: {max: 3}
      family: v4
      body_limit: 2048
    assertions:
      - {on: status, is: [200, "201", 3xx, 404-404]}
      - {on: header, name: Content-Type, contains: json}
      - {on: body, not_contains: error}
      - {on: body, matches: '"hits":\s*\d+'}
      - {on: header, name: server, equals: ""}
    thresholds: {degraded_ms: null, exceeded_ms: 3000, cert_days: 14}
    confirmations: 3
    recoveries: 1
    failures: {count: 3, of: 5}
    reference: true
    locations: [eu-central-1, us-east-1, local]
    quorum: 2
    slo: {availability: 99.95, latency_ms: 400}
    maintenance:
      - {timezone: Europe/Berlin, days: [mon, sunday], start: "02:00", duration: 2h}
      - {timezone: UTC, dates: [2026-12-01], start: 23:30, duration: 1h30m}
      - {timezone: America/New_York, start: "00:05", duration: 600}
    severity: warning
    team: web
    runbook_url: https://wiki.example/shop
    labels: {env: prod, cost_center: "4711"}
"#;

#[test]
fn references_to_aws_are_accepted_in_aws_under_the_tenants_own_prefix() {
    let monitor = one(
        r#"
- tenant: demo
  monitor_id: shop
  target: https://example.com
  request:
    headers:
      authorization: "Bearer ${ssm:/tidewatch/demo/shop/token}"
      x-api-key: "${secretsmanager:/tidewatch/demo/key}"
"#,
        Mode::Aws,
    );
    assert_eq!(http(&monitor).headers.len(), 2);
}

#[test]
fn zero_and_null_switch_the_soft_threshold_off() {
    for off in ["0", "null", "~"] {
        let yaml = format!(
            "- {{tenant: a, monitor_id: b, target: 'http://c.de', thresholds: {{degraded_ms: {off}}}}}"
        );
        assert_eq!(one(&yaml, Mode::Local).thresholds.degraded, None, "{off}");
    }
}

#[test]
fn a_tight_hard_threshold_draws_the_default_soft_one_along() {
    let yaml =
        "- {tenant: a, monitor_id: b, target: 'http://c.de', thresholds: {exceeded_ms: 1000}}";
    assert_eq!(
        one(yaml, Mode::Local).thresholds.degraded,
        Some(Duration::from_millis(500))
    );
}

#[test]
fn the_part_of_a_url_that_is_never_sent_is_dropped() {
    let monitor = one(
        "- {tenant: a, monitor_id: b, target: 'http://c.de/x#top'}",
        Mode::Local,
    );
    assert_eq!(http(&monitor).url.as_str(), "http://c.de/x");
    assert_eq!(monitor.target, "http://c.de/x#top");
}
