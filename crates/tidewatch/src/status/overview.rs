//! The page of all monitors.

use std::collections::BTreeMap;
use std::sync::Arc;

use maud::{Markup, html};
use tidewatch_definitions::Format;
use tidewatch_domain::{Tenant, Timestamp};

use super::chart::sparkline;
use super::glyph::glyph;
use super::headline::Headline;
use super::page::{Page, Refresh};
use super::standing::{Standing, cause};
use super::view::{PER_PAGE, Selection, View};
use super::{StatusState, alerts, findings, monitor, told, words};
use crate::local::Card;

/// The whole page.
pub(super) fn render(state: &StatusState, now: Timestamp, view: &View) -> Markup {
    let mut cards = state.board.cards();
    sort(&mut cards);
    let headline = Headline::of(&cards, now);
    let all = cards.len();
    let is_long = all > PER_PAGE;
    let selection = view.select(cards);
    let content = html! {
        (summary(&headline, view, is_long))
        (findings::notice(&state.findings.read()))
        @if all == 0 { (nothing_yet(state)) }
        @if is_long || view.is_narrowed() {
            (search(view, &selection, all))
            (flat(&selection.cards, now))
            (pager(view, &selection))
        } @else {
            (tables(selection.cards, now))
        }
        (alerts::sections(&state.alerting, now))
        (told::section(&state.told.all(), now))
    };
    let page = Page {
        title: &headline.tab,
        icon: headline.worst,
        view: Some(view),
        content,
    };
    page.render(state, now)
}

/// Worst first, then by name; names may be equal, keys are not.
pub(super) fn sort(cards: &mut [Arc<Card>]) {
    cards.sort_by_cached_key(|card| {
        let name = card.monitor.name.to_lowercase();
        (Standing::of(card), name, card.monitor.key.clone())
    });
}

/// The headline, and how many monitors stand how; in a long list each number leads to them.
fn summary(headline: &Headline, view: &View, is_long: bool) -> Markup {
    html! {
        section class={ "headline " (headline.worst.word()) } {
            h1 { (glyph(headline.worst)) span { (headline.text) } }
            @if let Some(note) = &headline.note { p.note { (note) } }
            @if headline.counts.len() > 1 {
                ul.counts aria-label="Monitors by state" {
                    @for (standing, number) in &headline.counts {
                        li class=(standing.word()) title=(standing.meaning()) {
                            (glyph(*standing))
                            @if is_long {
                                a href=(view.with_standing(Some(*standing)).query()) {
                                    (number) " " (standing.word())
                                }
                            } @else {
                                (number) " " (standing.word())
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The search over a long list, and what it found.
fn search(view: &View, selection: &Selection, all: usize) -> Markup {
    html! {
        form.search method="get" action="/" role="search" {
            input type="search" name="q" value=(view.search()) aria-label="Search"
                placeholder="Name, tenant, target, team or label";
            @if let Some(standing) = view.standing() {
                input type="hidden" name="state" value=(standing.word());
            }
            @if view.refresh() == Refresh::Off {
                input type="hidden" name="refresh" value="off";
            }
            button type="submit" { "Search" }
            span.quiet {
                @if view.is_narrowed() {
                    (selection.matching) " of " (words::count(all, "monitor"))
                    @if let Some(standing) = view.standing() { " · " (standing.word()) " only" }
                    " · " a href=(View::default().with_refresh(view.refresh()).query()) { "All" }
                } @else {
                    (words::count(all, "monitor"))
                }
            }
        }
    }
}

/// The other pages of a long list.
fn pager(view: &View, selection: &Selection) -> Markup {
    let Selection { page, pages, .. } = *selection;
    html! {
        @if pages > 1 {
            nav.pager aria-label="Pages" {
                @if page > 1 { a rel="prev" href=(view.with_page(page - 1).query()) { "Previous" } }
                span.quiet { "Page " (page) " of " (pages) }
                @if page < pages { a rel="next" href=(view.with_page(page + 1).query()) { "Next" } }
            }
        }
    }
}

fn nothing_yet(state: &StatusState) -> Markup {
    let entry = match Format::of_path(&state.places.definitions) {
        Some(Format::Json) => JSON_ENTRY,
        _ => YAML_ENTRY,
    };
    html! {
        section.empty {
            p {
                "Add one to " code { (state.places.definitions) }
                " and save it: it is probed at once, and its first results are here within \
                 seconds. This much is complete:"
            }
            pre tabindex="0" aria-label="A complete entry" { code { (entry) } }
        }
    }
}

const YAML_ENTRY: &str = "\
monitors:
  - tenant: demo
    monitor_id: shop-home
    target: https://shop.example/";

const JSON_ENTRY: &str = r#"{
  "monitors": [
    { "tenant": "demo", "monitor_id": "shop-home", "target": "https://shop.example/" }
  ]
}"#;

/// One table; one for each tenant where there are more, those in trouble first. `cards` are
/// sorted.
fn tables(cards: Vec<Arc<Card>>, now: Timestamp) -> Markup {
    let mut tenants: BTreeMap<Tenant, Vec<Arc<Card>>> = BTreeMap::new();
    for card in cards {
        tenants
            .entry(card.monitor.key.tenant.clone())
            .or_default()
            .push(card);
    }
    let titled = tenants.len() > 1;
    let mut groups: Vec<(Tenant, Vec<Arc<Card>>)> = tenants.into_iter().collect();
    groups.sort_by_key(|(_, cards)| cards.first().map(|card| Standing::of(card)));
    html! {
        @for (tenant, cards) in &groups {
            section.group {
                @if titled {
                    h2 { (tenant) " " span.quiet { (Headline::of(cards, now).text) } }
                }
                (table(tenant.as_str(), cards, now))
            }
        }
    }
}

/// One table for all tenants, in the order of the whole list: a page of it has no groups that
/// would be complete.
fn flat(cards: &[Arc<Card>], now: Timestamp) -> Markup {
    html! {
        @if cards.is_empty() {
            p.quiet { "No monitor matches." }
        } @else {
            section.group { (table("all tenants", cards, now)) }
        }
    }
}

// The roles repeat what the elements mean: browsers forget it where the stylesheet lays a table
// out as cards.
fn table(whose: &str, cards: &[Arc<Card>], now: Timestamp) -> Markup {
    html! {
        table.monitors role="table" aria-label={ "Monitors of " (whose) } {
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "State" }
                    th role="columnheader" scope="col" { "Monitor" }
                    th role="columnheader" scope="col" { "Since" }
                    th role="columnheader" scope="col" { "Last probes" }
                    th.number role="columnheader" scope="col" { "Latency" }
                    th.number role="columnheader" scope="col" { "Next run" }
                }
            }
            tbody role="rowgroup" { @for card in cards { (row(card, now)) } }
        }
    }
}

fn row(card: &Card, now: Timestamp) -> Markup {
    let standing = Standing::of(card);
    html! {
        tr class=(standing.word()) role="row" {
            td.state role="cell" {
                span.standing { (glyph(standing)) (standing.label()) }
            }
            th.name role="rowheader" scope="row" {
                a href=(monitor::path(&card.monitor.key)) { (card.monitor.name) }
                (monitor::badges(card))
                span.target { (card.monitor.public_target()) }
                (why(card, standing))
            }
            td.since role="cell" { (since(card, standing, now)) }
            td.history role="cell" {
                @if !card.history.is_empty() { (sparkline(card)) }
            }
            td.latency.number role="cell" data-label="Latency" { (latency(card, now)) }
            td.next.number role="cell" data-label="Next run" {
                @match card.next_slot {
                    Some(slot) if standing != Standing::Paused => (words::ahead(slot, now)),
                    _ => (nothing("paused")),
                }
            }
        }
    }
}

fn why(card: &Card, standing: Standing) -> Markup {
    html! {
        @if let Some(cause) = cause(card) {
            span.cause { (words::prose(&cause.text)) " " code.class { (cause.class.name()) } }
        } @else if standing == Standing::Unknown {
            span.cause { "First results in a few seconds" }
        }
    }
}

fn since(card: &Card, standing: Standing, now: Timestamp) -> Markup {
    match standing {
        Standing::Unknown | Standing::Paused => nothing("not known"),
        _ => words::ago(card.verdict.since, now),
    }
}

fn latency(card: &Card, now: Timestamp) -> Markup {
    let Some(last) = card.last() else {
        return nothing("no probe yet");
    };
    html! {
        @match last.latency {
            Some(latency) => span { (words::latency(latency)) },
            None => (nothing("no answer")),
        }
        span.quiet { (words::ago(last.slot, now)) }
    }
}

/// A dash, and for screen readers what it stands for.
fn nothing(meaning: &str) -> Markup {
    html! {
        span.nothing title=(meaning) { span aria-hidden="true" { "–" } span.unseen { (meaning) } }
    }
}
