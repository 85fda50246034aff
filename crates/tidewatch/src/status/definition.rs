//! What a monitor is defined as, with every default filled in.

mod request;

use maud::{Markup, html};
use tidewatch_domain::monitor::{Assertion, Expectation, MaintenanceWindow, Occurs, TextTest};
use tidewatch_domain::{Kind, Monitor};

use super::words;

/// A line: what, and its value.
type Line = (&'static str, Markup);

/// The definition in force.
pub(super) fn section(monitor: &Monitor) -> Markup {
    html! {
        section.definition aria-labelledby="definition" {
            h2 #definition { "Definition" }
            p.quiet { "What is in force, with every default filled in." }
            div.blocks {
                (block("Request", request::lines(monitor)))
                (block("Expected", expected(monitor)))
                (block("Judged by", judged_by(monitor)))
                (block("About", about(monitor)))
            }
        }
    }
}

fn block(title: &str, lines: Vec<Line>) -> Markup {
    html! {
        div.block {
            h3 { (title) }
            dl { @for (name, value) in lines { div { dt { (name) } dd { (value) } } } }
        }
    }
}

fn expected(monitor: &Monitor) -> Vec<Line> {
    let mut lines = Vec::new();
    if monitor.expect == Expectation::Down {
        lines.push(("Target", html! { "away: nobody answers" }));
    } else if monitor.kind() == Kind::Http
        && !monitor
            .assertions
            .iter()
            .any(|assertion| matches!(assertion, Assertion::Status(_)))
    {
        lines.push(("Status", html! { "200-299" }));
    }
    lines.extend(monitor.assertions.iter().map(assertion));
    let thresholds = monitor.thresholds;
    if let Some(limit) = thresholds.degraded {
        lines.push(("Degraded", html! { "above " (words::setting(limit)) }));
    }
    if let Some(limit) = thresholds.exceeded {
        lines.push(("Fails", html! { "above " (words::setting(limit)) }));
    }
    lines.push((
        "Certificate",
        html! { "at least " (thresholds.cert_days) " days, or a third of its lifetime" },
    ));
    lines
}

fn assertion(assertion: &Assertion) -> Line {
    match assertion {
        Assertion::Status(set) => ("Status", html! { (set) }),
        Assertion::Header { name, test } => ("Header", html! { code { (name) } " " (text(test)) }),
        Assertion::Body(test) => ("Body", text(test)),
        Assertion::Reply(test) => ("Reply", text(test)),
        other => ("Assertion", html! { (other) }),
    }
}

fn text(test: &TextTest) -> Markup {
    let (verb, value) = match test {
        TextTest::Equals(value) => ("equals", value.as_str()),
        TextTest::Contains(value) => ("contains", value.as_str()),
        TextTest::NotContains(value) => ("does not contain", value.as_str()),
        TextTest::Matches(regex) => ("matches", regex.as_str()),
    };
    html! { (verb) " " code { (value) } }
}

fn judged_by(monitor: &Monitor) -> Vec<Line> {
    let mut lines = vec![
        (
            "Down after",
            html! {
                @match monitor.failures {
                    Some(share) => { (share.count) " of " (share.of) " failed" }
                    None => { (monitor.confirmations) " failed in a row" }
                }
            },
        ),
        ("Up after", html! { (monitor.recoveries) " good in a row" }),
        (
            "Locations",
            html! {
                @if monitor.locations.is_empty() { "wherever a prober runs" }
                @for (index, location) in monitor.locations.iter().enumerate() {
                    @if index > 0 { ", " } (location)
                }
            },
        ),
        (
            "Quorum",
            html! {
                @match monitor.quorum {
                    Some(quorum) => { (quorum) " must fail" }
                    None => "most of those that reported",
                }
            },
        ),
        (
            "Objective",
            html! {
                (monitor.slo.availability) " % available"
                @if let Some(limit) = monitor.slo.latency { ", within " (words::setting(limit)) }
            },
        ),
    ];
    lines.extend(
        monitor
            .maintenance
            .iter()
            .map(|window| ("Maintenance", maintenance(window))),
    );
    lines
}

fn maintenance(window: &MaintenanceWindow) -> Markup {
    let days = match &window.occurs {
        Occurs::Daily => "daily".to_owned(),
        Occurs::Weekly(days) => days
            .iter()
            .map(|day| format!("{day:?}"))
            .collect::<Vec<_>>()
            .join(", "),
        Occurs::On(dates) => dates
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    };
    html! {
        (days) " at " (window.start.strftime("%H:%M"))
        " " (window.zone.iana_name().unwrap_or("UTC"))
        ", for " (words::setting(window.duration))
    }
}

fn about(monitor: &Monitor) -> Vec<Line> {
    let mut lines = vec![
        ("Key", html! { code { (monitor.key) } }),
        ("Kind", html! { (monitor.kind().name()) }),
        ("Severity", html! { (monitor.severity.name()) }),
    ];
    if let Some(team) = &monitor.team {
        lines.push(("Team", html! { (team) }));
    }
    if let Some(runbook) = &monitor.runbook_url {
        lines.push(("Runbook", link(runbook)));
    }
    if let Some(parent) = &monitor.parent {
        let path = format!("/monitors/{}/{parent}", monitor.key.tenant);
        lines.push(("Parent", html! { a href=(path) { (parent) } }));
    }
    if !monitor.labels.is_empty() {
        let labels = monitor
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        lines.push(("Labels", codes(labels)));
    }
    lines
}

/// A link, where the address is one that a browser should follow.
fn link(address: &str) -> Markup {
    html! {
        @if address.starts_with("https://") || address.starts_with("http://") {
            a href=(address) rel="noreferrer noopener" { (address) }
        } @else {
            (address)
        }
    }
}

fn codes(texts: impl Iterator<Item = impl AsRef<str>>) -> Markup {
    html! {
        @for (index, text) in texts.enumerate() {
            @if index > 0 { " " } code { (text.as_ref()) }
        }
    }
}
