//! Classic conditions (`pkg/expr/classic`): one number without labels for all series.

use super::comparison::of_classic;
use super::item::{Item, Series};
use super::reduce::{length, median};
use super::{Given, Inputs};
use crate::evaluate::Labels;
use crate::rule::{ClassicCondition, EvaluatorKind, Reducer};

/// A series for which a condition holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Match {
    /// The name of its column; `NoData` where a condition found nothing at all.
    pub(crate) metric: String,
    /// Its labels.
    pub(crate) labels: Labels,
    /// Its reduced value.
    pub(crate) value: Option<f64>,
}

#[derive(Clone, Copy)]
struct Verdict {
    firing: bool,
    no_data: bool,
}

/// Joins the conditions from left to right, without precedence. Null where that comes to no data,
/// else 1 or 0.
pub(super) fn conditions(
    conditions: &[ClassicCondition],
    inputs: &Inputs,
) -> Result<Given, String> {
    let mut matches = Vec::new();
    let mut all: Option<Verdict> = None;
    for condition in conditions {
        let items = inputs.get(&condition.input).map_or(&[][..], Vec::as_slice);
        let verdict = one(condition, items, &mut matches)?;
        let join = |one, other| {
            if condition.or {
                one || other
            } else {
                one && other
            }
        };
        all = Some(match all {
            None => verdict,
            Some(before) => Verdict {
                firing: join(before.firing, verdict.firing),
                no_data: join(before.no_data, verdict.no_data),
            },
        });
    }
    let value = match all {
        Some(Verdict { no_data: true, .. }) => None,
        Some(Verdict { firing, .. }) => Some(f64::from(u8::from(firing))),
        None => Some(0.0),
    };
    Ok(Given {
        items: vec![Item::number(Labels::new(), value)],
        notices: Vec::new(),
        matches: Some(matches),
    })
}

fn one(
    condition: &ClassicCondition,
    items: &[Item],
    matches: &mut Vec<Match>,
) -> Result<Verdict, String> {
    if items.is_empty() && condition.evaluator.kind == EvaluatorKind::NoValue {
        matches.push(Match {
            metric: String::new(),
            labels: Labels::new(),
            value: None,
        });
        return Ok(Verdict {
            firing: true,
            no_data: false,
        });
    }
    let mut firing = false;
    let mut without_value = 0;
    for item in items {
        let (metric, value) = match item {
            Item::NoData => (String::new(), None),
            Item::Number(number) => (number.name.clone(), number.value),
            Item::Series(series) => (series.name.clone(), reduced(series, condition.reducer)),
            Item::Scalar(_) => {
                return Err(format!(
                    "can only reduce type series, got type {}",
                    item.kind()
                ));
            }
        };
        if of_classic(&condition.evaluator, value) {
            firing = true;
            matches.push(Match {
                metric,
                labels: item.labels().clone(),
                value,
            });
        } else if value.is_none() {
            without_value += 1;
        }
    }
    let no_data = without_value == items.len();
    if no_data {
        matches.push(Match {
            metric: "NoData".to_owned(),
            labels: Labels::new(),
            value: None,
        });
    }
    Ok(Verdict { firing, no_data })
}

/// Other reducers than those of reduce expressions: nulls and NaN are passed over, and without a
/// single number the result is null (`pkg/expr/classic/reduce.go`).
fn reduced(series: &Series, reducer: Reducer) -> Option<f64> {
    if series.points.is_empty() {
        return None;
    }
    let numbers: Vec<f64> = series
        .points
        .iter()
        .filter_map(|(_, value)| value.filter(|value| !value.is_nan()))
        .collect();
    let count = length(&series.points);
    if reducer == Reducer::Count {
        return Some(count);
    }
    let newest = *numbers.last()?;
    match reducer {
        Reducer::Mean => Some(numbers.iter().sum::<f64>() / length(&numbers)),
        Reducer::Sum => Some(numbers.iter().sum()),
        Reducer::Min => Some(numbers.iter().copied().fold(f64::MAX, f64::min)),
        Reducer::Max => Some(numbers.iter().copied().fold(f64::MIN, f64::max)),
        Reducer::Last => Some(newest),
        Reducer::Median => median(numbers),
        Reducer::CountNonNull => Some(length(&numbers)),
        Reducer::Diff => difference(series, &numbers, newest, |new, old| new - old),
        Reducer::DiffAbs => difference(series, &numbers, newest, |new, old| (new - old).abs()),
        Reducer::PercentDiff => difference(series, &numbers, newest, |new, old| {
            (new - old) / old.abs() * 100.0
        }),
        Reducer::PercentDiffAbs => difference(series, &numbers, newest, |new, old| {
            ((new - old) / old * 100.0).abs()
        }),
        Reducer::Count => Some(count),
    }
}

/// Between the newest number and the oldest; 0 where the newest is the first point of all.
fn difference(
    series: &Series,
    numbers: &[f64],
    newest: f64,
    between: impl Fn(f64, f64) -> f64,
) -> Option<f64> {
    let is_number = |value: &Option<f64>| value.is_some_and(|value| !value.is_nan());
    let at = series
        .points
        .iter()
        .rposition(|(_, value)| is_number(value))?;
    if at == 0 {
        return Some(0.0);
    }
    numbers.first().map(|oldest| between(newest, *oldest))
}
