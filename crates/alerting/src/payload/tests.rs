use std::collections::BTreeMap;

use serde::Deserialize;
use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::fingerprint::fingerprint;
use crate::group::Notification;
use crate::state::{Alert, State};

use super::{Context, body, signature};

#[derive(Deserialize)]
struct Case {
    name: String,
    receiver: String,
    app_version: String,
    external_url: String,
    org_id: u64,
    at: i64,
    group_key: String,
    group_labels: Labels,
    alerts: Vec<Given>,
    body: String,
}

#[derive(Deserialize)]
struct Given {
    rule_uid: String,
    labels: Labels,
    internal: Labels,
    annotations: Labels,
    values: BTreeMap<String, Option<f64>>,
    value_string: String,
    starts_at: i64,
    ends_at: Option<i64>,
    dashboard_uid: Option<String>,
    panel_id: Option<i64>,
    fingerprint: String,
}

fn alert(given: Given, org_id: u64, at: Timestamp) -> Alert {
    let mut all = given.labels.clone();
    all.extend(given.internal.clone());
    assert_eq!(fingerprint(&all), given.fingerprint);
    let starts_at = Timestamp::from_nanos(given.starts_at);
    let resolved_at = given.ends_at.map(Timestamp::from_nanos);
    Alert {
        rule_uid: given.rule_uid,
        org_id,
        query_labels: given.labels.clone(),
        labels: given.labels,
        internal: given.internal,
        annotations: given.annotations,
        state: match resolved_at {
            Some(_) => State::Normal,
            None => State::Alerting,
        },
        reason: None,
        since: starts_at,
        starts_at,
        ends_at: resolved_at.unwrap_or(at),
        resolved_at,
        last_evaluation: at,
        values: given
            .values
            .into_iter()
            .map(|(name, value)| (name, value.unwrap_or(f64::NAN)))
            .collect(),
        value_string: given.value_string,
        fingerprint: given.fingerprint,
        dashboard_uid: given.dashboard_uid,
        panel_id: given.panel_id,
        route: None,
    }
}

/// The bodies of `grafana.json` were made by grafana/alerting (commit 783ce04): its webhook
/// notifier with default templates, fed with these alerts; fingerprints too.
#[test]
fn bodies_are_grafanas_byte_for_byte() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("tests/grafana.json")).unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let at = Timestamp::from_nanos(case.at);
        let notification = Notification {
            receiver: case.receiver,
            group_key: case.group_key,
            group_labels: case.group_labels,
            alerts: case
                .alerts
                .into_iter()
                .map(|given| alert(given, case.org_id, at))
                .collect(),
            at,
        };
        let context = Context {
            external_url: &case.external_url,
            app_version: &case.app_version,
            org_id: case.org_id,
        };
        let made = String::from_utf8(body(&notification, &context)).unwrap();
        assert_eq!(made, case.body, "{}", case.name);
    }
}

#[test]
fn without_an_address_of_grafana_there_are_no_links() {
    let at = Timestamp::from_secs(1_795_330_800);
    let given = Given {
        rule_uid: "u".to_owned(),
        labels: Labels::from([("alertname".to_owned(), "a".to_owned())]),
        internal: Labels::new(),
        annotations: Labels::new(),
        values: BTreeMap::new(),
        value_string: String::new(),
        starts_at: at.as_nanos(),
        ends_at: None,
        dashboard_uid: Some("d".to_owned()),
        panel_id: None,
        fingerprint: String::new(),
    };
    let fingerprint = fingerprint(&given.labels);
    let notification = Notification {
        receiver: "r".to_owned(),
        group_key: "{}:{}".to_owned(),
        group_labels: Labels::new(),
        alerts: vec![alert(
            Given {
                fingerprint,
                ..given
            },
            0,
            at,
        )],
        at,
    };
    let context = Context {
        external_url: "",
        app_version: "",
        org_id: 1,
    };
    let made: serde_json::Value = serde_json::from_slice(&body(&notification, &context)).unwrap();
    let alert = &made["alerts"][0];
    for link in ["generatorURL", "silenceURL", "dashboardURL", "panelURL"] {
        assert_eq!(alert[link], "", "{link}");
    }
    assert_eq!(alert.get("orgId"), None);
}

/// The sums were computed from the definition with OpenSSL.
#[test]
fn signs_with_and_without_a_timestamp() {
    let body = br#"{"status":"firing"}"#;
    assert_eq!(
        signature("s3cret", None, body),
        "043737fa7d4b65306416549b14537adb753ed11a55b3fb6f50fec5192bbd3851"
    );
    assert_eq!(
        signature("s3cret", Some(1_700_000_000), body),
        "a1af856abf490a75085cc50538aa285b686a81e04e3e20b5ccf95d66e0b6aa36"
    );
}
