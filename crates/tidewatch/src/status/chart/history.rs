//! The large chart on the page of a monitor.

use std::time::Duration;

use maud::{Markup, html};
use tidewatch_domain::{Outcome, Timestamp};

use super::super::scale::Scale;
use super::super::words;
use super::geometry::{bar, column, length, lines};
use crate::local::{Card, HISTORY, Point};

const COLUMN: f64 = 10.0;
const WIDTH: f64 = HISTORY as f64 * COLUMN;
const LINE: f64 = 100.0;
const BARS: f64 = 20.0;

/// Latency as a line over its limits, outcomes as bars below it, with axes and a legend.
///
/// The drawings stretch to the width they find, so that every text is outside of them.
pub(in crate::status) fn history(card: &Card, now: Timestamp) -> Markup {
    let points: Vec<&Point> = card.history.iter().collect();
    let latencies = points.iter().filter_map(|point| point.latency);
    let scale = Scale::of(latencies);
    let thresholds = card.monitor.thresholds;
    html! {
        figure.chart {
            div.axis aria-hidden="true" {
                span { (label(scale.top())) }
                span { (label(scale.top() / 2)) }
                span { "0" }
            }
            svg.latency viewBox=(format!("0 0 {WIDTH} {LINE}")) preserveAspectRatio="none"
                role="img" aria-label=(super::description(points.iter().copied())) {
                (grid())
                (failures(&points, LINE))
                (limit(scale, thresholds.degraded, "degraded"))
                (limit(scale, thresholds.exceeded, "fail"))
                @for line in lines(&points, scale, COLUMN, LINE) {
                    polyline.line points=(line) {}
                }
                (hover(&points))
            }
            svg.outcomes viewBox=(format!("0 0 {WIDTH} {BARS}")) preserveAspectRatio="none"
                aria-hidden="true" {
                @for (index, point) in points.iter().enumerate() {
                    @if let Some(share) = bar(point.outcome) {
                        rect class={ "bar " (point.outcome.name()) }
                            x=(column(index, points.len(), COLUMN) + 1.5)
                            y=(length(BARS * (1.0 - share))) width=(COLUMN - 3.0)
                            height=(length(BARS * share)) {}
                    }
                }
            }
            div.times aria-hidden="true" {
                @if let (Some(oldest), Some(newest)) = (points.first(), points.last()) {
                    span { (words::ago(left_edge(oldest.slot, &points, card), now)) }
                    span { (words::ago(newest.slot, now)) }
                }
            }
            figcaption {
                @for (outcome, number) in super::counts(points.iter().copied()) {
                    span.key { (swatch(outcome)) (number) " " (outcome.name()) }
                }
                @if let Some(share) = drawn(scale, thresholds.degraded) {
                    span.key { (dashes("degraded")) "degraded above " (words::setting(share)) }
                }
                @if let Some(share) = drawn(scale, thresholds.exceeded) {
                    span.key { (dashes("fail")) "fails above " (words::setting(share)) }
                }
            }
        }
    }
}

/// When the first column was, which is empty while there are few probes.
fn left_edge(oldest: Timestamp, points: &[&Point], card: &Card) -> Timestamp {
    let empty = u32::try_from(HISTORY.saturating_sub(points.len())).unwrap_or(0);
    oldest.minus(card.monitor.interval.saturating_mul(empty))
}

fn grid() -> Markup {
    html! {
        @for y in [0.0, LINE / 2.0, LINE] {
            line.grid x1="0" x2=(WIDTH) y1=(y) y2=(y) {}
        }
    }
}

fn failures(points: &[&Point], height: f64) -> Markup {
    html! {
        @for (index, point) in points.iter().enumerate() {
            @if point.outcome == Outcome::Fail {
                rect.failed x=(column(index, points.len(), COLUMN)) y="0" width=(COLUMN)
                    height=(height) {}
            }
        }
    }
}

/// Columns that say under the pointer what is in them.
fn hover(points: &[&Point]) -> Markup {
    html! {
        @for (index, point) in points.iter().enumerate() {
            rect.hover x=(column(index, points.len(), COLUMN)) y="0" width=(COLUMN) height=(LINE) {
                title {
                    (words::time_of_day(point.slot)) " UTC, " (point.outcome.name())
                    @if let Some(latency) = point.latency {
                        ", " (words::latency(latency))
                    }
                }
            }
        }
    }
}

fn limit(scale: Scale, limit: Option<Duration>, class: &str) -> Markup {
    let share = limit.and_then(|limit| scale.share(limit));
    html! {
        @if let Some(share) = share {
            @let y = length(LINE * (1.0 - share));
            line class={ "limit " (class) } x1="0" x2=(WIDTH) y1=(y) y2=(y) {}
        }
    }
}

/// The limit, where the scale has room for it.
fn drawn(scale: Scale, limit: Option<Duration>) -> Option<Duration> {
    limit.filter(|limit| scale.share(*limit).is_some())
}

fn swatch(outcome: Outcome) -> Markup {
    html! {
        svg.swatch viewBox="0 0 6 14" aria-hidden="true" {
            @if let Some(share) = bar(outcome) {
                rect class={ "bar " (outcome.name()) } x="0" y=(length(14.0 * (1.0 - share))) width="6"
                    height=(length(14.0 * share)) {}
            } @else {
                rect.bar.missed x=".5" y=".5" width="5" height="13" {}
            }
        }
    }
}

fn dashes(class: &str) -> Markup {
    html! {
        svg.swatch.wide viewBox="0 0 18 14" aria-hidden="true" {
            line class={ "limit " (class) } x1="0" x2="18" y1="7" y2="7" {}
        }
    }
}

/// A label of the axis: without needless zeros, because the ends of a scale are round.
fn label(value: Duration) -> String {
    let millis = value.as_secs_f64() * 1e3;
    if millis < 1e3 {
        format!("{} ms", (millis * 1e3).round() / 1e3)
    } else {
        format!("{} s", millis.round() / 1e3)
    }
}
