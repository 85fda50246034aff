//! Works out the steps of a rule, one after the other.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;

use super::verdict::{self, Results};
use super::{Action, Evaluated, Evaluation, Given, StepTrace, Trace};
use crate::expression::{self, Cycle, Inputs};
use crate::frame;
use crate::macros;
use crate::rule::{Expression, Query, Rule, StepKind};

/// Evaluates `rule` as of the instant `at`, where the ranges of its queries end. Whatever fails is
/// part of what it finds.
pub async fn evaluate(rule: &Rule, at: Timestamp, given: &Given<'_>) -> Evaluated {
    let mut trace = Trace::default();
    let mut results = Results::default();
    let steps = match expression::order(&rule.steps) {
        Ok(steps) => steps,
        Err(Cycle(names)) => {
            let found = verdict::broken(format!(
                "the steps {} wait for each other",
                names.join(", ")
            ));
            let evaluation = Evaluation { at, found };
            return Evaluated { evaluation, trace };
        }
    };
    for step in steps {
        let done = match &step.kind {
            StepKind::Query(query) => ask(query, at, given).await,
            StepKind::Expression(expression) => {
                let needed = expression::inputs(step);
                let failed = needed
                    .iter()
                    .find(|name| results.errors.contains_key(*name));
                match failed {
                    Some(name) => Done {
                        action: Action::Expression(expression.to_string()),
                        frames: Vec::new(),
                        outcome: Err(Failure::Dependency(name.clone())),
                    },
                    None => work(expression, &results.items, at, given),
                }
            }
        };
        let (notices, outcome) = match done.outcome {
            Ok(gave) => {
                let shown = gave.items.clone();
                results.items.insert(step.ref_id.clone(), gave.items);
                if let Some(matches) = gave.matches {
                    results.matches.insert(step.ref_id.clone(), matches);
                }
                (gave.notices, Ok(shown))
            }
            Err(failure) => {
                let message = failure.message(&step.ref_id);
                results.errors.insert(step.ref_id.clone(), failure);
                (Vec::new(), Err(message))
            }
        };
        trace.steps.push(StepTrace {
            ref_id: step.ref_id.clone(),
            action: done.action,
            frames: done.frames,
            notices,
            outcome,
        });
    }
    let found = verdict::found(rule, &results);
    let evaluation = Evaluation { at, found };
    Evaluated { evaluation, trace }
}

/// What a step did.
struct Done {
    action: Action,
    frames: Vec<frame::Frame>,
    outcome: Result<expression::Given, Failure>,
}

/// Why a step gave nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Failure {
    /// The data source or its plugin failed.
    Query(String),
    /// The answer has a shape that expressions cannot use.
    Conversion(String),
    /// A step that it needs failed; its refId.
    Dependency(String),
    /// The expression failed.
    Expression(String),
}

impl Failure {
    /// The text of Grafana's error (`pkg/expr/errors.go`), with its id in brackets where it has
    /// one.
    pub(super) fn message(&self, ref_id: &str) -> String {
        match self {
            Failure::Query(error) => {
                format!("[sse.dataQueryError] failed to execute query [{ref_id}]: {error}")
            }
            Failure::Conversion(error) => {
                format!("[sse.readDataError] [{ref_id}] got error: {error}")
            }
            Failure::Dependency(on) => format!(
                "[sse.dependencyError] did not execute expression [{ref_id}] due to a failure of the dependent expression or query [{on}]"
            ),
            Failure::Expression(error) => error.clone(),
        }
    }
}

async fn ask(query: &Query, at: Timestamp, given: &Given<'_>) -> Done {
    let sql = macros::replace(query, given.defaults, at, given.now);
    let answer = given.source.query(&query.datasource_uid, &sql).await;
    let action = Action::Query {
        datasource_uid: query.datasource_uid.clone(),
        from: at.minus(query.from),
        to: at.minus(query.to),
        sql,
    };
    let made = match answer {
        Ok(answer) => frame::of_answer(&answer, query.format),
        Err(error) => Err(error),
    };
    match made {
        Err(error) => Done {
            action,
            frames: Vec::new(),
            outcome: Err(Failure::Query(error)),
        },
        Ok(made) => {
            let items = frame::items(&made.frames).map_err(Failure::Conversion);
            Done {
                action,
                frames: made.frames,
                outcome: items.map(|items| expression::Given {
                    items,
                    notices: made.notices,
                    matches: None,
                }),
            }
        }
    }
}

fn work(expression: &Expression, inputs: &Inputs, at: Timestamp, given: &Given<'_>) -> Done {
    let outcome = expression::run(expression, inputs, at, given.active);
    Done {
        action: Action::Expression(expression.to_string()),
        frames: Vec::new(),
        outcome: outcome.map_err(Failure::Expression),
    }
}

/// The errors of steps, by their refIds.
pub(super) type Errors = BTreeMap<String, Failure>;
