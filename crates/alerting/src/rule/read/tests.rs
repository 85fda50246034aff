mod expressions;
mod mistakes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::read;
use crate::fault::Fault;
use crate::rule::*;

fn none(_: &str) -> Option<String> {
    None
}

fn faults(text: &str) -> Vec<String> {
    match read(Path::new("rules.yaml"), text, &none) {
        Ok(groups) => panic!("no fault was found in {groups:?}"),
        Err(faults) => faults.iter().map(Fault::to_string).collect(),
    }
}

/// A file with one rule, which is right.
const RIGHT: &str = r#"apiVersion: 1
groups:
  - orgId: 1
    name: shop
    folder: Shop
    interval: 1m
    rules:
      - uid: shop-down
        title: Shop down
        condition: C
        for: 2m
        data:
          - refId: A
            datasourceUid: timestream
            relativeTimeRange: {from: 600, to: 0}
            model: {refId: A, rawQuery: SELECT 1, format: 0}
          - refId: C
            datasourceUid: __expr__
            model:
              type: threshold
              expression: A
              conditions:
                - evaluator: {type: gt, params: [0.5]}
"#;

fn right() -> Rule {
    let mut groups = read(Path::new("rules.yaml"), RIGHT, &none).unwrap();
    groups.remove(0).rules.remove(0)
}

/// The one rule of `RIGHT` with a part replaced.
fn with(part: &str, other: &str) -> Result<Rule, Vec<Fault>> {
    assert!(RIGHT.contains(part), "{part}");
    let text = RIGHT.replace(part, other);
    let mut groups = read(Path::new("rules.yaml"), &text, &none)?;
    Ok(groups.remove(0).rules.remove(0))
}

#[test]
fn a_rule_is_read_with_grafanas_defaults() {
    let place = |line| Place {
        file: PathBuf::from("rules.yaml"),
        line,
    };
    let wanted = Rule {
        uid: "shop-down".to_owned(),
        title: "Shop down".to_owned(),
        condition: "C".to_owned(),
        hold: Duration::from_secs(120),
        keep_firing_for: Duration::ZERO,
        missing_series_evals_to_resolve: 2,
        no_data: NoDataState::NoData,
        error: ErrorState::Alerting,
        paused: false,
        dashboard_uid: None,
        panel_id: None,
        labels: [].into(),
        annotations: [].into(),
        notification: None,
        steps: vec![
            Step {
                ref_id: "A".to_owned(),
                kind: StepKind::Query(Query {
                    datasource_uid: "timestream".to_owned(),
                    from: Duration::from_secs(600),
                    to: Duration::ZERO,
                    raw_query: "SELECT 1".to_owned(),
                    database: None,
                    table: None,
                    measure: None,
                    format: Format::Table,
                    interval_ms: 1000,
                }),
                place: place(13),
            },
            Step {
                ref_id: "C".to_owned(),
                kind: StepKind::Expression(Expression::Threshold {
                    input: "A".to_owned(),
                    evaluator: Evaluator {
                        kind: EvaluatorKind::Greater,
                        first: 0.5,
                        second: 0.0,
                    },
                    unload: None,
                }),
                place: place(17),
            },
        ],
        place: place(8),
    };
    assert_eq!(right(), wanted);
}

#[test]
fn other_kinds_of_resources_are_passed_over() {
    let text = "apiVersion: 1\ncontactPoints: [{name: a}]\npolicies: []\ntemplates: []\nmuteTimes: []\ndeleteRules: [{orgId: 1, uid: old}]\nresetPolicies: [1]\n";
    assert_eq!(read(Path::new("others.yaml"), text, &none), Ok(Vec::new()));
}

#[test]
fn json_is_read_too() {
    let text = r#"{"apiVersion": 1, "groups": [{"name": "a", "folder": "b", "interval": "10s", "rules": []}]}"#;
    let groups = read(Path::new("rules.json"), text, &none).unwrap();
    assert_eq!(
        (groups[0].name.as_str(), groups[0].interval),
        ("a", Duration::from_secs(10))
    );
}

#[test]
fn variables_reach_the_fields_that_grafana_replaces_them_in() {
    let variables = |name: &str| match name {
        "SOURCE" => Some("timestream".to_owned()),
        "TEAM" => Some("web".to_owned()),
        "PAUSED" => Some("true".to_owned()),
        "PANEL" => Some("7".to_owned()),
        "HOLD" => Some("3m".to_owned()),
        _ => None,
    };
    let text = RIGHT
        .replace("datasourceUid: timestream", "datasourceUid: $SOURCE")
        .replace(
            "for: 2m\n",
            concat!(
                "for: ${HOLD}\n",
                "        isPaused: $PAUSED\n",
                "        dashboardUid: board\n",
                "        panelId: $PANEL\n",
                "        labels: {team: '$__env{TEAM}', who: '{{ $$labels.x }}'}\n",
                "        annotations: {summary: '$TEAM {{ $labels.x }} $$'}\n",
            ),
        );
    let text = text.replace("SELECT 1", "'SELECT $TEAM, $__timeFrom'");
    let groups = read(Path::new("rules.yaml"), &text, &variables).unwrap();
    let rule = &groups[0].rules[0];
    assert_eq!(rule.hold, Duration::from_secs(180));
    assert!(rule.paused);
    assert_eq!(rule.panel_id, Some(7));
    assert_eq!(rule.labels["team"], "web");
    assert_eq!(rule.labels["who"], "{{ $labels.x }}");
    // Neither annotations nor models are touched.
    assert_eq!(rule.annotations["summary"], "$TEAM {{ $labels.x }} $$");
    let StepKind::Query(query) = &rule.steps[0].kind else {
        panic!("{rule:?}")
    };
    assert_eq!(query.datasource_uid, "timestream");
    assert_eq!(query.raw_query, "SELECT $TEAM, $__timeFrom");
    // An unset variable is empty, and is named where that is a fault.
    let told = faults(&RIGHT.replace("name: shop", "name: $GROUP"));
    assert!(
        told[0].contains("the variable `GROUP` is not set"),
        "{told:?}"
    );
}

#[test]
fn settings_of_notifications_keep_what_is_not_given() {
    let rule = with(
        "for: 2m",
        "notification_settings: {receiver: mail, group_by: [tenant, ''], group_wait: 10s, mute_time_intervals: []}",
    );
    assert_eq!(
        rule.unwrap().notification,
        Some(NotificationSettings {
            receiver: "mail".to_owned(),
            group_by: vec!["tenant".to_owned()],
            group_wait: Some(Duration::from_secs(10)),
            group_interval: None,
            repeat_interval: None,
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
        })
    );
}

#[test]
fn the_shipped_files_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../grafana");
    for (file, direct) in [
        ("provisioning/alerting/rules.yaml", true),
        ("routing-policies/rules.yaml", false),
    ] {
        let path = root.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let groups = read(&path, &text, &none).unwrap();
        let rules: Vec<&Rule> = groups.iter().flat_map(|group| &group.rules).collect();
        assert_eq!(rules.len(), text.matches("- uid: tidewatch-").count());
        let down = rules
            .iter()
            .find(|rule| rule.uid == "tidewatch-down")
            .unwrap();
        assert_eq!(down.hold, Duration::ZERO);
        assert_eq!(
            (down.no_data, down.error),
            (NoDataState::NoData, ErrorState::Error)
        );
        assert_eq!(down.notification.is_some(), direct);
        let line = usize::try_from(down.place.line).unwrap();
        assert_eq!(
            text.lines().nth(line - 1).unwrap().trim(),
            "- uid: tidewatch-down"
        );
    }
}

#[test]
fn files_without_rules_that_are_shipped_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../grafana/provisioning/alerting");
    for file in ["contact-points.yaml", "templates.yaml"] {
        let path = root.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(read(&path, &text, &none), Ok(Vec::new()), "{file}");
    }
}
