mod arbitrary;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tidewatch_domain::monitor::limits;
use tidewatch_domain::{Cause, ErrorClass, Timestamp};
use tidewatch_testkit::a_monitor;

use super::*;

fn here() -> Location {
    Location::try_new("eu-west-1").unwrap()
}

fn monitor(name: &str) -> Arc<Monitor> {
    Arc::new(a_monitor("https://shop.example/").named(name).build())
}

fn failure(monitor: &Monitor, text: &str) -> ProbeResult {
    let slot = Timestamp::from_secs(1_795_330_800);
    let started_at = slot.plus(Duration::from_millis(3));
    let cause = Cause::new(ErrorClass::ConnectRefused, text);
    ProbeResult::failed(monitor, &here(), slot, started_at, cause)
}

fn some(monitors: Vec<Arc<Monitor>>, results: Vec<ProbeResult>) -> Results {
    Results {
        location: here(),
        bucket: 7,
        monitors,
        results,
        rows: Vec::new(),
    }
}

/// What comes back from messages, put together again, each monitor once.
fn read_again(messages: &[String]) -> Results {
    let mut all = some(Vec::new(), Vec::new());
    for message in messages {
        let decoded = decode(message).unwrap();
        assert_eq!(decoded.refused, []);
        let Message::Results(results) = decoded.message else {
            panic!("not results: {message}");
        };
        assert_eq!((&results.location, results.bucket), (&all.location, 7));
        for monitor in results.monitors {
            if all.monitor(&monitor.key).is_none() {
                all.monitors.push(monitor);
            }
        }
        all.results.extend(results.results);
        all.rows.extend(results.rows);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_result_comes_back_as_it_was(
        found in vec(arbitrary::result(failure(&monitor("shop"), "x")), 1..4),
        rows in vec(arbitrary::row(), 0..3),
    ) {
        let results = Results { rows, ..some(vec![monitor("shop")], found) };
        let packed = pack_results(&results);
        prop_assert_eq!(&packed.too_large, &[]);
        prop_assert_eq!(read_again(&packed.messages), results);
    }

    #[test]
    fn every_row_comes_back_as_it_was(rows in vec(arbitrary::row(), 1..5)) {
        let packed = pack_rows(&rows);
        prop_assert_eq!(packed.messages.len(), 1);
        let decoded = decode(&packed.messages[0]).unwrap();
        prop_assert_eq!(decoded.refused, []);
        prop_assert_eq!(decoded.message, Message::Rows(rows));
    }

    #[test]
    fn whatever_is_read_nothing_panics(text in "\\PC*", kind in "results|rows", item in "\\PC*") {
        let _ = decode(&text);
        let item = serde_json::Value::from(item);
        let message = serde_json::json!({
            "v": 1, "kind": kind, "location": "x", "bucket": 0,
            "monitors": [item], "results": [item], "rows": [item],
        });
        let decoded = decode(&message.to_string()).unwrap();
        prop_assert!(!decoded.refused.is_empty());
    }
}

#[test]
fn the_shape_of_a_message_is_as_documented() {
    let packed = pack_results(&some(
        vec![monitor("shop")],
        vec![failure(&monitor("shop"), "refused")],
    ));
    let message: serde_json::Value = serde_json::from_str(&packed.messages[0]).unwrap();
    assert_eq!(
        (
            &message["v"],
            &message["kind"],
            &message["location"],
            &message["bucket"]
        ),
        (&1.into(), &"results".into(), &"eu-west-1".into(), &7.into())
    );
    assert_eq!(message["monitors"][0]["target"], "https://shop.example/");
    assert_eq!(
        message["results"][0],
        serde_json::json!({
            "tenant": "test",
            "monitor_id": "shop",
            "kind": "http",
            "slot": 1_795_330_800_000_000_000_i64,
            "started_at": 1_795_330_800_003_000_000_i64,
            "samples": [{
                "number": 1,
                "started_at": 1_795_330_800_003_000_000_i64,
                "connection": "fresh",
                "phases": {"total": 0},
                "reached": "resolve",
                "causes": [{"class": "connect_refused", "owner": "target", "text": "refused"}],
                "body_bytes": 0,
            }],
            "skipped": 0,
        })
    );
}

#[test]
fn a_message_is_never_longer_than_the_limit_and_has_the_definitions_it_needs() {
    let monitors: Vec<_> = (0..300).map(|n| monitor(&format!("shop-{n}"))).collect();
    let text = "x".repeat(Cause::TEXT_LIMIT);
    let results: Vec<_> = monitors
        .iter()
        .flat_map(|monitor| [failure(monitor, &text), failure(monitor, "y")])
        .collect();
    let all = some(monitors, results);
    let packed = pack_results(&all);
    assert!(packed.messages.len() > 1);
    for message in &packed.messages {
        assert!(message.len() <= MESSAGE_LIMIT, "{}", message.len());
        // No more messages than needed.
        assert!(message.len() > MESSAGE_LIMIT / 2 || Some(message) == packed.messages.last());
    }
    assert_eq!(read_again(&packed.messages), all);
}

#[test]
fn a_long_definition_has_a_message_of_its_own_and_an_impossible_one_is_told() {
    let with_body = |name: &str, bytes: usize| {
        let body = "\u{1}".repeat(bytes);
        Arc::new(
            a_monitor("https://shop.example/")
                .named(name)
                .body(&body)
                .build(),
        )
    };
    let monitors = vec![
        monitor("first"),
        with_body("long", limits::REQUEST_BODY),
        with_body("impossible", 200 * 1024),
        monitor("last"),
    ];
    let results: Vec<_> = monitors.iter().map(|one| failure(one, "x")).collect();
    let packed = pack_results(&some(monitors, results));
    let lengths: Vec<bool> = packed
        .messages
        .iter()
        .map(|message| message.len() > MESSAGE_LIMIT)
        .collect();
    assert_eq!(lengths, [false, true, false]);
    let [too_large] = <[_; 1]>::try_from(packed.too_large).unwrap();
    assert_eq!(too_large.index, 2);
    assert!(
        too_large.to_string().contains("test/impossible"),
        "{too_large}"
    );
}

#[test]
fn characters_that_the_queue_refuses_are_escaped() {
    let packed = pack_results(&some(
        vec![monitor("shop")],
        vec![failure(&monitor("shop"), "a\u{ffff}b\u{fffe}\u{b}")],
    ));
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(packed.messages[0].chars().all(allowed));
}

#[test]
fn a_bad_item_does_not_stop_the_others() {
    let packed = pack_results(&some(
        vec![monitor("shop"), monitor("mail")],
        vec![
            failure(&monitor("shop"), "x"),
            failure(&monitor("mail"), "x"),
        ],
    ));
    let mut message: serde_json::Value = serde_json::from_str(&packed.messages[0]).unwrap();
    message["results"][0]["samples"][0]["causes"][0]["class"] = "unheard_of".into();
    message["monitors"][1]["interval"] = "never".into();
    let decoded = decode(&message.to_string()).unwrap();
    let reasons: Vec<String> = decoded
        .refused
        .iter()
        .map(|refused| format!("{}: {}", refused.place, refused.reason))
        .collect();
    let [monitor, class, orphan] = <[String; 3]>::try_from(reasons).unwrap();
    assert!(
        monitor.starts_with("monitors[1]: definition:1:") && monitor.contains("interval"),
        "{monitor}"
    );
    assert_eq!(
        class,
        "results[0]: samples[0].causes[0].class: `unheard_of` is not a known error class at line 1 \
         column 260"
    );
    assert_eq!(
        orphan,
        "results[1]: the message has no usable definition of test/mail"
    );
}

#[test]
fn what_is_no_message_says_why() {
    for (text, wanted) in [
        (
            "[]",
            "the message cannot be read: .: invalid length 0, expected struct Envelope with 7 elements at line 1 column 2",
        ),
        (
            r#"{"v":2,"kind":"rows","rows":[]}"#,
            "the message has version 2, and this program reads version 1; deploy the same release of all functions",
        ),
        (
            r#"{"v":1,"kind":"row","rows":[]}"#,
            "the message is of kind `row`, which is neither `results` nor `rows`",
        ),
        (
            r#"{"v":1,"kind":"rows"}"#,
            "the message cannot be read: rows: is missing",
        ),
        (
            r#"{"v":1,"kind":"results","location":"_all","bucket":1,"monitors":[],"results":[]}"#,
            "the message cannot be read: location: `_all` is not a usable name: names that begin with `_` are kept for Tidewatch itself",
        ),
    ] {
        assert_eq!(decode(text).unwrap_err().to_string(), wanted);
    }
}

#[test]
fn a_certificate_without_a_handshake_is_refused() {
    let packed = pack_results(&some(
        vec![monitor("shop")],
        vec![failure(&monitor("shop"), "x")],
    ));
    let mut message: serde_json::Value = serde_json::from_str(&packed.messages[0]).unwrap();
    message["results"][0]["certificates"] = serde_json::json!([{
        "samples": [0],
        "facts": {
            "not_after": 0, "not_before": 0, "leaf_not_after": 0, "subject": "", "issuer": "",
            "names": [], "fingerprint": "", "presented": 1, "verified": true, "chain": [],
        },
    }]);
    let decoded = decode(&message.to_string()).unwrap();
    assert_eq!(
        decoded.refused[0].reason,
        "certificates[0] belongs to samples[0], which has no handshake"
    );
}
