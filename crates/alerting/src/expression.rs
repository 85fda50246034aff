//! Grafana's server-side expressions, after its `pkg/expr`. Each takes what other steps gave and
//! gives items: numbers or series with labels, one number without, or no data.

mod classic;
mod comparison;
mod item;
mod labels;
mod math;
mod order;
mod reduce;
mod resample;
mod threshold;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::rule::Expression;

pub(crate) use classic::Match;
pub use item::{Item, Number, Series};
pub(crate) use labels::{Related, text as labels_text};
pub(crate) use math::check as check_math;
pub(crate) use order::{Cycle, inputs, order};

/// What the steps before gave, by their refIds.
pub(crate) type Inputs = BTreeMap<String, Vec<Item>>;

/// What an expression gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Given {
    /// The items.
    pub(crate) items: Vec<Item>,
    /// What Grafana says beside them.
    pub(crate) notices: Vec<String>,
    /// What the conditions of a classic condition found; `None` for all other expressions.
    pub(crate) matches: Option<Vec<Match>>,
}

impl Given {
    fn of(items: Vec<Item>) -> Self {
        Given {
            items,
            ..Given::default()
        }
    }
}

/// Works out `expression` at the instant `at`. `active` are the labels of what fires, for recovery
/// thresholds. The error is Grafana's.
pub(crate) fn run(
    expression: &Expression,
    inputs: &Inputs,
    at: Timestamp,
    active: &BTreeSet<Labels>,
) -> Result<Given, String> {
    let of = |name: &str| inputs.get(name).map_or(&[][..], Vec::as_slice);
    match expression {
        Expression::Reduce {
            input,
            reducer,
            mode,
        } => reduce::reduce(input, of(input), *reducer, *mode),
        Expression::Math { expression } => math::run(expression, inputs),
        Expression::Threshold {
            input,
            evaluator,
            unload,
        } => {
            let unload = unload.as_ref();
            Ok(Given::of(threshold::threshold(
                of(input),
                evaluator,
                unload,
                active,
            )))
        }
        Expression::Resample {
            input,
            window,
            downsampler,
            upsampler,
            from,
            to,
        } => {
            let grid = resample::Grid {
                from: at.minus(*from),
                to: at.minus(*to),
                window: *window,
            };
            resample::resample(of(input), &grid, *downsampler, *upsampler).map(Given::of)
        }
        Expression::ClassicConditions { conditions } => classic::conditions(conditions, inputs),
    }
}

#[cfg(test)]
mod tests;
