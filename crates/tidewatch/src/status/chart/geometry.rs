//! Where the points of a chart are: one column for each probe, newest at the right.

use tidewatch_domain::Outcome;

use super::super::scale::Scale;
use crate::local::{HISTORY, Point};

/// The left edge of the column of the point at `index` of `count`; columns to the left of the
/// oldest point stay empty.
pub(super) fn column(index: usize, count: usize, width: f64) -> f64 {
    let empty = HISTORY.saturating_sub(count);
    // Both are at most HISTORY.
    (empty + index) as f64 * width
}

/// A length without digits that nobody sees.
pub(super) fn length(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The latency lines as points of polylines in a field of `height`; a probe without latency is a
/// gap. A line of a single point is drawn as a dot by its round ends.
pub(super) fn lines(points: &[&Point], scale: Scale, width: f64, height: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line: Vec<String> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        match point.latency.and_then(|latency| scale.share(latency)) {
            Some(share) => {
                let x = column(index, points.len(), width) + width / 2.0;
                let y = height * (1.0 - share);
                line.push(format!("{x:.1},{y:.1}"));
            }
            None => end(&mut line, &mut lines),
        }
    }
    end(&mut line, &mut lines);
    lines
}

fn end(line: &mut Vec<String>, lines: &mut Vec<String>) {
    if let [single] = line.as_slice() {
        let single = single.clone();
        line.push(single);
    }
    if !line.is_empty() {
        lines.push(std::mem::take(line).join(" "));
    }
}

/// How tall the bar of an outcome is, of 1: what is wrong stands out by its height too. A missed
/// slot has none.
pub(super) const fn bar(outcome: Outcome) -> Option<f64> {
    match outcome {
        Outcome::Ok => Some(0.4),
        Outcome::Degraded => Some(0.7),
        Outcome::Fail => Some(1.0),
        Outcome::Unknown => Some(0.2),
        Outcome::Missed => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidewatch_domain::Timestamp;

    use super::*;

    fn point(millis: Option<u64>) -> Point {
        Point {
            slot: Timestamp::EPOCH,
            outcome: Outcome::Ok,
            latency: millis.map(Duration::from_millis),
            status_code: None,
            cause: None,
            cert_days: None,
        }
    }

    #[test]
    fn probes_without_latency_are_gaps_and_single_ones_are_dots() {
        let points = [
            point(Some(50)),
            point(Some(100)),
            point(None),
            point(Some(25)),
        ];
        let points: Vec<&Point> = points.iter().collect();
        let scale = Scale::of(points.iter().filter_map(|point| point.latency));
        assert_eq!(
            lines(&points, scale, 2.0, 40.0),
            ["113.0,20.0 115.0,0.0", "119.0,30.0 119.0,30.0"]
        );
    }

    #[test]
    fn the_newest_point_is_in_the_last_column() {
        assert_eq!(column(0, HISTORY, 3.0), 0.0);
        assert_eq!(column(1, 2, 1.0), (HISTORY - 1) as f64);
    }
}
