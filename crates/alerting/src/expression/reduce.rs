//! Reduce expressions (`pkg/expr/mathexp/reduce.go`, `commands.go`): one number for each series.

use super::Given;
use super::item::{Item, Series};
use crate::rule::{ReduceMode, Reducer};

/// Reduces each series of `items`, which the step `input` gave. Numbers pass, with the mode
/// applied to them; that it is of no use is said once.
pub(super) fn reduce(
    input: &str,
    items: &[Item],
    reducer: Reducer,
    mode: ReduceMode,
) -> Result<Given, String> {
    let mut given = Given::default();
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Series(series) => {
                let value = of_series(series, reducer, mode)?;
                given.items.push(Item::number(series.labels.clone(), value));
            }
            Item::Number(number) => {
                let value = match mode {
                    ReduceMode::Strict => number.value,
                    mode => match mapped(mode, number.value) {
                        Some(value) => Some(value),
                        None => continue,
                    },
                };
                if mode == ReduceMode::Strict && index == 0 {
                    given.notices.push(format!(
                        "Reduce operation is not needed. Input query or expression {input} is already reduced data."
                    ));
                }
                given.items.push(Item::number(number.labels.clone(), value));
            }
            Item::NoData => given.items.push(Item::NoData),
            Item::Scalar(_) => {
                return Err(format!(
                    "can only reduce type series, got type {}",
                    item.kind()
                ));
            }
        }
    }
    Ok(given)
}

fn of_series(series: &Series, reducer: Reducer, mode: ReduceMode) -> Result<Option<f64>, String> {
    let values = series.points.iter().map(|(_, value)| *value);
    let reduced = match mode {
        ReduceMode::Strict => fold(&values.collect::<Vec<_>>(), reducer)?,
        mode => {
            let values: Vec<Option<f64>> = values
                .filter_map(|value| mapped(mode, value))
                .map(Some)
                .collect();
            fold(&values, reducer)?
        }
    };
    Ok(match (mode, reduced) {
        (ReduceMode::DropNonNumeric, Some(value)) if value.is_nan() => None,
        (ReduceMode::ReplaceNonNumeric(other), Some(value)) if value.is_nan() => Some(other),
        (_, reduced) => reduced,
    })
}

/// What the mode makes of one value before it is reduced; `None` leaves it out. Infinities are no
/// numbers either.
fn mapped(mode: ReduceMode, value: Option<f64>) -> Option<f64> {
    let number = value.filter(|value| value.is_finite());
    match mode {
        ReduceMode::Strict => value,
        ReduceMode::DropNonNumeric => number,
        ReduceMode::ReplaceNonNumeric(other) => Some(number.unwrap_or(other)),
    }
}

/// One number of many. A null or NaN among them makes it NaN, except for `count`, which counts it,
/// and `last`, which may be it.
pub(super) fn fold(values: &[Option<f64>], reducer: Reducer) -> Result<Option<f64>, String> {
    let numbers = || -> Option<Vec<f64>> {
        let numbers: Option<Vec<f64>> = values.iter().copied().collect();
        numbers.filter(|numbers| !numbers.iter().any(|number| number.is_nan()))
    };
    let or_nan = |folded: Option<f64>| Ok(Some(folded.unwrap_or(f64::NAN)));
    match reducer {
        Reducer::Sum => or_nan(numbers().map(|numbers| sum(&numbers))),
        Reducer::Mean => or_nan(numbers().map(|numbers| sum(&numbers) / length(values))),
        Reducer::Min => or_nan(numbers().and_then(|numbers| {
            let least = |least: f64, number| if number < least { number } else { least };
            numbers.into_iter().reduce(least)
        })),
        Reducer::Max => or_nan(numbers().and_then(|numbers| {
            let most = |most: f64, number| if number > most { number } else { most };
            numbers.into_iter().reduce(most)
        })),
        Reducer::Count => Ok(Some(length(values))),
        Reducer::Last => Ok(values.last().copied().unwrap_or(Some(f64::NAN))),
        Reducer::Median => or_nan(numbers().and_then(median)),
        Reducer::Diff
        | Reducer::DiffAbs
        | Reducer::PercentDiff
        | Reducer::PercentDiffAbs
        | Reducer::CountNonNull => Err(format!("reduction {} not implemented", reducer.name())),
    }
}

fn sum(numbers: &[f64]) -> f64 {
    // From 0, not from -0 as an empty sum is in Rust.
    numbers.iter().fold(0.0, |sum, number| sum + number)
}

#[expect(clippy::cast_precision_loss, reason = "no series has 2^53 points")]
pub(super) fn length<T>(values: &[T]) -> f64 {
    values.len() as f64
}

/// The middle one, or the mean of the two middle ones; `None` of none.
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = numbers.len() / 2;
    if numbers.len() % 2 == 1 {
        return numbers.get(upper).copied();
    }
    let lower = upper.checked_sub(1)?;
    Some((numbers.get(lower)? + numbers.get(upper)?) / 2.0)
}
