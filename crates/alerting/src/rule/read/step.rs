//! The steps of a rule (`data[]`), and whether they fit together (`pkg/expr/graph.go`).

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::Context;
use super::{expression, query};
use crate::document::{Map, Node};
use crate::expression::{Cycle, inputs, order};
use crate::rule::{Expression, Step, StepKind};

/// What stands for the data source of an expression; the second is the older one.
const EXPRESSIONS: [&str; 2] = ["__expr__", "-100"];

/// Ranges of more than this are mistakes: no store reaches back further.
const LONGEST_RANGE_SECONDS: i64 = 100 * 366 * 86_400;

/// The range of time of a step, as distances from the evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Duration,
    pub(super) to: Duration,
}

pub(super) fn steps(
    map: &mut Map<'_>,
    condition: Option<&str>,
    context: &mut Context<'_>,
) -> Vec<Step> {
    let Some(list) = map.required("data", &mut context.faults) else {
        return Vec::new();
    };
    let nodes = list.list(&mut context.faults);
    if nodes.is_empty() {
        context.fault(&list, "has no steps; write a query and an expression");
    }
    let complete = nodes.len();
    let mut steps: Vec<(Node<'_>, Step)> = Vec::new();
    for node in nodes {
        if let Some(step) = step(&node, context) {
            steps.push((node, step));
        }
    }
    if steps.len() == complete {
        if let (Some(condition), Some(node)) = (condition, map.get("condition")) {
            known_condition(condition, &node, &steps, context);
        }
        fit(condition, &steps, context);
    }
    let steps: Vec<Step> = steps.into_iter().map(|(_, step)| step).collect();
    if let Err(Cycle(names)) = order(&steps) {
        let names = names.join(", ");
        let reason = format!("has steps that wait for each other: {names}; break the circle");
        context.fault(&list, reason);
    }
    steps
}

fn step(node: &Node<'_>, context: &mut Context<'_>) -> Option<Step> {
    let mut map = node.map(&mut context.faults)?;
    let ref_id = context.required_text("refId", &mut map);
    let _query_type = context.optional_text("queryType", &mut map);
    let datasource = context.required_text("datasourceUid", &mut map);
    let range = map
        .get("relativeTimeRange")
        .and_then(|node| range(&node, context));
    let model = map.required("model", &mut context.faults);
    map.finish(&mut context.faults);
    let (ref_id, datasource, model) = (ref_id?, datasource?, model?);
    let mut fields = model.map(&mut context.faults)?;
    same_ref_id(&ref_id, &mut fields, context);
    let kind = if EXPRESSIONS.contains(&datasource.as_str()) {
        let range = range.unwrap_or_default();
        expression::read(&mut fields, range, context).map(StepKind::Expression)
    } else {
        let range = bounded(range, node, context);
        query::read(datasource, &mut fields, range, context).map(StepKind::Query)
    };
    fields.finish(&mut context.faults);
    Some(Step {
        ref_id,
        kind: kind?,
        place: context.place(node),
    })
}

/// A model repeats the name of its step, if anything.
fn same_ref_id(ref_id: &str, model: &mut Map<'_>, context: &mut Context<'_>) {
    let Some(node) = model.get("refId") else {
        return;
    };
    match node.text(&mut context.faults) {
        Some(name) if name != ref_id => {
            let reason = format!("`{name}` is not the step's own name `{ref_id}`; make them equal");
            context.fault(&node, reason);
        }
        _ => {}
    }
}

fn range(node: &Node<'_>, context: &mut Context<'_>) -> Option<Range> {
    let mut map = node.map(&mut context.faults)?;
    let mut seconds = |name, context: &mut Context<'_>| {
        let node = map.get(name)?;
        let seconds = context.whole(&node, 0..=LONGEST_RANGE_SECONDS)?;
        Some(Duration::from_secs(seconds.unsigned_abs()))
    };
    let from = seconds("from", context);
    let to = seconds("to", context);
    map.finish(&mut context.faults);
    Some(Range {
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
    })
}

/// A query needs a range that begins before it ends.
fn bounded(range: Option<Range>, node: &Node<'_>, context: &mut Context<'_>) -> Range {
    let range = range.unwrap_or_default();
    if range.from <= range.to {
        let reason = "has no `relativeTimeRange` whose `from` is larger than its `to`; write the seconds before the evaluation, such as {from: 600, to: 0}";
        context.fault(node, reason);
    }
    range
}

fn known_condition(
    condition: &str,
    node: &Node<'_>,
    steps: &[(Node<'_>, Step)],
    context: &mut Context<'_>,
) {
    if !steps.iter().any(|(_, step)| step.ref_id == condition) {
        let reason = format!(
            "there is no step `{condition}`; use one of {}",
            names(steps)
        );
        context.fault(node, reason);
    }
}

fn names(steps: &[(Node<'_>, Step)]) -> String {
    let names: Vec<&str> = steps.iter().map(|(_, step)| step.ref_id.as_str()).collect();
    names.join(", ")
}

/// Each name once, and inputs that exist and may be inputs.
fn fit(condition: Option<&str>, steps: &[(Node<'_>, Step)], context: &mut Context<'_>) {
    let mut by_name: BTreeMap<&str, &Step> = BTreeMap::new();
    for (node, step) in steps {
        if by_name.insert(&step.ref_id, step).is_some() {
            let reason = format!("`{}` is the refId of two steps; rename one", step.ref_id);
            context.fault(node, reason);
        }
    }
    for (node, step) in steps {
        for input in inputs(step) {
            if input == step.ref_id {
                context.fault(
                    node,
                    format!("`{input}` works on itself; name another step"),
                );
                continue;
            }
            match by_name.get(input.as_str()) {
                None => {
                    let reason = format!("there is no step `{input}`; use one of {}", names(steps));
                    context.fault(node, reason);
                }
                Some(other) => {
                    if let Some(reason) = misfit(step, other) {
                        context.fault(node, reason);
                    }
                }
            }
        }
        let recovers = matches!(
            &step.kind,
            StepKind::Expression(Expression::Threshold {
                unload: Some(_),
                ..
            })
        );
        if recovers && condition.is_some_and(|condition| condition != step.ref_id) {
            let reason =
                "only the condition of a rule can have a recovery threshold (`unloadEvaluator`)";
            context.fault(node, reason);
        }
    }
}

/// Classic conditions work on queries only, and nothing works on them.
fn misfit(step: &Step, input: &Step) -> Option<String> {
    let classic = |step: &Step| {
        matches!(
            step.kind,
            StepKind::Expression(Expression::ClassicConditions { .. })
        )
    };
    let name = &input.ref_id;
    if classic(input) {
        return Some(format!(
            "`{name}` is a classic condition, on which no other step can work"
        ));
    }
    let query = matches!(input.kind, StepKind::Query(_));
    (classic(step) && !query)
        .then(|| format!("`{name}` is an expression; a classic condition works on queries only"))
}
