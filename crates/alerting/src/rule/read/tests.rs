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

/// What is said of one wrong part: the place, and how the reason begins.
#[test]
fn each_mistake_is_named_with_its_place() {
    for (part, other, wanted) in [
        (
            "apiVersion: 1",
            "apiVersion: 2",
            "1: apiVersion: `2` is no whole number from 1 to 1",
        ),
        ("apiVersion: 1", "api: 1", "1: api: is not a known field"),
        (
            "orgId: 1",
            "orgId: zero",
            "3: groups[0].orgId: `zero` is no whole number",
        ),
        ("name: shop\n", "name: ''\n", "4: groups[0].name: is empty"),
        ("    folder: Shop\n", "", "3: groups[0]: has no `folder`"),
        (
            "interval: 1m",
            "interval: 15s",
            "6: groups[0].interval: is 15s; use a multiple of 10 s",
        ),
        (
            "interval: 1m",
            "interval: 1.5m",
            "6: groups[0].interval: `1.5m` is no duration",
        ),
        (
            "uid: shop-down",
            "uid: shop/down",
            "8: groups[0].rules[0].uid: `shop/down` has other characters",
        ),
        (
            "uid: shop-down",
            "uid: shop-down-shop-down-shop-down-shop-down-x",
            "8: groups[0].rules[0].uid: `shop-down-shop-down-shop-down-shop-down-x` has 41 characters; use at most 40",
        ),
        (
            "title: Shop down",
            "titel: Shop down",
            "8: groups[0].rules[0]: has no `title`",
        ),
        (
            "for: 2m",
            "for: soon",
            "11: groups[0].rules[0].for: `soon` is no duration",
        ),
        (
            "for: 2m",
            "for: [2m]",
            "11: groups[0].rules[0].for: is a list; write a text",
        ),
        (
            "for: 2m",
            "pending: 2m",
            "11: groups[0].rules[0].pending: is not a known field",
        ),
        (
            "for: 2m",
            "noDataState: Ok",
            "11: groups[0].rules[0].noDataState: `Ok` is not known; use one of NoData, Alerting, OK, KeepLast",
        ),
        (
            "for: 2m",
            "execErrState: NoData",
            "11: groups[0].rules[0].execErrState: `NoData` is not known",
        ),
        (
            "for: 2m",
            "missing_series_evals_to_resolve: 0",
            "11: groups[0].rules[0].missing_series_evals_to_resolve: `0` is no whole number from 1",
        ),
        (
            "for: 2m",
            "isPaused: perhaps",
            "11: groups[0].rules[0].isPaused: `perhaps` is not true or false",
        ),
        (
            "for: 2m",
            "panelId: 3",
            "8: groups[0].rules[0]: has a `panelId` without a `dashboardUid`",
        ),
        (
            "for: 2m",
            "record: {metric: m, from: A}",
            "11: groups[0].rules[0].record: makes this a recording rule",
        ),
        (
            "for: 2m",
            "annotations: {summary: '{{ $labels.x '}",
            "11: groups[0].rules[0].annotations.summary: ",
        ),
        (
            "for: 2m",
            "annotations: {summary: '{{ nothing }}'}",
            "11: groups[0].rules[0].annotations.summary: ",
        ),
        (
            "for: 2m",
            "labels: {who: '{{ $labels.x }}'}",
            "11: groups[0].rules[0].labels.who: `$labels` is taken for a variable of the environment in labels; write `$$labels`",
        ),
        (
            "for: 2m",
            "notification_settings: {receiver: a, group_by: x}",
            "11: groups[0].rules[0].notification_settings.group_by: is a text; write a list",
        ),
        (
            "for: 2m",
            "notification_settings: {receiver: a, repeat_interval: 0s}",
            "11: groups[0].rules[0].notification_settings.repeat_interval: is zero",
        ),
        (
            "for: 2m",
            "notification_settings: {receiver: a, mute_time_intervals: [nights]}",
            "11: groups[0].rules[0].notification_settings.mute_time_intervals: timings are not supported",
        ),
        (
            "condition: C",
            "condition: B",
            "10: groups[0].rules[0].condition: there is no step `B`; use one of A, C",
        ),
        (
            "expression: A",
            "expression: B",
            "17: groups[0].rules[0].data[1]: there is no step `B`; use one of A, C",
        ),
        (
            "expression: A",
            "expression: C",
            "17: groups[0].rules[0].data[1]: `C` works on itself",
        ),
        (
            "refId: C",
            "refId: A",
            "17: groups[0].rules[0].data[1]: `A` is the refId of two steps",
        ),
        (
            "{refId: A, raw",
            "{refId: B, raw",
            "16: groups[0].rules[0].data[0].model.refId: `B` is not the step's own name `A`",
        ),
        (
            "{from: 600, to: 0}",
            "{from: 0, to: 0}",
            "13: groups[0].rules[0].data[0]: has no `relativeTimeRange`",
        ),
        (
            "{from: 600, to: 0}",
            "{from: 10m, to: 0}",
            "15: groups[0].rules[0].data[0].relativeTimeRange.from: `10m` is no whole number",
        ),
        (
            "SELECT 1",
            "SELECT $__timeGroup(time)",
            "16: groups[0].rules[0].data[0].model.rawQuery: the plugin has no macro `$__timeGroup`",
        ),
        (
            "rawQuery: SELECT 1",
            "expr: up",
            "16: groups[0].rules[0].data[0].model: has no `rawQuery`",
        ),
        (
            "format: 0",
            "format: table",
            "16: groups[0].rules[0].data[0].model.format: is a text; write a number",
        ),
        (
            "format: 0",
            "format: 2",
            "16: groups[0].rules[0].data[0].model.format: `2` is no format",
        ),
        (
            "format: 0",
            "intervalMs: 0.5",
            "16: groups[0].rules[0].data[0].model.intervalMs: `0.5` is no whole number",
        ),
        (
            "type: threshold",
            "type: sql",
            "20: groups[0].rules[0].data[1].model.type: `sql` is not known; use one of reduce, math, threshold, resample, classic_conditions",
        ),
        (
            "type: gt",
            "type: above",
            "23: groups[0].rules[0].data[1].model.conditions[0].evaluator.type: `above` is not known",
        ),
        (
            "type: gt",
            "type: no_value",
            "23: groups[0].rules[0].data[1].model.conditions[0].evaluator.type: `no_value` is not known",
        ),
        (
            "params: [0.5]",
            "params: []",
            "23: groups[0].rules[0].data[1].model.conditions[0].evaluator: has 0 limits",
        ),
        (
            "type: gt, params: [0.5]",
            "type: within_range, params: [1]",
            "23: groups[0].rules[0].data[1].model.conditions[0].evaluator: has 1 limits in `params`; this comparison needs 2",
        ),
        (
            "params: [0.5]",
            "params: [half]",
            "23: groups[0].rules[0].data[1].model.conditions[0].evaluator.params[0]: is a text; write a number",
        ),
        (
            "params: [0.5]",
            "parms: [0.5]",
            "23: groups[0].rules[0].data[1].model.conditions[0].evaluator.parms: is not a known field",
        ),
    ] {
        let text = RIGHT.replace(part, other);
        assert_ne!(text, RIGHT, "{part}");
        let told = faults(&text);
        let wanted = format!("rules.yaml:{wanted}");
        assert!(
            told.iter().any(|told| told.starts_with(&wanted)),
            "{other}: wanted {wanted}, was told {told:#?}"
        );
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let text = RIGHT
        .replace("folder: Shop", "folder: ''")
        .replace("for: 2m", "for: soon")
        .replace("type: gt", "type: above")
        .replace("apiVersion: 1\n", "apiVersion: 1\ncontacts: []\n");
    let told = faults(&text);
    let starts = [
        "rules.yaml:2: ",
        "rules.yaml:6: ",
        "rules.yaml:12: ",
        "rules.yaml:24: ",
    ];
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (told, start) in told.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}");
    }
}

#[test]
fn names_are_unique() {
    let rules = RIGHT.split_once("      - uid").unwrap().1;
    let twice = format!("{RIGHT}      - uid{rules}");
    let told = faults(&twice);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with(
            "rules.yaml:24: groups[0].rules[1]: the uid `shop-down` is there already, in line 8"
        ),
        "{told:#?}"
    );
    assert!(
        told[1].contains("the title `Shop down` is there already in the folder `Shop`"),
        "{told:#?}"
    );
    let group = RIGHT.split_once("  - orgId").unwrap().1;
    let again = group
        .replace("shop-down", "other")
        .replace("Shop down", "Other");
    let told = faults(&format!("{RIGHT}  - orgId{again}"));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with("rules.yaml:24: groups[1]: there is a group `shop`"),
        "{told:#?}"
    );
}

#[test]
fn steps_that_wait_for_each_other_are_told() {
    let text = RIGHT.replace(
        "          - refId: C\n",
        "          - {refId: X, datasourceUid: __expr__, model: {type: math, expression: $Y + 1}}\n          - {refId: Y, datasourceUid: __expr__, model: {type: math, expression: '${X} * 2'}}\n          - refId: C\n",
    );
    let told = faults(&text);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with(
            "rules.yaml:13: groups[0].rules[0].data: has steps that wait for each other: X, Y"
        ),
        "{told:#?}"
    );
}

#[test]
fn text_that_is_no_yaml_is_one_fault() {
    let told = faults("groups: [");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("rules.yaml"), "{told:?}");
    assert_eq!(
        read(Path::new("empty.yaml"), "# nothing\n", &none),
        Ok(Vec::new())
    );
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
                "        labels: {team: $__env{TEAM}, who: '{{ $$labels.x }}'}\n",
                "        annotations: {summary: '$TEAM {{ $labels.x }} $$'}\n",
            ),
        );
    let text = text.replace("SELECT 1", "SELECT $TEAM, $__timeFrom");
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

/// The expression of step C where its model is `model`.
fn expression(model: &str) -> Result<Expression, Vec<Fault>> {
    let (before, _) = RIGHT.split_once("              type: threshold").unwrap();
    let before = before.strip_suffix("            model:\n").unwrap();
    let text = format!(
        "{before}            relativeTimeRange: {{from: 600, to: 60}}\n            model: {model}\n"
    );
    let mut groups = read(Path::new("rules.yaml"), &text, &none)?;
    match groups.remove(0).rules.remove(0).steps.remove(1).kind {
        StepKind::Expression(expression) => Ok(expression),
        StepKind::Query(query) => panic!("{query:?}"),
    }
}

#[test]
fn models_of_expressions_are_read() {
    let a = || "A".to_owned();
    // As an editor leaves it behind: parts of other types stay in the model.
    let reduce = "{type: reduce, expression: $A, reducer: last, settings: {mode: replaceNN, replaceWithValue: -1}, conditions: [{evaluator: {params: [], type: gt}}], hide: false, intervalMs: 1000, maxDataPoints: 43200, datasource: {type: __expr__, uid: __expr__}}";
    assert_eq!(
        expression(reduce).unwrap(),
        Expression::Reduce {
            input: a(),
            reducer: Reducer::Last,
            mode: ReduceMode::ReplaceNonNumeric(-1.0),
        }
    );
    assert_eq!(
        expression("{type: reduce, expression: A, reducer: median, settings: {mode: dropNN}}")
            .unwrap(),
        Expression::Reduce {
            input: a(),
            reducer: Reducer::Median,
            mode: ReduceMode::DropNonNumeric,
        }
    );
    assert_eq!(
        expression("{type: math, expression: '$A > 1'}").unwrap(),
        Expression::Math {
            expression: "$A > 1".to_owned(),
        }
    );
    assert_eq!(
        expression(
            "{type: resample, expression: A, window: 1.5m, downsampler: mean, upsampler: pad}"
        )
        .unwrap(),
        Expression::Resample {
            input: a(),
            window: Duration::from_secs(90),
            downsampler: Reducer::Mean,
            upsampler: Upsampler::Pad,
            from: Duration::from_secs(600),
            to: Duration::from_secs(60),
        }
    );
    assert_eq!(
        expression("{type: threshold, expression: A, conditions: [{evaluator: {type: outside_range, params: [1, 2]}, unloadEvaluator: {type: lt, params: [0.5, 0]}}]}").unwrap(),
        Expression::Threshold {
            input: a(),
            evaluator: Evaluator {
                kind: EvaluatorKind::OutsideRange,
                first: 1.0,
                second: 2.0,
            },
            unload: Some(Evaluator {
                kind: EvaluatorKind::Less,
                first: 0.5,
                second: 0.0,
            }),
        }
    );
    let classic = "{type: classic_conditions, conditions: [{evaluator: {type: gt, params: [3]}, operator: {type: when}, query: {params: [A]}, reducer: {type: avg, params: []}, type: query}, {evaluator: {type: no_value, params: []}, operator: {type: or}, query: {params: [A]}, reducer: {type: count_non_null}}]}";
    let limit = |kind, first| Evaluator {
        kind,
        first,
        second: 0.0,
    };
    assert_eq!(
        expression(classic).unwrap(),
        Expression::ClassicConditions {
            conditions: vec![
                ClassicCondition {
                    input: a(),
                    reducer: Reducer::Mean,
                    evaluator: limit(EvaluatorKind::Greater, 3.0),
                    or: false,
                },
                ClassicCondition {
                    input: a(),
                    reducer: Reducer::CountNonNull,
                    evaluator: limit(EvaluatorKind::NoValue, 0.0),
                    or: true,
                },
            ],
        }
    );
}

#[test]
fn mistakes_in_expressions_are_told() {
    for (model, wanted) in [
        ("{type: reduce, expression: A}", "has no `reducer`"),
        (
            "{type: reduce, expression: A, reducer: avg}",
            "`avg` is not known; use one of sum, mean",
        ),
        (
            "{type: reduce, expression: A, reducer: diff}",
            "`diff` is not known",
        ),
        (
            "{type: reduce, expression: A, reducer: sum, settings: {mode: drop}}",
            "`drop` is not known",
        ),
        (
            "{type: reduce, expression: A, reducer: sum, settings: {mode: replaceNN}}",
            "has the mode `replaceNN` without a `replaceWithValue`",
        ),
        (
            "{type: reduce, expression: A, reducer: sum, settings: {mode: replaceNN, replaceWithValue: 'x'}}",
            "is a text; write a number",
        ),
        ("{type: math, expression: '$A +'}", "ends where a number"),
        (
            "{type: math, expression: '$A + $D'}",
            "there is no step `D`",
        ),
        (
            "{type: resample, expression: A, window: 0s, downsampler: mean, upsampler: pad}",
            "`0s` is no time at all",
        ),
        (
            "{type: resample, expression: A, window: 1m, downsampler: median, upsampler: pad}",
            "`median` is not known",
        ),
        (
            "{type: resample, expression: A, window: 1m, downsampler: mean, upsampler: fill}",
            "`fill` is not known",
        ),
        (
            "{type: threshold, expression: A, conditions: []}",
            "has 0 conditions; a threshold has exactly one",
        ),
        (
            "{type: classic_conditions, conditions: []}",
            "is empty; write at least one condition",
        ),
        (
            "{type: classic_conditions, conditions: [{evaluator: {type: within_range, params: [1]}, query: {params: [A]}, reducer: {type: avg}}]}",
            "has 1 limits",
        ),
        (
            "{type: classic_conditions, conditions: [{evaluator: {type: gt, params: [1]}, query: {params: []}, reducer: {type: mean}}]}",
            "has no refId in `params`",
        ),
    ] {
        let told = expression(model).unwrap_err();
        let told: Vec<String> = told.iter().map(Fault::to_string).collect();
        assert!(
            told.iter().any(|told| told.contains(wanted)),
            "{model}: wanted {wanted}, was told {told:#?}"
        );
    }
}

#[test]
fn only_the_condition_recovers_by_another_threshold_and_classic_conditions_stand_alone() {
    let step = |name: &str, model: &str| {
        format!("          - {{refId: {name}, datasourceUid: __expr__, model: {model}}}\n")
    };
    let threshold = "{type: threshold, expression: A, conditions: [{evaluator: {type: gt, params: [1]}, unloadEvaluator: {type: lt, params: [0]}}]}";
    let told = faults(&format!("{RIGHT}{}", step("D", threshold)));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("data[2]: only the condition of a rule can have a recovery threshold"),
        "{told:#?}"
    );
    let classic = |input: &str| {
        format!(
            "{{type: classic_conditions, conditions: [{{evaluator: {{type: gt, params: [1]}}, query: {{params: [{input}]}}, reducer: {{type: avg}}}}]}}"
        )
    };
    let told = faults(&format!("{RIGHT}{}", step("D", &classic("C"))));
    assert!(
        told[0].contains("`C` is an expression; a classic condition works on queries only"),
        "{told:#?}"
    );
    let on_it = step("D", &classic("A")) + &step("E", "{type: math, expression: $D}");
    let told = faults(&format!("{RIGHT}{on_it}"));
    assert!(
        told[0].contains("`D` is a classic condition, on which no other step can work"),
        "{told:#?}"
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
