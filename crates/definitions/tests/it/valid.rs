//! Complete entries and what becomes of them.

use std::time::Duration;

use tidewatch_definitions::{Format, Mode, read};
use tidewatch_domain::Monitor;
use tidewatch_domain::judge::FailureShare;
use tidewatch_domain::monitor::{
    AddressFamily, Assertion, Auth, BodyFormat, Check, Connection, HttpCheck, OverLimit, Protocol,
    Redirects, Severity, Slo, Thresholds, Timeouts,
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
fn tenants_that_may_reach_inner_addresses_can_write_them_out() {
    let entry =
        "monitors:\n- {tenant: demo, monitor_id: shop, target: 'http://10.0.0.7/', interval: 5s}";
    let problems = |mode| -> Vec<String> {
        let faults = read(entry, "test.yaml", Format::Yaml, mode).faults;
        faults.into_iter().filter_map(|fault| fault.field).collect()
    };
    assert_eq!(problems(Mode::Aws), ["target", "interval"]);
    assert_eq!(problems(Mode::AwsInner), ["interval"]);
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
    assert_eq!(
        check.redirects,
        Redirects::Follow {
            max: 10,
            same_host: false
        }
    );
    assert_eq!(check.protocol, Protocol::Any);
    assert_eq!(check.over_limit, OverLimit::Cut);
    assert!(!check.compression && check.auth.is_none() && check.proxy.is_none());
    assert!(check.query.is_empty());
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
    assert_eq!(check.body.as_ref().unwrap().text.to_string(), r#"{"q": 1}"#);
    assert_eq!(
        check.redirects,
        Redirects::Follow {
            max: 3,
            same_host: true
        }
    );
    assert_eq!(check.protocol, Protocol::Http2);
    assert_eq!(check.over_limit, OverLimit::Fail);
    assert!(check.compression);
    let query: Vec<(&str, String)> = check
        .query
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_string()))
        .collect();
    let wanted = [
        ("q", "green tea".to_owned()),
        ("page", "2".to_owned()),
        ("key", "${env:TIDEWATCH_SECRET_KEY}".to_owned()),
    ];
    assert_eq!(query, wanted);
    let proxy = check.proxy.as_ref().unwrap();
    assert_eq!(proxy.url.as_str(), "http://proxy.example:3128/");
    assert!(proxy.credentials.is_some());
    assert_eq!(
        (check.network.family, check.body_limit),
        (AddressFamily::V4, 2_048)
    );
    assert_eq!(monitor.assertions.len(), 31);
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
      query: {q: green tea, page: 2, key: "${env:TIDEWATCH_SECRET_KEY}"}
      http_version: 2
      compression: true
      redirects: {max: 3, same_host: true}
      proxy:
        url: http://proxy.example:3128
        username: me
        password: "${env:TIDEWATCH_SECRET_PROXY}"
      family: v4
      body_limit: 2048
      body_over_limit: fail
    assertions:
      - {on: status, is: [200, "201", 3xx, 404-404]}
      - {on: header, name: Content-Type, contains: json}
      - {on: body, not_contains: error}
      - {on: body, matches: '"hits":\s*\d+'}
      - {on: header, name: server, equals: ""}
      - {on: header, name: x-powered-by, present: false}
      - {on: http_version, is: [2, 1.1]}
      - {on: body_length, at_least: 2, at_most: 2000}
      - {on: body_sha256, equals: "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"}
      - {on: json, path: $.status, equals: ok}
      - {on: json, path: "$.hits[?@.price < 10].id", count: {at_least: 1}}
      - {on: json, path: $.total, at_least: 1, at_most: 1000}
      - {on: json, path: $.error, exists: false}
      - {on: json, path: $.error, equals: null}
      - {on: json, path: $.nested, equals: {a: [1, 2.5, true, null, "x"]}}
      - {on: json, path: $.name, matches: "^T"}
      - {on: json, path: "$['a b']", count: 3}
      - {on: final_url, contains: /search}
      - {on: timing, phase: wait, at_most_ms: 300}
      - {on: timing, phase: ttfb, at_most_ms: 500}
      - {on: certificate, field: days_left, at_least: 14}
      - {on: certificate, field: not_after, at_least: "2027-01-31T00:00:00Z"}
      - {on: certificate, field: issuer, contains: Let's Encrypt}
      - {on: certificate, field: subject, equals: CN=api.example.com}
      - {on: certificate, field: names, equals: api.example.com}
      - {on: certificate, field: fingerprint, is: ["2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"]}
      - {on: certificate, field: key_bits, equals: 256}
      - {on: tls, field: version, equals: "1.3"}
      - {on: tls, field: alpn, equals: h2}
      - {on: remote_addr, in: [192.0.2.0/24, "2001:db8::/32"]}
      - {on: remote_addr, not_contains: "192.0.2.66"}
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

/// The request of a monitor of which nothing else is interesting.
fn request(request: &str) -> HttpCheck {
    let yaml =
        format!("- {{tenant: a, monitor_id: b, target: 'https://c.de', request: {{{request}}}}}");
    http(&one(&yaml, Mode::Local)).clone()
}

#[test]
fn bodies_can_be_written_as_json_and_as_forms() {
    let cases = [
        (
            "method: POST, json: {q: tea, pages: [1, 2.50], key: '${env:TIDEWATCH_SECRET_A}', on: true, no: ~}",
            BodyFormat::Json,
            r#"{"q":"tea","pages":[1,2.5],"key":"${env:TIDEWATCH_SECRET_A}","on":true,"no":null}"#,
        ),
        ("method: POST, json: 'text'", BodyFormat::Json, "\"text\""),
        (
            "method: POST, form: {q: 'a b&c', page: 2, key: '1+${env:TIDEWATCH_SECRET_A}', tag: [x, y]}",
            BodyFormat::Form,
            "q=a+b%26c&page=2&key=1%2B${env:TIDEWATCH_SECRET_A}&tag=x&tag=y",
        ),
    ];
    for (text, format, template) in cases {
        let body = request(text).body.unwrap();
        assert_eq!(
            (body.format, body.text.to_string().as_str()),
            (format, template)
        );
    }
}

#[test]
fn every_way_to_authenticate_arrives() {
    let auth = |text: &str| request(&format!("auth: {{{text}}}")).auth.unwrap();
    let Auth::Basic { username, password } =
        auth("basic: {username: me, password: '${env:TIDEWATCH_SECRET_A}'}")
    else {
        panic!("not basic")
    };
    assert_eq!(username.to_string(), "me");
    assert_eq!(password.references().count(), 1);
    let Auth::Bearer(token) = auth("bearer: '${env:TIDEWATCH_SECRET_A}'") else {
        panic!("not bearer")
    };
    assert_eq!(token.to_string(), "${env:TIDEWATCH_SECRET_A}");
    let Auth::OAuth2(client) = auth(
        "oauth2: {token_url: 'https://id.example/token', client_id: prober, client_secret: '${env:TIDEWATCH_SECRET_A}', scopes: [read, list], audience: shop}",
    ) else {
        panic!("not oauth2")
    };
    assert_eq!(client.token_url.as_str(), "https://id.example/token");
    assert_eq!(client.client_id.to_string(), "prober");
    assert_eq!(client.scopes, ["read", "list"]);
    assert_eq!(client.audience.as_deref(), Some("shop"));
}

#[test]
fn versions_may_be_written_as_numbers() {
    for (text, protocol) in [
        ("2", Protocol::Http2),
        ("'2'", Protocol::Http2),
        ("1.1", Protocol::Http1),
        ("any", Protocol::Any),
    ] {
        assert_eq!(request(&format!("http_version: {text}")).protocol, protocol);
    }
}
