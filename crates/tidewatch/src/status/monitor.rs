//! The page of one monitor.

use maud::{Markup, html};
use tidewatch_domain::{Cause, ErrorOwner, MonitorKey, Outcome, Timestamp};

use super::chart::history;
use super::glyph::glyph;
use super::page::Page;
use super::standing::{Standing, cause, overlays, sentence};
use super::view::View;
use super::{StatusState, definition, found, words};
use crate::local::{Card, Point};

/// The address of a monitor's page. Names have only characters that need no escape.
pub(super) fn path(key: &MonitorKey) -> String {
    format!("/monitors/{}/{}", key.tenant, key.monitor_id)
}

/// What lies over the state, other than what the standing says already.
pub(super) fn badges(card: &Card) -> Markup {
    let said = Standing::of(card).word();
    html! {
        @for name in overlays(card).iter().filter(|name| *name != said) {
            " " span.badge { (name) }
        }
    }
}

/// The whole page.
pub(super) fn render(card: &Card, state: &StatusState, now: Timestamp, view: &View) -> Markup {
    let standing = Standing::of(card);
    let title = format!(
        "{} {}: {}",
        standing.sign(),
        standing.label(),
        card.monitor.name
    );
    let content = html! {
        nav.crumbs aria-label="Breadcrumb" {
            a href="/" { "All monitors" } " / " (card.monitor.key.tenant)
        }
        section class={ "headline " (standing.word()) } {
            h1 { (glyph(standing)) span { (sentence(card)) } (badges(card)) }
            p.note { a href=(card.monitor.public_target()) rel="noreferrer noopener" { (card.monitor.public_target()) } }
            @if let Some(cause) = cause(card) { (why(cause)) }
        }
        (verdict(card, standing, now))
        section aria-labelledby="history" {
            h2 #history { "Latency and outcomes" }
            @if card.history.is_empty() {
                p.quiet { "First results in a few seconds." }
            } @else {
                (history(card, now))
            }
        }
        @if let Some(attempt) = &card.found { (found::section(attempt, now)) }
        (definition::section(&card.monitor))
        @if !card.history.is_empty() {
            section aria-labelledby="probes" {
                h2 #probes { "The last " (words::count(card.history.len(), "probe")) ", newest first" }
                (probes(card, now))
            }
        }
    };
    let page = Page {
        title: &title,
        icon: standing,
        view: Some(view),
        content,
    };
    page.render(state, now)
}

fn why(cause: &Cause) -> Markup {
    html! {
        p.why {
            (words::prose(&cause.text)) " " code.class { (cause.class.name()) }
            span.quiet { (to_act(cause.owner)) }
        }
    }
}

fn to_act(owner: ErrorOwner) -> &'static str {
    match owner {
        ErrorOwner::Target => "The target has to be looked at.",
        ErrorOwner::Network => "The network on the way to the target has to be looked at.",
        ErrorOwner::Prober => {
            "This machine has to be looked at; it does not count against the target."
        }
        ErrorOwner::Config => {
            "The definition has to be looked at; it does not count against the target."
        }
    }
}

fn verdict(card: &Card, standing: Standing, now: Timestamp) -> Markup {
    let verdict = &card.verdict;
    html! {
        dl.figures {
            @if !matches!(standing, Standing::Unknown | Standing::Paused) {
                div {
                    dt { (standing.label()) " for" }
                    dd {
                        (words::time(verdict.since, &words::exact_span(now.since(verdict.since))))
                        span.quiet { "since " (words::full(verdict.since)) }
                    }
                }
            }
            @if let Some(last) = card.last() {
                div {
                    dt { "Last probe" }
                    dd {
                        @match last.latency {
                            Some(latency) => (words::latency(latency)),
                            None => (last.outcome.name()),
                        }
                        span.quiet { (words::ago(last.slot, now)) }
                    }
                }
            }
            @if let Some((good, counted)) = good(card) {
                div {
                    dt { "Good" }
                    dd {
                        (percent(good, counted))
                        span.quiet { (good) " of " (words::count(counted, "probe")) }
                    }
                }
            }
            @if let Some(days) = card.history.iter().rev().find_map(|point| point.cert_days) {
                div {
                    dt { "Certificate" }
                    dd {
                        @if days < 0 { "expired" } @else {
                            (days) @if days == 1 { " day" } @else { " days" }
                        }
                        span.quiet { @if days < 0 { (-days) " d ago" } @else { "left" } }
                    }
                }
            }
            div {
                dt { "Next run" }
                dd {
                    @match card.next_slot {
                        Some(slot) if standing != Standing::Paused => (words::ahead(slot, now)),
                        _ => "paused",
                    }
                    span.quiet { "every " (words::setting(card.monitor.interval)) }
                }
            }
            @if verdict.epoch > 0 {
                div {
                    dt { "Outages" }
                    dd {
                        (verdict.epoch)
                        @if verdict.state.is_outage() { span.quiet { "the latest goes on" } }
                        @else { span.quiet { "so far" } }
                    }
                }
            }
            @if !verdict.failing.is_empty() {
                div {
                    dt { "Failing from" }
                    dd {
                        @for (index, location) in verdict.failing.iter().enumerate() {
                            @if index > 0 { ", " } (location)
                        }
                    }
                }
            }
        }
    }
}

/// Good probes, and those that count either way.
fn good(card: &Card) -> Option<(usize, usize)> {
    let verdicts = card
        .history
        .iter()
        .filter_map(|point| point.outcome.is_up());
    let counted = verdicts.clone().count();
    (counted > 0).then(|| (verdicts.filter(|up| *up).count(), counted))
}

/// A share in percent, rounded down, so that 100 % is said of nothing less.
fn percent(part: usize, whole: usize) -> String {
    let tenths = part * 1_000 / whole;
    match tenths % 10 {
        0 => format!("{} %", tenths / 10),
        tenth => format!("{}.{tenth} %", tenths / 10),
    }
}

fn probes(card: &Card, now: Timestamp) -> Markup {
    html! {
        table.probes {
            thead {
                tr {
                    th scope="col" { "Slot" }
                    th scope="col" { "Outcome" }
                    th.number scope="col" { "Latency" }
                    th.number scope="col" { "Status" }
                    th scope="col" { "Cause" }
                }
            }
            tbody { @for point in card.history.iter().rev() { (probe(point, now)) } }
        }
    }
}

fn probe(point: &Point, now: Timestamp) -> Markup {
    html! {
        tr class=(point.outcome.name()) {
            td.slot { (words::full(point.slot)) " " span.quiet { (words::ago(point.slot, now)) } }
            td.outcome { span { (outcome(point.outcome)) } }
            td.number { @if let Some(latency) = point.latency { (words::latency(latency)) } }
            td.number { @if let Some(code) = point.status_code { (code) } }
            td.why { @if let Some(cause) = &point.cause { (words::prose(&cause.text)) " " code.class { (cause.class.name()) } } }
        }
    }
}

/// The outcome with the icon of the standing that it speaks for.
fn outcome(outcome: Outcome) -> Markup {
    let standing = match outcome {
        Outcome::Ok => Some(Standing::Up),
        Outcome::Degraded => Some(Standing::Degraded),
        Outcome::Fail => Some(Standing::Down),
        Outcome::Unknown => Some(Standing::Unknown),
        Outcome::Missed => None,
    };
    html! {
        @if let Some(standing) = standing { (glyph(standing)) } @else { span.glyph {} }
        (outcome.name())
    }
}
