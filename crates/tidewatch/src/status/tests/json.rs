//! `/api/status`: its whole shape is a promise.

use tidewatch_domain::judge::State;

use super::cards::{card, degraded, fault, fresh, paused};
use super::get_with;
use crate::status::Findings;

#[tokio::test]
async fn the_whole_answer_is_as_promised() {
    let cards = vec![
        card("a-up", State::Up),
        card("b-down", State::Down),
        fresh("c-new"),
    ];
    let findings = Findings {
        faults: vec![fault()],
        warnings: Vec::new(),
    };
    let answer = get_with("/api/status", cards, findings).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let value: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    insta::assert_json_snapshot!(value);
}

#[tokio::test]
async fn counts_and_overlays_tell_standings_apart() {
    let cards = vec![degraded("slow"), paused("old"), card("odd", State::Suspect)];
    let answer = get_with("/api/status", cards, Findings::default()).await;
    let value: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(
        value["counts"],
        serde_json::json!({
            "down": 0, "suspect": 1, "recovering": 0, "degraded": 1, "unknown": 0, "up": 0,
            "paused": 1
        })
    );
    let overlays: Vec<_> = value["monitors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|monitor| {
            (
                monitor["monitor_id"].as_str().unwrap(),
                monitor["overlays"].to_string(),
            )
        })
        .collect();
    assert_eq!(
        overlays,
        [
            ("odd", "[]".to_owned()),
            ("slow", r#"["degraded"]"#.to_owned()),
            ("old", r#"["paused"]"#.to_owned()),
        ]
    );
    assert_eq!(value["monitors"][2]["next_run"], serde_json::Value::Null);
}

#[tokio::test]
async fn scripts_can_ask_for_less() {
    let cards: Vec<_> = (0..120)
        .map(|number| card(&format!("m-{number:03}"), State::Up))
        .chain([card("bad", State::Down)])
        .collect();
    let ask = async |query: &str| -> serde_json::Value {
        let path = format!("/api/status{query}");
        let answer = get_with(&path, cards.clone(), Findings::default()).await;
        serde_json::from_str(&answer.text).unwrap()
    };
    let count = |value: &serde_json::Value| value["monitors"].as_array().unwrap().len();
    assert_eq!(count(&ask("").await), 121);
    assert_eq!(count(&ask("?page=1").await), 100);
    assert_eq!(count(&ask("?q=m-00").await), 10);
    let down = ask("?state=down&probes=1").await;
    assert_eq!(count(&down), 1);
    assert_eq!(down["monitors"][0]["probes"].as_array().unwrap().len(), 1);
    assert_eq!(down["counts"]["up"], 120, "counts are of all monitors");
}
