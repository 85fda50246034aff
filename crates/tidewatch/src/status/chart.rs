//! Latency and outcomes of past probes as SVG: a small line for lists, a large one for the page of
//! a monitor. Both stretch to their place; what a shape says is repeated in words beside it.

mod geometry;
mod history;
mod sparkline;

pub(super) use history::history;
pub(super) use sparkline::sparkline;

use tidewatch_domain::Outcome;

use super::words;
use crate::local::Point;

/// What `points` show, in words: `58 probes: latency 98.0 ms to 140 ms, 2 fail, 1 missed`.
fn description<'p>(points: impl Iterator<Item = &'p Point> + Clone) -> String {
    let latencies = points.clone().filter_map(|point| point.latency);
    let range = match (latencies.clone().min(), latencies.max()) {
        (Some(min), Some(max)) => {
            format!("latency {} to {}", words::latency(min), words::latency(max))
        }
        _ => "no latency".to_owned(),
    };
    let mut text = format!("{}: {range}", words::count(points.clone().count(), "probe"));
    for (outcome, number) in counts(points) {
        if outcome != Outcome::Ok {
            text += &format!(", {number} {}", outcome.name());
        }
    }
    text
}

/// How often each outcome is among `points`, without zeros.
fn counts<'p>(points: impl Iterator<Item = &'p Point> + Clone) -> Vec<(Outcome, usize)> {
    [
        Outcome::Ok,
        Outcome::Degraded,
        Outcome::Fail,
        Outcome::Unknown,
        Outcome::Missed,
    ]
    .into_iter()
    .map(|outcome| {
        (
            outcome,
            points
                .clone()
                .filter(|point| point.outcome == outcome)
                .count(),
        )
    })
    .filter(|(_, number)| *number > 0)
    .collect()
}
