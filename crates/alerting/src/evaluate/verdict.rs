//! From what the steps gave to what the rule finds (`pkg/services/ngalert/eval/eval.go`,
//! `captures.go`, `extract_md.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::run::{Errors, Failure};
use super::{Empty, Found, Instance, Labels, Value};
use crate::expression::{Inputs, Item, Match, Related, labels_text};
use crate::number;
use crate::rule::{Rule, StepKind};

/// What all steps gave, by their refIds.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) items: Inputs,
    /// What classic conditions found.
    pub(super) matches: BTreeMap<String, Vec<Match>>,
    pub(super) errors: Errors,
}

/// What the rule finds: the error that its condition ends on; else no data where any query of it
/// came back empty, whether the condition needs that query or not; else a verdict for each item of
/// the condition.
pub(super) fn found(rule: &Rule, results: &Results) -> Found {
    if let Some(error) = condition_error(rule, results) {
        return error;
    }
    let empty = empty_sources(rule, results);
    if !empty.is_empty() {
        return Found::NoData(empty);
    }
    let items = results.items.get(&rule.condition);
    match items.map(Vec::as_slice) {
        None | Some([]) => Found::NoData(Vec::new()),
        Some(items) => instances(rule, results, items),
    }
}

/// An error without a step to blame.
pub(super) fn broken(message: String) -> Found {
    Found::Error {
        message,
        ref_id: None,
        datasource_uid: None,
    }
}

/// The error of the condition; where it only failed because of another step, that of the other.
fn condition_error(rule: &Rule, results: &Results) -> Option<Found> {
    let mut ref_id = &rule.condition;
    let mut failure = results.errors.get(ref_id)?;
    while let Failure::Dependency(on) = failure {
        let Some(cause) = results.errors.get(on) else {
            break;
        };
        ref_id = on;
        failure = cause;
    }
    // Grafana labels the alert with the step only where the data source is at fault.
    let source = match failure {
        Failure::Query(_) | Failure::Conversion(_) => datasource_of(rule, ref_id),
        Failure::Dependency(_) | Failure::Expression(_) => None,
    };
    Some(Found::Error {
        message: failure.message(ref_id),
        ref_id: source.is_some().then(|| ref_id.clone()),
        datasource_uid: source,
    })
}

fn datasource_of(rule: &Rule, ref_id: &str) -> Option<String> {
    rule.steps.iter().find_map(|step| match &step.kind {
        StepKind::Query(query) if step.ref_id == *ref_id => Some(query.datasource_uid.clone()),
        _ => None,
    })
}

/// The data sources whose queries gave nothing at all, sorted. A query that failed without the
/// condition needing it gave nothing, either.
fn empty_sources(rule: &Rule, results: &Results) -> Vec<Empty> {
    let mut empty: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for step in &rule.steps {
        let StepKind::Query(query) = &step.kind else {
            continue;
        };
        let items = results.items.get(&step.ref_id).map(Vec::as_slice);
        if matches!(items, None | Some([] | [Item::NoData])) {
            let ref_ids = empty.entry(query.datasource_uid.as_str()).or_default();
            ref_ids.push(step.ref_id.clone());
        }
    }
    let sources = empty.into_iter().map(|(datasource_uid, mut ref_ids)| {
        ref_ids.sort();
        Empty {
            datasource_uid: datasource_uid.to_owned(),
            ref_ids,
        }
    });
    sources.collect()
}

/// A verdict for each item of the condition. Items have to be single values with different labels.
fn instances(rule: &Rule, results: &Results, items: &[Item]) -> Found {
    let mut seen = BTreeSet::new();
    for item in items {
        if let Item::Series(_) = item {
            return broken(format!(
                "invalid format of evaluation results for the alert definition {}: looks like time series data, only reduced data can be alerted on.",
                rule.condition
            ));
        }
        if !seen.insert(item.labels()) {
            return broken(format!(
                "invalid format of evaluation results for the alert definition : frame cannot uniquely be identified by its labels: has duplicate results with labels {{{}}}",
                labels_text(item.labels())
            ));
        }
    }
    let matches = results.matches.get(&rule.condition);
    let mut captures = matches.is_none().then(|| captures(results));
    let instances = items.iter().map(|item| {
        let value = match item {
            Item::Scalar(value) => *value,
            Item::Number(number) => number.value,
            Item::NoData | Item::Series(_) => None,
        };
        let (values, value_string) = match (&mut captures, matches) {
            // What is no data has no field to carry values.
            _ if *item == Item::NoData => (BTreeMap::new(), String::new()),
            (Some(captures), _) => of_captures(captures, item.labels()),
            (None, matches) => of_matches(&rule.condition, matches.map_or(&[], Vec::as_slice)),
        };
        Instance {
            labels: item.labels().clone(),
            holds: value.map(|value| value != 0.0),
            values,
            value_string,
        }
    });
    Found::Instances(instances.collect())
}

/// The single values that one step gave.
struct Captured<'r> {
    ref_id: &'r str,
    values: Vec<(&'r Labels, Option<f64>)>,
    exact: BTreeMap<&'r Labels, usize>,
    related: Related<'r>,
}

/// The single values of all steps, by refId.
fn captures(results: &Results) -> Vec<Captured<'_>> {
    let mut captures = Vec::new();
    for (ref_id, items) in &results.items {
        // Of equal labels the last value stays.
        let mut by_labels: BTreeMap<&Labels, Option<f64>> = BTreeMap::new();
        for item in items {
            match item {
                Item::Scalar(value) => by_labels.insert(item.labels(), *value),
                Item::Number(number) => by_labels.insert(item.labels(), number.value),
                Item::NoData | Item::Series(_) => None,
            };
        }
        let mut values: Vec<(&Labels, Option<f64>)> = by_labels.into_iter().collect();
        values.sort_by_cached_key(|(labels, _)| labels_text(labels));
        let labels = values.iter().enumerate();
        captures.push(Captured {
            ref_id,
            exact: labels
                .map(|(index, (labels, _))| (*labels, index))
                .collect(),
            related: Related::new(values.iter().map(|(labels, _)| *labels)),
            values,
        });
    }
    captures
}

/// The values that belong to `labels`: of each step the one with these very labels, else all with
/// fewer or more of them.
fn of_captures<'r>(
    captures: &mut [Captured<'r>],
    labels: &'r Labels,
) -> (BTreeMap<String, Value>, String) {
    let mut values = BTreeMap::new();
    let mut texts = Vec::new();
    for captured in captures {
        let found = match captured.exact.get(labels) {
            Some(index) => vec![*index],
            None => captured.related.to(labels),
        };
        for index in found {
            let (labels, value) = captured.values[index];
            texts.push(format!(
                "[ var='{}' labels={{{}}} value={} ]",
                captured.ref_id,
                labels_text(labels),
                value_text(value)
            ));
            let value = Value {
                labels: labels.clone(),
                value,
            };
            values.insert(captured.ref_id.to_owned(), value);
        }
    }
    (values, texts.join(", "))
}

/// What classic conditions found, by the refId and the number of the match.
fn of_matches(ref_id: &str, matches: &[Match]) -> (BTreeMap<String, Value>, String) {
    let mut values = BTreeMap::new();
    let mut texts = Vec::new();
    for (index, found) in matches.iter().enumerate() {
        texts.push(format!(
            "[ var='{ref_id}{index}' metric='{}' labels={{{}}} value={} ]",
            found.metric,
            labels_text(&found.labels),
            value_text(found.value)
        ));
        let value = Value {
            labels: found.labels.clone(),
            value: found.value,
        };
        values.insert(format!("{ref_id}{index}"), value);
    }
    (values, texts.join(", "))
}

fn value_text(value: Option<f64>) -> String {
    value.map_or_else(|| "null".to_owned(), number::format)
}
