//! What is encoded reads back as the same monitor.

use proptest::prelude::*;
use tidewatch_definitions::{Format, Mode, encode, read};
use tidewatch_domain::Monitor;

use crate::dns::EVERY_ASSERTION;
use crate::sockets::{TCP, TLS};
use crate::valid::{EVERYTHING, one};

pub(crate) fn again(monitor: &Monitor) -> Monitor {
    let text = serde_json::json!([encode(monitor)]).to_string();
    let definitions = read(&text, "again.json", Format::Json, Mode::Local);
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{text}");
    let [monitor] = <[_; 1]>::try_from(definitions.monitors).unwrap();
    monitor
}

/// What excludes each other in one request.
const REQUESTS: [&str; 3] = [
    "- {tenant: a, monitor_id: b, target: 'https://c.de', request: {method: POST, proxy: 'http://d.de:3128', json: {q: '${env:TIDEWATCH_SECRET_A}', n: [1, 2.5, null, {}]}, auth: {basic: {username: me, password: '${env:TIDEWATCH_SECRET_A}'}}}}",
    "- {tenant: a, monitor_id: b, target: 'https://c.de', request: {method: POST, http_version: 1.1, form: {q: ['a b', 'ü&+%'], key: 'x ${env:TIDEWATCH_SECRET_A}/'}, auth: {bearer: '${env:TIDEWATCH_SECRET_A}'}}}",
    "- {tenant: a, monitor_id: b, target: 'https://c.de', request: {redirects: stop, auth: {oauth2: {token_url: 'https://d.de/t?x=1', client_id: me, client_secret: '${env:TIDEWATCH_SECRET_A}', scopes: read}}}}",
];

#[test]
fn everything_and_nothing_come_back() {
    for text in [
        EVERYTHING,
        EVERY_ASSERTION,
        "- {tenant: a, monitor_id: b, target: 'dns:c.de', request: {edns_size: 0}}",
        "- {tenant: a, monitor_id: b, target: 'dns://ns.c.de/c.de', request: {resolver: 192.0.2.1, address: 192.0.2.2}}",
        TCP,
        TLS,
        "- {tenant: a, monitor_id: b, target: 'tcp://c.de:25'}",
        "- {tenant: a, monitor_id: b, target: 'tls://[::1]:443', expect: down}",
        "- {tenant: a, monitor_id: b, target: 'http://c.de'}",
        REQUESTS[0],
        REQUESTS[1],
        REQUESTS[2],
    ] {
        let monitor = one(text, Mode::Local);
        assert_eq!(again(&monitor), monitor);
    }
}

#[test]
fn a_credential_in_clear_text_is_not_shown() {
    let text = "- {tenant: a, monitor_id: b, target: 'http://c.de', request: {headers: {cookie: hunter2}}}";
    let definitions = read(text, "a.yaml", Format::Yaml, Mode::Local);
    assert_eq!(definitions.warnings.len(), 1);
    let json = encode(&definitions.monitors[0]).to_string();
    assert!(!json.contains("hunter2"), "{json}");
    assert!(json.contains("(hidden)"), "{json}");
}

/// Any value that a body of JSON can have in it.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<i32>().prop_map(|quarters| (f64::from(quarters) / 4.0).into()),
        "[ -~é]{0,12}"
            .prop_filter("begins a reference", |text| !text.contains("${"))
            .prop_map(Into::into),
        Just("a${env:TIDEWATCH_SECRET_A}b".into()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_in_bodies_and_queries_comes_back(
        json in json(),
        wanted in json(),
        pairs in proptest::collection::btree_map("[ -~é]{1,6}", "[ -~é]{0,12}", 0..4),
        least in proptest::option::of(-1e6_f64..1e6),
        most in proptest::option::of(-1e6_f64..1e6),
    ) {
        let entry = |body: (&str, serde_json::Value)| serde_json::json!([{
            "tenant": "a", "monitor_id": "b", "target": "https://c.de",
            "request": { "method": "POST", "query": pairs, body.0: body.1 },
            "assertions": [
                { "on": "json", "path": "$.a", "equals": wanted },
                { "on": "body_length", "at_least": least, "at_most": most },
            ],
        }]);
        let form = serde_json::to_value(&pairs).unwrap();
        for body in [("json", json), ("form", form)] {
            let text = entry(body).to_string();
            let definitions = read(&text, "a.json", Format::Json, Mode::Local);
            prop_assert_eq!(definitions.monitors.is_empty(), !definitions.faults.is_empty());
            for monitor in &definitions.monitors {
                prop_assert_eq!(&again(monitor), monitor);
            }
        }
    }

    #[test]
    fn whatever_is_valid_comes_back(
        interval in 1_000_u64..86_400_000,
        attempt in proptest::option::of(1_u64..20_000),
        probe in proptest::option::of(1_u64..40_000),
        attempts in 1_u8..=20,
        degraded in proptest::option::of(0_u64..5_000),
        exceeded in proptest::option::of(1_u64..5_000),
        availability in 50_000_u32..100_000,
        name in "[ -~é]{1,20}",
    ) {
        let mut timeouts = serde_json::Map::new();
        for (field, value) in [("attempt", attempt), ("probe", probe)] {
            if let Some(value) = value {
                timeouts.insert(field.to_owned(), format!("{value}ms").into());
            }
        }
        let entry = serde_json::json!([{
            "tenant": "a", "monitor_id": "b", "target": "http://c.de", "name": name,
            "interval": format!("{interval}ms"), "attempts": attempts, "timeouts": timeouts,
            "thresholds": { "degraded_ms": degraded, "exceeded_ms": exceeded },
            "slo": { "availability": f64::from(availability) / 1_000.0 },
        }]);
        let definitions = read(&entry.to_string(), "a.json", Format::Json, Mode::Local);
        prop_assert_eq!(definitions.monitors.is_empty(), !definitions.faults.is_empty());
        for monitor in &definitions.monitors {
            prop_assert!(monitor.timeouts.connect <= monitor.timeouts.attempt);
            prop_assert!(monitor.timeouts.attempt <= monitor.timeouts.probe);
            prop_assert!(monitor.timeouts.probe < monitor.interval);
            prop_assert_eq!(&again(monitor), monitor);
        }
    }
}
