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
