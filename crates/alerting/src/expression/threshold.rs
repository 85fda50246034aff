//! Threshold expressions (`pkg/expr/threshold.go`, `hysteresis.go`): 1 where a condition holds, 0
//! where it does not, null where there is no value.

use std::collections::BTreeSet;

use super::comparison::of_threshold;
use super::item::Item;
use crate::evaluate::Labels;
use crate::rule::Evaluator;

/// Compares each value of `input`. With a recovery threshold, what is `active` goes on giving 1
/// until `unload` holds; the results of what was not active then come first, as in Grafana.
pub(super) fn threshold(
    input: &[Item],
    evaluator: &Evaluator,
    unload: Option<&Evaluator>,
    active: &BTreeSet<Labels>,
) -> Vec<Item> {
    let load =
        |item: &Item| item.map(|value| verdict(value, |value| of_threshold(evaluator, value)));
    let Some(unload) = unload else {
        return input.iter().map(load).collect();
    };
    if matches!(input, [] | [Item::NoData]) {
        return vec![Item::NoData];
    }
    let (loaded, unloaded): (Vec<&Item>, Vec<&Item>) = input
        .iter()
        .partition(|item| active.contains(item.labels()));
    let keep = |item: &Item| item.map(|value| verdict(value, |value| !of_threshold(unload, value)));
    let started = unloaded.into_iter().map(load);
    started.chain(loaded.into_iter().map(keep)).collect()
}

fn verdict(value: Option<f64>, holds: impl Fn(f64) -> bool) -> Option<f64> {
    value.map(|value| f64::from(u8::from(holds(value))))
}
