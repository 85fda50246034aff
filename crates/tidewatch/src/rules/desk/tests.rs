//! What is remembered, over restarts and silences.

use std::time::Duration;

use super::*;
use crate::rules::story::{Story, desk, groups};

const MINUTES: Duration = Duration::from_secs(5 * 60);

#[tokio::test(start_paused = true)]
async fn an_outage_is_told_once_and_its_end_too_also_over_restarts() {
    let mut story = Story::new();
    story.values.are(&[("shop", 0.0), ("cart", 0.0)]);
    story.start();
    assert!(story.is_silent_for(MINUTES).await);
    story.values.are(&[("shop", 1.0), ("cart", 0.0)]);
    assert_eq!(story.hears().await, "firing shop");
    story.stop().await;
    story.start();
    assert!(story.is_silent_for(MINUTES).await);
    story.kill().await;
    story.values.are(&[("shop", 0.0), ("cart", 0.0)]);
    story.start();
    assert_eq!(story.hears().await, "resolved shop");
    story.stop().await;
    story.start();
    assert!(story.is_silent_for(MINUTES).await);
}

#[tokio::test(start_paused = true)]
async fn a_restart_between_finding_and_telling_loses_nothing() {
    let mut story = Story::new();
    story.refuse(true);
    story.values.are(&[("shop", 1.0)]);
    story.start();
    story.evaluations(5).await;
    story.kill().await;
    story.refuse(false);
    story.start();
    assert_eq!(story.hears().await, "firing shop");
    // The end is found, and told by the next process only.
    story.values.are(&[("shop", 0.0)]);
    story.refuse(true);
    story.evaluations(5).await;
    story.kill().await;
    story.refuse(false);
    story.start();
    assert_eq!(story.hears().await, "resolved shop");
}

#[tokio::test(start_paused = true)]
async fn what_is_silenced_is_told_when_the_silence_is_over() {
    let mut story = Story::new();
    story.values.are(&[("shop", 0.0), ("cart", 0.0)]);
    story.start();
    story.evaluations(1).await;
    let silence = |matcher: &str, story: &Story| {
        let end = story.clock.now().plus(Duration::from_secs(600));
        SilenceRequest {
            matchers: vec![matcher.to_owned()],
            ends_at: end.to_string(),
            author: "ann".to_owned(),
            comment: "new release".to_owned(),
        }
    };
    let request = silence("monitor_id=shop", &story);
    story.desk.silence(&request).await.unwrap();
    let request = silence("monitor_id=~\"ca.*\"", &story);
    let of_cart = story.desk.silence(&request).await.unwrap();
    story.values.are(&[("shop", 1.0), ("cart", 1.0)]);
    assert!(story.is_silent_for(MINUTES).await);
    story.desk.unsilence(&of_cart.id).await.unwrap();
    assert_eq!(story.hears().await, "firing cart");
    story.stop().await;
    story.start();
    assert!(story.is_silent_for(Duration::from_secs(120)).await);
    assert_eq!(story.hears().await, "firing shop");
    let again = story.desk.unsilence(&of_cart.id).await;
    assert!(matches!(again, Err(Refusal::Unknown(_))), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn an_end_is_told_to_whoever_heard_the_beginning_silence_or_not() {
    let mut story = Story::new();
    story.values.are(&[("shop", 1.0)]);
    story.start();
    assert_eq!(story.hears().await, "firing shop");
    let open = story.open();
    let acknowledged = story.desk.acknowledge(&open[..6], "ann", "").await.unwrap();
    assert_eq!(acknowledged.until_resolved.as_ref(), Some(&open));
    let matchers: Vec<String> = acknowledged
        .matchers
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        matchers,
        [
            r#"__alert_rule_uid__="down""#,
            r#"alertname="Monitor down""#,
            r#"grafana_folder="Tidewatch""#,
            r#"monitor_id="shop""#,
            r#"rule="down""#,
        ]
    );
    assert!(
        story.is_silent_for(Duration::from_secs(4_000)).await,
        "no reminder"
    );
    story.values.are(&[("shop", 0.0)]);
    assert_eq!(story.hears().await, "resolved shop");
    // The next outage is another alert to hear of.
    story.values.are(&[("shop", 1.0)]);
    assert_eq!(story.hears().await, "firing shop");
    assert_eq!(story.desk.memory.lock().silences.iter().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_meant_is_refused_with_the_remedy() {
    let mut story = Story::new();
    story.values.are(&[("shop", 1.0)]);
    story.start();
    assert_eq!(story.hears().await, "firing shop");
    let good = SilenceRequest {
        matchers: vec!["tenant=acme".to_owned()],
        ends_at: "2026-11-23T07:00:00Z".to_owned(),
        author: "ann".to_owned(),
        comment: String::new(),
    };
    let with = |change: fn(&mut SilenceRequest)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    for (request, words) in [
        (with(|it| it.matchers.clear()), "would silence everything"),
        (with(|it| it.matchers[0] = "acme".to_owned()), "no operator"),
        (
            with(|it| it.ends_at = "tomorrow".to_owned()),
            "not an instant",
        ),
        (
            with(|it| it.ends_at = "2026-11-21T07:00:00Z".to_owned()),
            "is over",
        ),
        (
            with(|it| it.ends_at = "2036-11-21T07:00:00Z".to_owned()),
            "more than a year",
        ),
        (with(|it| it.author = " ".to_owned()), "say who"),
        (with(|it| it.comment = "x".repeat(1_001)), "1001 bytes"),
    ] {
        match story.desk.silence(&request).await {
            Err(Refusal::Wrong(reason)) => assert!(reason.contains(words), "{reason}"),
            other => panic!("{request:?} gave {other:?}"),
        }
    }
    story.desk.silence(&good).await.unwrap();
    let open = story.open();
    let short = story.desk.acknowledge(&open[..2], "ann", "").await;
    assert!(matches!(short, Err(Refusal::Wrong(_))), "{short:?}");
    let nobody = story.desk.acknowledge("feedfeed", "ann", "").await;
    assert!(matches!(nobody, Err(Refusal::Unknown(_))), "{nobody:?}");
}

#[tokio::test(start_paused = true)]
async fn alerts_of_rules_that_rest_or_are_gone_end_with_the_reason() {
    for (end, change) in [
        (
            "Paused",
            (|groups: &mut Vec<Group>| groups[0].rules[0].paused = true) as fn(&mut Vec<Group>),
        ),
        ("RuleDeleted", Vec::clear),
    ] {
        let mut story = Story::new();
        story.values.are(&[("shop", 1.0)]);
        story.start();
        assert_eq!(story.hears().await, "firing shop");
        story.stop().await;
        let mut other = groups();
        change(&mut other);
        story.start_with(other);
        assert_eq!(story.hears().await, format!("resolved shop ({end})"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_read_is_kept_aside_and_told() {
    let story = Story::new();
    let path = story.folder.path().join(FILE);
    for bytes in [&b"{"[..], b"{\"version\":9}", b"{}"] {
        std::fs::write(&path, bytes).unwrap();
        let warned = Mutex::new(Vec::new());
        desk(story.folder.path(), groups(), &story.clock, |warning| {
            warned.lock().push(warning);
        });
        let warned = warned.into_inner();
        assert!(
            warned.len() == 1 && warned[0].contains("kept as"),
            "{warned:?}"
        );
        let aside = path.with_extension(format!("unreadable-{}", story.clock.now().as_millis()));
        assert_eq!(std::fs::read(aside).unwrap(), bytes);
    }
}
