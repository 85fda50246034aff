//! Files that are wrong.

use std::path::Path;

use super::{RIGHT, faults, none, read};

/// What is said of one wrong part: the place, and how the reason begins.
#[test]
fn each_mistake_is_named_with_its_place() {
    for (part, other, wanted) in [
        (
            "apiVersion: 1",
            "apiVersion: 2",
            "1: apiVersion: `2` is no version of this format; write 1",
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
    assert!(
        told[0].starts_with("rules.yaml:1: cannot be parsed: "),
        "{told:?}"
    );
    assert_eq!(
        read(Path::new("empty.yaml"), "# nothing\n", &none),
        Ok(Vec::new())
    );
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
