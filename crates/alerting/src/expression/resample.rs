//! Resample expressions (`pkg/expr/mathexp/resample.go`): a series at regular instants.

use std::time::Duration;

use tidewatch_domain::Timestamp;

use super::item::{Item, Series};
use super::reduce::fold;
use crate::rule::{Reducer, Upsampler};

/// More instants than any rule needs, and few enough to hold for many series.
const MOST_POINTS: u128 = 100_000;

/// The instants of a resampled series.
pub(super) struct Grid {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) window: Duration,
}

/// Resamples each series. One no data among the items ends the work, as in Grafana.
pub(super) fn resample(
    items: &[Item],
    grid: &Grid,
    downsampler: Reducer,
    upsampler: Upsampler,
) -> Result<Vec<Item>, String> {
    let mut resampled = Vec::new();
    for item in items {
        match item {
            Item::Series(series) => {
                let points = points(series, grid, downsampler, upsampler)?;
                resampled.push(Item::series(series.labels.clone(), points));
            }
            Item::NoData => {
                resampled.push(Item::NoData);
                return Ok(resampled);
            }
            other => {
                return Err(format!(
                    "can only resample type series, got type {}",
                    other.kind()
                ));
            }
        }
    }
    Ok(resampled)
}

/// An instant takes all points since the instant before it, itself included; the first one takes
/// all that are older.
fn points(
    series: &Series,
    grid: &Grid,
    downsampler: Reducer,
    upsampler: Upsampler,
) -> Result<Vec<(Timestamp, Option<f64>)>, String> {
    let range = grid.to.since(grid.from).as_nanos();
    let steps = range.checked_div(grid.window.as_nanos()).unwrap_or(0);
    if steps == 0 {
        return Err(
            "the series cannot be sampled further; the time range is shorter than the interval"
                .to_owned(),
        );
    }
    if steps > MOST_POINTS {
        return Err(format!(
            "the series would have {steps} points; choose a window that gives at most {MOST_POINTS}"
        ));
    }
    let mut resampled = Vec::new();
    let mut rest = series.points.as_slice();
    let mut last_seen = None;
    let mut at = grid.from;
    for _ in 0..=steps {
        let taken = rest.iter().take_while(|(time, _)| *time <= at).count();
        let (window, after) = rest.split_at(taken);
        rest = after;
        let values: Vec<Option<f64>> = window.iter().map(|(_, value)| *value).collect();
        if let Some(value) = values.last() {
            last_seen = *value;
        }
        let value = match values.as_slice() {
            [] => match upsampler {
                Upsampler::Pad => last_seen,
                Upsampler::BackFill => rest.first().and_then(|(_, value)| *value),
                Upsampler::FillNa => None,
            },
            [value] => *value,
            values => downsampled(values, downsampler)?,
        };
        resampled.push((at, value));
        at = at.plus(grid.window);
    }
    Ok(resampled)
}

fn downsampled(values: &[Option<f64>], downsampler: Reducer) -> Result<Option<f64>, String> {
    match downsampler {
        Reducer::Sum | Reducer::Mean | Reducer::Min | Reducer::Max | Reducer::Last => {
            fold(values, downsampler)
        }
        other => Err(format!("downsampling {} not implemented", other.name())),
    }
}
