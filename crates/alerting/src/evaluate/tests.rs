//! Expected verdicts, texts and errors are worked out by hand from Grafana's
//! `pkg/services/ngalert/eval` and `pkg/expr/errors.go`.

use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::expression::Item;
use crate::rule::{Rule, read};
use crate::source::{Answer, Cell, Column, ColumnKind};

/// Answers each statement from a list, and keeps what it was asked.
struct Answers {
    by_sql: BTreeMap<String, Result<Answer, String>>,
    asked: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Source for Answers {
    async fn query(&self, datasource_uid: &str, sql: &str) -> Result<Answer, String> {
        let asked = (datasource_uid.to_owned(), sql.to_owned());
        self.asked.lock().unwrap().push(asked);
        match self.by_sql.get(sql) {
            Some(answer) => answer.clone(),
            None => panic!("nobody expected {sql}"),
        }
    }
}

/// Texts as labels and one number, `-` for a null.
fn table(columns: &[&str], rows: &[&[&str]]) -> Result<Answer, String> {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        kind: match *name {
            "value" => ColumnKind::Double,
            "time" => ColumnKind::Timestamp,
            "series" => ColumnKind::TimeSeries(Box::new(ColumnKind::Double)),
            _ => ColumnKind::Varchar,
        },
    };
    let cell = |text: &&str| match *text {
        "-" => Cell::Null,
        text => Cell::Scalar(text.to_owned()),
    };
    Ok(Answer {
        columns: columns.iter().map(column).collect(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(cell).collect())
            .collect(),
    })
}

/// A rule whose steps are lines such as `A timestream SELECT 1` or `B {type: math, ...}`; its
/// condition is the last one.
fn rule(steps: &[&str]) -> Rule {
    let mut data = String::new();
    let mut condition = "";
    for step in steps {
        let (name, rest) = step.split_once(' ').unwrap();
        condition = name;
        let (source, model) = match rest.strip_prefix('{') {
            Some(_) => ("__expr__", rest.to_owned()),
            None => {
                let (source, sql) = rest.split_once(' ').unwrap();
                (source, format!("{{rawQuery: '{sql}'}}"))
            }
        };
        data += &format!(
            "          - {{refId: {name}, datasourceUid: {source}, relativeTimeRange: {{from: 600, to: 0}}, model: {model}}}\n"
        );
    }
    let text = format!(
        "groups:\n  - name: g\n    folder: f\n    interval: 1m\n    rules:\n      - uid: u\n        title: t\n        condition: {condition}\n        data:\n{data}"
    );
    let mut groups = read(Path::new("rules.yaml"), &text, &|_| None).unwrap();
    groups.remove(0).rules.remove(0)
}

const AT: Timestamp = Timestamp::from_secs(1_700_000_000);

async fn evaluated(
    rule: &Rule,
    answers: &[(&str, Result<Answer, String>)],
    active: &[Labels],
) -> Evaluated {
    let answers = answers.iter();
    let source = Answers {
        by_sql: answers
            .map(|(sql, answer)| ((*sql).to_owned(), answer.clone()))
            .collect(),
        asked: Mutex::default(),
    };
    let given = Given {
        source: &source,
        defaults: &Defaults::default(),
        active: &active.iter().cloned().collect(),
        now: AT,
    };
    let evaluated = evaluate(rule, AT, &given).await;
    assert_eq!(evaluated.evaluation.at, AT);
    evaluated
}

async fn found(rule: &Rule, answers: &[(&str, Result<Answer, String>)]) -> Found {
    evaluated(rule, answers, &[]).await.evaluation.found
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn instances(found: Found) -> Vec<Instance> {
    match found {
        Found::Instances(instances) => instances,
        other => panic!("{other:?}"),
    }
}

const ABOVE_5: &str =
    "C {type: threshold, expression: A, conditions: [{evaluator: {type: gt, params: [5]}}]}";

#[tokio::test]
async fn each_row_is_an_instance() {
    let rule = rule(&["A timestream SELECT a", ABOVE_5]);
    let answer = table(
        &["tenant", "monitor_id", "value"],
        &[
            &["acme", "shop", "7.5"],
            &["acme", "blog", "5"],
            &["acme", "mail", "-"],
        ],
    );
    let instances = instances(found(&rule, &[("SELECT a", answer)]).await);
    let shop = labels(&[("tenant", "acme"), ("monitor_id", "shop")]);
    let value = |value| Value {
        labels: shop.clone(),
        value: Some(value),
    };
    assert_eq!(
        instances[0],
        Instance {
            labels: shop.clone(),
            holds: Some(true),
            values: [("A".to_owned(), value(7.5)), ("C".to_owned(), value(1.0))].into(),
            value_string: "[ var='A' labels={monitor_id=shop, tenant=acme} value=7.5 ], [ var='C' labels={monitor_id=shop, tenant=acme} value=1 ]".to_owned(),
        }
    );
    assert_eq!(instances[1].holds, Some(false));
    // A null of a number set is NaN, which is not above 5.
    assert_eq!(instances[2].holds, Some(false));
    assert_eq!(
        instances[2].value_string,
        "[ var='A' labels={monitor_id=mail, tenant=acme} value=NaN ], [ var='C' labels={monitor_id=mail, tenant=acme} value=0 ]"
    );
    assert_eq!(instances.len(), 3);
}

#[tokio::test]
async fn values_come_from_all_steps_with_related_labels() {
    let rule = rule(&[
        "A timestream SELECT a",
        "B timestream SELECT b",
        "M {type: math, expression: $A / $B * 1000000}",
        "C {type: threshold, expression: M, conditions: [{evaluator: {type: gt, params: [1]}}]}",
    ]);
    let found = found(
        &rule,
        &[
            (
                "SELECT a",
                table(&["t", "m", "value"], &[&["x", "1", "2"], &["y", "1", "3"]]),
            ),
            (
                "SELECT b",
                table(&["t", "value"], &[&["x", "4"], &["z", "4"]]),
            ),
        ],
    )
    .await;
    let instances = instances(found);
    assert_eq!(instances.len(), 1);
    assert_eq!(
        instances[0].value_string,
        "[ var='A' labels={m=1, t=x} value=2 ], [ var='B' labels={t=x} value=4 ], [ var='C' labels={m=1, t=x} value=1 ], [ var='M' labels={m=1, t=x} value=500000 ]"
    );
    assert_eq!(instances[0].values["B"].labels, labels(&[("t", "x")]));
}

#[tokio::test]
async fn of_several_related_values_the_last_one_is_the_value() {
    // The condition has no labels, so that every row of A is related to it.
    let rule = rule(&["A timestream SELECT a", "C {type: math, expression: '1'}"]);
    let answer = table(&["t", "value"], &[&["y", "3"], &["x", "2"]]);
    let instances = instances(found(&rule, &[("SELECT a", answer)]).await);
    assert_eq!(instances[0].labels, Labels::new());
    assert_eq!(
        instances[0].value_string,
        "[ var='A' labels={t=x} value=2 ], [ var='A' labels={t=y} value=3 ], [ var='C' labels={} value=1 ]"
    );
    assert_eq!(instances[0].values["A"].value, Some(3.0));
}

#[tokio::test]
async fn null_is_no_data_of_one_instance_and_nan_holds() {
    let rule = rule(&[
        "A timestream SELECT a",
        "C {type: math, expression: $A / 0 * 0}",
    ]);
    let rows = table(&["t", "value"], &[&["x", "1"]]);
    // 1 / 0 * 0 is not a number; Grafana alerts on everything but 0 and null.
    let found_nan = instances(found(&rule, &[("SELECT a", rows.clone())]).await);
    assert_eq!(found_nan[0].holds, Some(true));
    let null = self::rule(&[
        "A timestream SELECT a",
        "C {type: math, expression: $A + null()}",
    ]);
    let found_null = instances(found(&null, &[("SELECT a", rows)]).await);
    assert_eq!(found_null[0].holds, None);
    assert_eq!(
        found_null[0].value_string,
        "[ var='A' labels={t=x} value=1 ], [ var='C' labels={t=x} value=null ]"
    );
    assert_eq!(found_null[0].values["C"].value, None);
}

#[tokio::test]
async fn any_query_without_rows_is_no_data_of_the_rule() {
    let empty = || table(&["t", "value"], &[]);
    let rows = || table(&["t", "value"], &[&["x", "1"]]);
    let of = |uid: &str, ref_ids: &[&str]| Empty {
        datasource_uid: uid.to_owned(),
        ref_ids: ref_ids.iter().map(|name| (*name).to_owned()).collect(),
    };
    let one = rule(&["A timestream SELECT a", ABOVE_5]);
    assert_eq!(
        found(&one, &[("SELECT a", empty())]).await,
        Found::NoData(vec![of("timestream", &["A"])])
    );
    // Even one that the condition does not need; and one alert for each data source.
    let many = rule(&[
        "B other SELECT b",
        "D timestream SELECT d",
        "E timestream SELECT e",
        "A timestream SELECT a",
        ABOVE_5,
    ]);
    let answers = [
        ("SELECT a", rows()),
        ("SELECT b", empty()),
        ("SELECT d", empty()),
        ("SELECT e", empty()),
    ];
    assert_eq!(
        found(&many, &answers).await,
        Found::NoData(vec![of("other", &["B"]), of("timestream", &["D", "E"])])
    );
    // No time series at all is no data; time series that are all empty are not.
    let series = table(&["t", "series"], &[]);
    let reduced = rule(&[
        "A timestream SELECT a",
        "B {type: reduce, expression: A, reducer: sum}",
        "C {type: threshold, expression: B, conditions: [{evaluator: {type: gt, params: [5]}}]}",
    ]);
    assert_eq!(
        found(&reduced, &[("SELECT a", series)]).await,
        Found::NoData(vec![of("timestream", &["A"])])
    );
    let hollow = table(&["t", "series"], &[&["x", "-"]]);
    let instances = instances(found(&reduced, &[("SELECT a", hollow)]).await);
    assert_eq!(instances[0].holds, Some(false));
}

#[tokio::test]
async fn a_condition_that_comes_to_nothing_is_no_data_without_a_source() {
    let rule = rule(&[
        "A timestream SELECT a",
        "B timestream SELECT b",
        "C {type: math, expression: $A + $B}",
    ]);
    let answers = [
        (
            "SELECT a",
            table(&["t", "value"], &[&["x", "1"], &["y", "1"]]),
        ),
        ("SELECT b", table(&["t", "value"], &[&["z", "1"]])),
    ];
    assert_eq!(found(&rule, &answers).await, Found::NoData(Vec::new()));
}

#[tokio::test]
async fn errors_are_grafanas_and_name_the_step() {
    let error = |message: &str, at: Option<(&str, &str)>| Found::Error {
        message: message.to_owned(),
        ref_id: at.map(|(ref_id, _)| ref_id.to_owned()),
        datasource_uid: at.map(|(_, uid)| uid.to_owned()),
    };
    let one = rule(&["A timestream SELECT a", ABOVE_5]);
    let refused = Err("ThrottlingException: slow down".to_owned());
    assert_eq!(
        found(&one, &[("SELECT a", refused.clone())]).await,
        error(
            "[sse.dataQueryError] failed to execute query [A]: ThrottlingException: slow down",
            Some(("A", "timestream"))
        )
    );
    let long = table(
        &["time", "t", "value"],
        &[&["2026-11-22 07:00:00", "x", "1"]],
    );
    assert_eq!(
        found(&one, &[("SELECT a", long)]).await,
        error(
            "[sse.readDataError] [A] got error: input data must be a wide series but got type long (input refid)",
            Some(("A", "timestream"))
        )
    );
    // The failure of a query goes through all steps that wait for it; the first one is told.
    let chain = rule(&[
        "A timestream SELECT a",
        "B {type: reduce, expression: A, reducer: last}",
        "C {type: threshold, expression: B, conditions: [{evaluator: {type: gt, params: [5]}}]}",
    ]);
    let found_chain = found(&chain, &[("SELECT a", refused.clone())]).await;
    assert_eq!(
        found_chain,
        error(
            "[sse.dataQueryError] failed to execute query [A]: ThrottlingException: slow down",
            Some(("A", "timestream"))
        )
    );
    // An expression that fails has no data source to blame.
    let scalar = rule(&[
        "A {type: math, expression: '1'}",
        "C {type: reduce, expression: A, reducer: last}",
    ]);
    assert_eq!(
        found(&scalar, &[]).await,
        error("can only reduce type series, got type scalar", None)
    );
    // What fails without the condition needing it gave nothing: no data, not an error.
    let aside = rule(&["B timestream SELECT b", "A timestream SELECT a", ABOVE_5]);
    let rows = table(&["t", "value"], &[&["x", "7"]]);
    assert_eq!(
        found(&aside, &[("SELECT a", rows), ("SELECT b", refused)]).await,
        Found::NoData(vec![Empty {
            datasource_uid: "timestream".to_owned(),
            ref_ids: vec!["B".to_owned()],
        }])
    );
}

#[tokio::test]
async fn series_and_equal_labels_cannot_be_alerted_on() {
    let message = |found: Found| match found {
        Found::Error { message, .. } => message,
        other => panic!("{other:?}"),
    };
    let rule = rule(&["A timestream SELECT a", ABOVE_5]);
    let wide = table(&["time", "value"], &[&["2026-11-22 07:00:00", "1"]]);
    assert_eq!(
        message(found(&rule, &[("SELECT a", wide)]).await),
        "invalid format of evaluation results for the alert definition C: looks like time series data, only reduced data can be alerted on."
    );
    let twice = table(&["t", "value"], &[&["x", "1"], &["x", "2"]]);
    assert_eq!(
        message(found(&rule, &[("SELECT a", twice)]).await),
        "invalid format of evaluation results for the alert definition : frame cannot uniquely be identified by its labels: has duplicate results with labels {t=x}"
    );
}

#[tokio::test]
async fn what_is_active_recovers_by_the_second_threshold() {
    let rule = rule(&[
        "A timestream SELECT a",
        "C {type: threshold, expression: A, conditions: [{evaluator: {type: gt, params: [10]}, unloadEvaluator: {type: lt, params: [5]}}]}",
    ]);
    let answers = [(
        "SELECT a",
        table(&["t", "value"], &[&["x", "7"], &["y", "7"]]),
    )];
    let x = labels(&[("t", "x")]);
    let found = evaluated(&rule, &answers, std::slice::from_ref(&x))
        .await
        .evaluation
        .found;
    let holding: Vec<(String, Option<bool>)> = instances(found)
        .into_iter()
        .map(|instance| (instance.labels["t"].clone(), instance.holds))
        .collect();
    assert_eq!(
        holding,
        [("y".to_owned(), Some(false)), ("x".to_owned(), Some(true))]
    );
}

#[tokio::test]
async fn classic_conditions_tell_what_they_matched() {
    let rule = rule(&[
        "A timestream SELECT a",
        "C {type: classic_conditions, conditions: [{evaluator: {type: gt, params: [3]}, query: {params: [A]}, reducer: {type: last}}]}",
    ]);
    let answer = table(&["t", "value"], &[&["x", "7"], &["y", "1"], &["z", "8.5"]]);
    let instances = instances(found(&rule, &[("SELECT a", answer)]).await);
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0].labels, Labels::new());
    assert_eq!(instances[0].holds, Some(true));
    assert_eq!(
        instances[0].value_string,
        "[ var='C0' metric='value' labels={t=x} value=7 ], [ var='C1' metric='value' labels={t=z} value=8.5 ]"
    );
    assert_eq!(instances[0].values["C1"].value, Some(8.5));
}

#[tokio::test]
async fn the_trace_tells_every_step() {
    let rule = rule(&[
        "C {type: math, expression: $A + $B}",
        "A timestream SELECT $__timeFrom",
        "B timestream SELECT b",
    ]);
    let mut rule = rule;
    rule.condition = "C".to_owned();
    let answers = [
        (
            "SELECT 1699999400000",
            table(&["t", "value"], &[&["x", "1"], &["y", "2"]]),
        ),
        ("SELECT b", table(&["t", "value"], &[&["x", "1"]])),
    ];
    let trace = evaluated(&rule, &answers, &[]).await.trace;
    let names: Vec<&str> = trace
        .steps
        .iter()
        .map(|step| step.ref_id.as_str())
        .collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!(
        trace.steps[0].action,
        Action::Query {
            datasource_uid: "timestream".to_owned(),
            from: Timestamp::from_secs(1_699_999_400),
            to: AT,
            sql: "SELECT 1699999400000".to_owned(),
        }
    );
    assert_eq!(trace.steps[0].frames[0].rows(), 2);
    assert_eq!(
        trace.steps[2].action,
        Action::Expression("$A + $B".to_owned())
    );
    assert_eq!(
        trace.steps[2].notices,
        ["1 items of $A found no partner in \"$A + $B\": {t=y}"]
    );
    let Ok([Item::Number(sum)]) = trace.steps[2].outcome.as_deref() else {
        panic!("{:?}", trace.steps[2].outcome)
    };
    assert_eq!(sum.value, Some(2.0));
    let refused = Err("no".to_owned());
    let answers = [("SELECT 1699999400000", refused), answers[1].clone()];
    let trace = evaluated(&rule, &answers, &[]).await.trace;
    assert_eq!(
        trace.steps[2].outcome,
        Err("[sse.dependencyError] did not execute expression [C] due to a failure of the dependent expression or query [A]".to_owned())
    );
}
