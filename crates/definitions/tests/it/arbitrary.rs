//! Nothing that a file can hold makes the reader panic, and nothing disappears: every entry is
//! either loaded or reported.

use proptest::collection::vec;
use proptest::prelude::*;
use tidewatch_definitions::{Entry, Format, Mode, Tree, Value, check, read};

/// Known names make it likely that the values reach their own readers.
const NAMES: [&str; 48] = [
    "tenant",
    "monitor_id",
    "target",
    "name",
    "enabled",
    "kind",
    "interval",
    "attempts",
    "connection",
    "timeouts",
    "connect",
    "attempt",
    "probe",
    "request",
    "method",
    "headers",
    "body",
    "redirects",
    "max",
    "body_limit",
    "assertions",
    "on",
    "is",
    "matches",
    "thresholds",
    "degraded_ms",
    "slo",
    "availability",
    "maintenance",
    "timezone",
    "start",
    "duration",
    "locations",
    "quorum",
    "labels",
    "parent",
    "server",
    "type",
    "transport",
    "edns_size",
    "dnssec",
    "resolver",
    "address",
    "any",
    "all",
    "at_least",
    "at_most",
    "flag",
];
const TEXTS: [&str; 40] = [
    "",
    "demo",
    "shop",
    "https://example.com/",
    "http://a@b",
    "http://[::1",
    "30s",
    "rate(1 day)",
    "rate(",
    "é",
    "${env:TIDEWATCH_SECRET_A}",
    "${",
    "status",
    "header",
    "body",
    "2xx",
    "-",
    "99-",
    "Europe/Berlin",
    "02:00",
    "2026-13-01",
    "follow",
    "[",
    "\u{0}\n",
    "dns",
    "dns:example.com?type=MX",
    "dns://[::1]:53/.",
    "dns://",
    "dns:?",
    "dns:192.0.2.1",
    "192.0.2.53:53",
    "MX",
    "tls",
    "dns_rcode",
    "dns_answer",
    "dns_count",
    "dns_ttl",
    "dns_flag",
    "NOERROR",
    "aa",
];
const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "-1",
    "60",
    "1.5",
    "1e999",
    "18446744073709551615",
    "NaN",
    "",
    "x",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        proptest::sample::select(&NUMBERS[..]).prop_map(|text| Value::Number(text.to_owned())),
        proptest::sample::select(&TEXTS[..]).prop_map(|text| Value::Text(text.to_owned())),
        any::<String>().prop_map(Value::Text),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        let tree = inner.prop_map(Tree::from);
        prop_oneof![
            vec(tree.clone(), 0..4).prop_map(Value::List),
            vec((proptest::sample::select(&NAMES[..]), tree), 0..8).prop_map(|pairs| {
                let owned = pairs
                    .into_iter()
                    .map(|(name, tree)| (name.to_owned(), tree));
                Value::Map(owned.collect())
            }),
        ]
    })
}

/// An entry that is right but for some fields.
fn entry() -> impl Strategy<Value = Value> {
    let field = (
        proptest::sample::select(&NAMES[..]),
        value().prop_map(Tree::from),
    );
    vec(field, 0..6).prop_map(|wrong| {
        let text = |text: &str| Tree::from(Value::Text(text.to_owned()));
        let mut pairs: Vec<(String, Tree)> = wrong
            .into_iter()
            .map(|(name, tree)| (name.to_owned(), tree))
            .collect();
        for (name, good) in [
            ("tenant", "demo"),
            ("monitor_id", "shop"),
            ("target", "https://example.com/"),
        ] {
            if !pairs.iter().any(|(found, _)| found == name) {
                pairs.push((name.to_owned(), text(good)));
            }
        }
        Value::Map(pairs)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_entry_is_loaded_or_reported(value in prop_oneof![value(), entry()], aws in any::<bool>()) {
        let mode = if aws { Mode::Aws } else { Mode::Local };
        let entry = Entry { file: "a".to_owned(), number: 1, tree: Tree::from(value) };
        let definitions = check(&[entry], mode);
        prop_assert_eq!(definitions.monitors.is_empty(), !definitions.faults.is_empty());
        for fault in definitions.faults.iter().chain(&definitions.warnings) {
            let line = fault.to_string();
            prop_assert!(!line.chars().any(char::is_control), "{:?}", line);
            prop_assert!(!fault.problem.is_empty() && !fault.remedy.is_empty());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), shape in "[\\[\\]{}:,\"a-z0-9 \n#&*!|>-]{0,40}") {
        for text in [&text, &shape] {
            for format in [Format::Yaml, Format::Json] {
                let definitions = read(text, "a", format, Mode::Local);
                for fault in &definitions.faults {
                    prop_assert!(!fault.to_string().contains('\n'));
                }
            }
        }
    }
}
