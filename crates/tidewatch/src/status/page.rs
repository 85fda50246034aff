//! What all pages have around their content.

use maud::{DOCTYPE, Markup, html};
use tidewatch_domain::Timestamp;

use super::standing::Standing;
use super::view::View;
use super::{StatusState, assets, glyph, words};

/// How often a page renews itself, in seconds.
const PERIOD: u32 = 10;

/// Whether a page renews itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// Every few seconds.
    On,
    /// Only when its reader asks.
    Off,
}

/// A page and what its frame has to know.
#[derive(Debug)]
pub(super) struct Page<'a> {
    /// The title, without the product's name.
    pub(super) title: &'a str,
    /// The standing whose icon the browser tab shows.
    pub(super) icon: Standing,
    /// What was asked for, which says whether it renews itself; `None` where nothing changes.
    pub(super) view: Option<&'a View>,
    /// The content.
    pub(super) content: Markup,
}

impl Page<'_> {
    /// The whole document.
    pub(super) fn render(self, state: &StatusState, now: Timestamp) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    @if self.view.map(View::refresh) == Some(Refresh::On) {
                        meta http-equiv="refresh" content=(PERIOD);
                    }
                    title { (self.title) " · Tidewatch" }
                    link rel="icon" type="image/svg+xml" href=(assets::tab_icon(self.icon).path);
                    link rel="stylesheet" href=(assets::stylesheet().path);
                }
                body {
                    a.skip href="#content" { "Skip to content" }
                    header.top {
                        a.brand href="/" { (glyph::mark()) "Tidewatch" }
                        @if let Some(view) = self.view {
                            p.updated { (updated(view, now)) }
                        }
                    }
                    main #content { (self.content) }
                    (footer(state))
                }
            }
        }
    }
}

/// The page that says what is not there.
pub(super) fn not_found(what: &str, state: &StatusState) -> Markup {
    let content = html! {
        section.headline {
            h1 { "Not found" }
            p.note { (what) }
        }
        p { a.back href="/" { "All monitors" } }
    };
    let page = Page {
        title: "Not found",
        icon: Standing::Unknown,
        view: None,
        content,
    };
    page.render(state, state.clock.now())
}

fn updated(view: &View, now: Timestamp) -> Markup {
    html! {
        span { "Updated " (words::time(now, &words::time_of_day(now))) " UTC" }
        @match view.refresh() {
            Refresh::On => {
                a href=(view.with_refresh(Refresh::Off).query()) title="Stop renewing this page" {
                    "Pause"
                }
            }
            Refresh::Off => {
                a href=(view.with_refresh(Refresh::On).query()) title=(format!("Renew this page every {PERIOD} seconds")) { "Resume" }
            }
        }
    }
}

fn footer(state: &StatusState) -> Markup {
    html! {
        footer.bottom {
            section aria-labelledby="rows" {
                h2 #rows { "Every result is a row" }
                p {
                    "They are in " code { (state.places.database) "." (state.places.table) }
                    " on the Timestream-compatible bridge at " code { (state.places.bridge_url) }
                    ". Ask for the latest ones:"
                }
                pre tabindex="0" aria-label="Command" { code { (query_command(state)) } }
            }
            p.small {
                "Tidewatch " (state.places.version)
                " · " a href="/api/status" { "This page as JSON" }
                " · Definitions: " code { (state.places.definitions) }
            }
        }
    }
}

/// A command for a shell that shows the latest probes. Names of databases and tables have nothing
/// in them that a shell would touch within quotes.
fn query_command(state: &StatusState) -> String {
    format!(
        "aws timestream-query query --no-sign-request --region us-east-1 \\\n  \
         --endpoint-url {} --query-string \"\n    \
         SELECT time, monitor_id, outcome, latency_ms, error_text\n    \
         FROM \\\"{}\\\".\\\"{}\\\"\n    \
         WHERE measure_name = 'probe' AND time > ago(15m)\n    \
         ORDER BY time DESC LIMIT 20\"",
        state.places.bridge_url, state.places.database, state.places.table
    )
}
