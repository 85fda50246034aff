//! The small history line of a list.

use maud::{Markup, html};
use tidewatch_domain::Outcome;

use super::super::scale::Scale;
use super::geometry::{bar, column, length, lines};
use crate::local::{Card, HISTORY, Point};

const COLUMN: f64 = 3.0;
const WIDTH: f64 = HISTORY as f64 * COLUMN;
/// The field of the line; below it a gap and the bars.
const LINE: f64 = 24.0;
const GAP: f64 = 4.0;
const BARS: f64 = 8.0;

/// Latency as a line, outcomes as bars below it, failures as columns behind both.
pub(in crate::status) fn sparkline(card: &Card) -> Markup {
    let points: Vec<&Point> = card.history.iter().collect();
    let scale = Scale::of(points.iter().filter_map(|point| point.latency));
    html! {
        svg.spark viewBox=(format!("0 -1 {WIDTH} {}", LINE + GAP + BARS + 2.0)) preserveAspectRatio="none"
            role="img" aria-label=(super::description(points.iter().copied())) {
            @for (index, point) in points.iter().enumerate() {
                @let x = column(index, points.len(), COLUMN);
                @if point.outcome == Outcome::Fail {
                    rect.failed x=(x) y="0" width=(COLUMN) height=(LINE + GAP) {}
                }
                @if let Some(share) = bar(point.outcome) {
                    @let height = BARS * share;
                    rect class={ "bar " (point.outcome.name()) } x=(x + 0.5)
                        y=(length(LINE + GAP + BARS - height)) width=(COLUMN - 1.0)
                        height=(length(height)) {}
                }
            }
            @for line in lines(&points, scale, COLUMN, LINE) {
                polyline.line points=(line) {}
            }
        }
    }
}
