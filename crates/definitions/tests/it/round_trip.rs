//! What is encoded reads back as the same monitor.

use proptest::prelude::*;
use tidewatch_definitions::{Format, Mode, encode, read};
use tidewatch_domain::Monitor;

use crate::dns::EVERY_ASSERTION;
use crate::valid::{EVERYTHING, one};

fn again(monitor: &Monitor) -> Monitor {
    let text = serde_json::json!([encode(monitor)]).to_string();
    let definitions = read(&text, "again.json", Format::Json, Mode::Local);
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{text}");
    let [monitor] = <[_; 1]>::try_from(definitions.monitors).unwrap();
    monitor
}

#[test]
fn everything_and_nothing_come_back() {
    for text in [
        EVERYTHING,
        EVERY_ASSERTION,
        "- {tenant: a, monitor_id: b, target: 'dns:c.de', request: {edns_size: 0}}",
        "- {tenant: a, monitor_id: b, target: 'dns://ns.c.de/c.de', request: {resolver: 192.0.2.1, address: 192.0.2.2}}",
        "- {tenant: a, monitor_id: b, target: 'http://c.de'}",
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

proptest! {
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
