//! The models of expressions (`pkg/expr/commands.go`, `threshold.go`, `classic/classic.go`).
//! Grafana replaces no variables in them.

use std::time::Duration;

use super::context::Context;
use super::duration::of_window;
use super::evaluator::{Within, evaluator};
use super::step::Range;
use crate::document::{Map, Node};
use crate::expression::check_math;
use crate::rule::{ClassicCondition, Evaluator, Expression, ReduceMode, Reducer, Upsampler};

/// What editors leave in the models of all types, whether it is of use there or not.
const COMMON: [&str; 12] = [
    "type",
    "datasource",
    "hide",
    "intervalMs",
    "maxDataPoints",
    "expression",
    "conditions",
    "reducer",
    "settings",
    "window",
    "downsampler",
    "upsampler",
];

const REDUCERS: [(&str, Reducer); 7] = [
    ("sum", Reducer::Sum),
    ("mean", Reducer::Mean),
    ("min", Reducer::Min),
    ("max", Reducer::Max),
    ("count", Reducer::Count),
    ("last", Reducer::Last),
    ("median", Reducer::Median),
];

const DOWNSAMPLERS: [(&str, Reducer); 5] = [
    ("sum", Reducer::Sum),
    ("mean", Reducer::Mean),
    ("min", Reducer::Min),
    ("max", Reducer::Max),
    ("last", Reducer::Last),
];

const UPSAMPLERS: [(&str, Upsampler); 3] = [
    ("pad", Upsampler::Pad),
    ("backfilling", Upsampler::BackFill),
    ("fillna", Upsampler::FillNa),
];

const CLASSIC_REDUCERS: [(&str, Reducer); 12] = [
    ("avg", Reducer::Mean),
    ("sum", Reducer::Sum),
    ("min", Reducer::Min),
    ("max", Reducer::Max),
    ("count", Reducer::Count),
    ("last", Reducer::Last),
    ("median", Reducer::Median),
    ("diff", Reducer::Diff),
    ("diff_abs", Reducer::DiffAbs),
    ("percent_diff", Reducer::PercentDiff),
    ("percent_diff_abs", Reducer::PercentDiffAbs),
    ("count_non_null", Reducer::CountNonNull),
];

#[derive(Clone, Copy)]
enum Type {
    Reduce,
    Math,
    Threshold,
    Resample,
    Classic,
}

const TYPES: [(&str, Type); 5] = [
    ("reduce", Type::Reduce),
    ("math", Type::Math),
    ("threshold", Type::Threshold),
    ("resample", Type::Resample),
    ("classic_conditions", Type::Classic),
];

pub(super) fn read(
    map: &mut Map<'_>,
    range: Range,
    context: &mut Context<'_>,
) -> Option<Expression> {
    for name in COMMON {
        let _known = map.get(name);
    }
    let kind = map
        .required("type", &mut context.faults)?
        .choice(&TYPES, &mut context.faults)?;
    match kind {
        Type::Reduce => {
            let input = input(map, context);
            let reducer = choice("reducer", &REDUCERS, map, context);
            let mode = mode(map, context);
            Some(Expression::Reduce {
                input: input?,
                reducer: reducer?,
                mode: mode?,
            })
        }
        Type::Math => math(map, context),
        Type::Threshold => threshold(map, context),
        Type::Resample => {
            let input = input(map, context);
            let window = window(map, context);
            let downsampler = choice("downsampler", &DOWNSAMPLERS, map, context);
            let upsampler = choice("upsampler", &UPSAMPLERS, map, context);
            Some(Expression::Resample {
                input: input?,
                window: window?,
                downsampler: downsampler?,
                upsampler: upsampler?,
                from: range.from,
                to: range.to,
            })
        }
        Type::Classic => classic(map, context),
    }
}

/// The step that an expression works on, with or without a dollar.
fn input(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<String> {
    let node = map.required("expression", &mut context.faults)?;
    let name = node.word(&mut context.faults)?;
    Some(name.strip_prefix('$').unwrap_or(&name).to_owned())
}

fn choice<T: Copy>(
    name: &'static str,
    choices: &[(&'static str, T)],
    map: &mut Map<'_>,
    context: &mut Context<'_>,
) -> Option<T> {
    let node = map.required(name, &mut context.faults)?;
    node.choice(choices, &mut context.faults)
}

fn mode(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<ReduceMode> {
    let Some(node) = map.get("settings") else {
        return Some(ReduceMode::Strict);
    };
    let mut settings = node.map(&mut context.faults)?;
    let mode = settings.get("mode").map(|node| {
        let modes = [("", "strict"), ("dropNN", "drop"), ("replaceNN", "replace")];
        node.choice(&modes, &mut context.faults)
    });
    let other = settings
        .get("replaceWithValue")
        .map(|node| node.number(&mut context.faults));
    settings.finish(&mut context.faults);
    match mode {
        None | Some(Some("strict")) => Some(ReduceMode::Strict),
        Some(Some("drop")) => Some(ReduceMode::DropNonNumeric),
        Some(Some(_)) => {
            if other.is_none() {
                let reason = "has the mode `replaceNN` without a `replaceWithValue`; write one";
                context.fault(&node, reason);
            }
            other?.map(ReduceMode::ReplaceNonNumeric)
        }
        Some(None) => None,
    }
}

fn math(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<Expression> {
    let node = map.required("expression", &mut context.faults)?;
    let expression = node.word(&mut context.faults)?;
    if let Err(reason) = check_math(&expression) {
        context.fault(&node, reason);
        return None;
    }
    Some(Expression::Math { expression })
}

fn threshold(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<Expression> {
    let input = map
        .required("expression", &mut context.faults)
        .and_then(|node| node.word(&mut context.faults));
    let list = map.required("conditions", &mut context.faults)?;
    let conditions = list.list(&mut context.faults);
    let [condition] = conditions.as_slice() else {
        let reason = format!(
            "has {} conditions; a threshold has exactly one",
            conditions.len()
        );
        context.fault(&list, reason);
        return None;
    };
    let mut condition = condition.map(&mut context.faults)?;
    let load = one_evaluator(&mut condition, Within::Threshold, context);
    let unload = condition
        .get("unloadEvaluator")
        .map(|node| evaluator(&node, Within::Threshold, context));
    // Of the editor, and of Grafana itself while it evaluates.
    for name in [
        "operator",
        "query",
        "reducer",
        "type",
        "id",
        "loadedDimensions",
    ] {
        let _known = condition.get(name);
    }
    condition.finish(&mut context.faults);
    let unload = match unload {
        None => None,
        Some(read) => Some(read?),
    };
    Some(Expression::Threshold {
        input: input?,
        evaluator: load?,
        unload,
    })
}

fn one_evaluator(
    condition: &mut Map<'_>,
    within: Within,
    context: &mut Context<'_>,
) -> Option<Evaluator> {
    let node = condition.required("evaluator", &mut context.faults)?;
    evaluator(&node, within, context)
}

fn window(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<Duration> {
    let node = map.required("window", &mut context.faults)?;
    let text = node.word(&mut context.faults)?;
    match of_window(&text) {
        Ok(window) if !window.is_zero() => Some(window),
        Ok(_) => {
            context.fault(
                &node,
                format!("`{text}` is no time at all; write a longer one"),
            );
            None
        }
        Err(reason) => {
            context.fault(&node, reason);
            None
        }
    }
}

fn classic(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<Expression> {
    let list = map.required("conditions", &mut context.faults)?;
    let nodes = list.list(&mut context.faults);
    if nodes.is_empty() {
        context.fault(&list, "is empty; write at least one condition");
    }
    let mut conditions = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        conditions.push(classic_condition(node, index == 0, context));
    }
    let conditions: Option<Vec<ClassicCondition>> = conditions.into_iter().collect();
    Some(Expression::ClassicConditions {
        conditions: conditions?,
    })
}

fn classic_condition(
    node: &Node<'_>,
    first: bool,
    context: &mut Context<'_>,
) -> Option<ClassicCondition> {
    let mut map = node.map(&mut context.faults)?;
    let evaluator = one_evaluator(&mut map, Within::Classic, context);
    let reducer = map
        .required("reducer", &mut context.faults)
        .and_then(|node| {
            let mut reducer = node.map(&mut context.faults)?;
            let _unused = reducer.get("params");
            let kind = choice("type", &CLASSIC_REDUCERS, &mut reducer, context);
            reducer.finish(&mut context.faults);
            kind
        });
    let input = map.required("query", &mut context.faults).and_then(|node| {
        let mut query = node.map(&mut context.faults)?;
        let params = query.list("params", &mut context.faults);
        query.finish(&mut context.faults);
        let Some(first) = params.first() else {
            context.fault(&node, "has no refId in `params`; write one");
            return None;
        };
        first.word(&mut context.faults)
    });
    // That of the first condition joins it to nothing, and editors leave it as it is.
    let or = match map.get("operator") {
        Some(node) => operator(&node, first, context),
        None if first => Some(false),
        None => {
            context.fault(node, "has no `operator`; write {type: and} or {type: or}");
            None
        }
    };
    for name in ["type", "id"] {
        let _known = map.get(name);
    }
    map.finish(&mut context.faults);
    Some(ClassicCondition {
        input: input?,
        reducer: reducer?,
        evaluator: evaluator?,
        or: or?,
    })
}

fn operator(node: &Node<'_>, first: bool, context: &mut Context<'_>) -> Option<bool> {
    let mut map = node.map(&mut context.faults)?;
    let kind = map.get("type");
    map.finish(&mut context.faults);
    match kind {
        _ if first => Some(false),
        Some(kind) => kind.choice(&[("and", false), ("or", true)], &mut context.faults),
        None => {
            context.fault(node, "has no `type`; write and, or or");
            None
        }
    }
}
