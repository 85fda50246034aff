use tidewatch_domain::Timestamp;

use super::*;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn alert(state: State, pairs: &[(&str, &str)]) -> Alert {
    let mut all = labels(pairs);
    all.insert("alertname".to_owned(), "Down".to_owned());
    all.insert("grafana_folder".to_owned(), "Folder".to_owned());
    Alert {
        labels: all,
        annotations: labels(&[("summary", "it is down"), ("other", "x")]),
        state,
        values: BTreeMap::from([("A".to_owned(), 3.0), ("C".to_owned(), 1.0)]),
        reason: None,
        org_id: 1,
        internal: Labels::new(),
        query_labels: Labels::new(),
        since: Timestamp::EPOCH,
        starts_at: Timestamp::EPOCH,
        ends_at: Timestamp::EPOCH,
        resolved_at: None,
        last_evaluation: Timestamp::EPOCH,
        value_string: String::new(),
        fingerprint: String::new(),
        dashboard_uid: None,
        panel_id: None,
        route: None,
        rule_uid: "down".to_owned(),
    }
}

fn expected(state: State, pairs: &[(&str, &str)]) -> ExpectedAlert {
    ExpectedAlert {
        state,
        labels: labels(pairs),
        annotations: labels(&[("summary", "it is down")]),
        no_other_annotations: false,
        values: BTreeMap::from([("A".to_owned(), 3.0)]),
    }
}

fn compared(expected: Vec<ExpectedAlert>, found: &[Alert]) -> Option<Mismatch> {
    let check = AlertCheck {
        line: Some(7),
        at: Duration::from_secs(12 * 60 + 10),
        rule: "down".to_owned(),
        alerts: expected,
    };
    alerts(&check, found)
}

#[test]
fn what_the_test_does_not_name_is_not_compared() {
    let shop = [("monitor_id", "shop")];
    let found = [
        alert(State::Normal, &[("monitor_id", "api")]),
        alert(State::Alerting, &shop),
    ];
    assert_eq!(
        compared(vec![expected(State::Alerting, &shop)], &found),
        None
    );
    assert_eq!(compared(vec![], &found[..1]), None);
}

#[test]
fn a_mismatch_shows_both_sides() {
    let shop = [("monitor_id", "shop")];
    let found = [alert(State::Pending, &shop)];
    let mismatch = compared(vec![expected(State::Alerting, &shop)], &found).unwrap();
    assert_eq!(mismatch.subject, "alerts of down at 12m10s");
    assert_eq!(
        mismatch.expected,
        "- state: Alerting\n  labels:\n    monitor_id: shop\n  annotations:\n    summary: it is \
         down\n  values:\n    A: 3\n"
    );
    assert_eq!(
        mismatch.found,
        mismatch.expected.replace("Alerting", "Pending")
    );
    let mismatch = compared(vec![], &found).unwrap();
    assert_eq!(mismatch.expected, "nothing\n");
    assert!(mismatch.found.contains("other: x"), "{}", mismatch.found);
    let mismatch = compared(vec![expected(State::Alerting, &shop)], &[]).unwrap();
    assert_eq!(mismatch.found, "nothing\n");
}

#[test]
fn labels_are_all_compared_and_annotations_where_asked() {
    let found = [alert(
        State::Alerting,
        &[("monitor_id", "shop"), ("team", "web")],
    )];
    assert!(
        compared(
            vec![expected(State::Alerting, &[("monitor_id", "shop")])],
            &found
        )
        .is_some()
    );
    let mut only = expected(State::Alerting, &[("monitor_id", "shop"), ("team", "web")]);
    assert_eq!(compared(vec![only.clone()], &found), None);
    only.no_other_annotations = true;
    assert!(compared(vec![only.clone()], &found).is_some());
    only.no_other_annotations = false;
    only.labels.insert("alertname".to_owned(), "Up".to_owned());
    assert!(compared(vec![only], &found).is_some());
}

fn sent(at: u64, status: &str, monitor: &str) -> Sent {
    Sent {
        at: Duration::from_secs(at),
        receiver: "tidewatch".to_owned(),
        group_labels: labels(&[("alertname", "Down")]),
        alerts: vec![(
            status.to_owned(),
            labels(&[("monitor_id", monitor), ("alertname", "Down")]),
        )],
        payload: serde_json::json!({"status": status, "orgId": 1, "alerts": [{"a": 1, "b": 2.0}]}),
    }
}

fn wanted(at: u64, status: &str, monitor: &str) -> ExpectedNotification {
    ExpectedNotification {
        at: Duration::from_secs(at),
        receiver: None,
        group_labels: None,
        alerts: vec![(status.to_owned(), labels(&[("monitor_id", monitor)]))],
        payload: None,
    }
}

#[test]
fn notifications_are_compared_in_order_and_within_their_time() {
    let check = |notifications| NotificationCheck {
        line: None,
        from: Duration::from_secs(60),
        to: Duration::from_secs(600),
        rule: "down".to_owned(),
        notifications,
    };
    let all = [
        sent(10, "firing", "a"),
        sent(70, "firing", "b"),
        sent(300, "resolved", "b"),
        sent(700, "firing", "c"),
    ];
    let both = vec![wanted(70, "firing", "b"), wanted(300, "resolved", "b")];
    assert_eq!(notifications(&check(both.clone()), &all), None);
    let mismatch = notifications(&check(vec![]), &all).unwrap();
    assert_eq!(mismatch.subject, "notifications of down from 1m to 10m");
    assert!(
        mismatch.found.contains("receiver: tidewatch"),
        "{}",
        mismatch.found
    );
    let mut late = both.clone();
    late[1].at = Duration::from_secs(301);
    assert!(notifications(&check(late), &all).is_some());
    let mut with_payload = both;
    with_payload[0].payload = Some(serde_json::json!({"alerts": [{"b": 2}], "status": "firing"}));
    assert_eq!(notifications(&check(with_payload.clone()), &all), None);
    with_payload[0].payload = Some(serde_json::json!({"alerts": [{"b": 3}]}));
    let mismatch = notifications(&check(with_payload), &all).unwrap();
    assert!(mismatch.found.contains("\"b\": 2.0"), "{}", mismatch.found);
}

#[test]
fn times_read_as_people_write_them() {
    for (millis, text) in [
        (0, "0s"),
        (90_000, "1m30s"),
        (3_600_000, "1h"),
        (1_500, "1s500ms"),
    ] {
        assert_eq!(clock(Duration::from_millis(millis)), text);
    }
}
