//! What a monitor is defined as, with every default filled in.

use maud::{Markup, html};
use tidewatch_domain::monitor::{
    AddressFamily, Assertion, Check, Connection, HttpCheck, MaintenanceWindow, Occurs, Redirects,
    TextTest,
};
use tidewatch_domain::{Kind, Monitor};

use super::words;

/// A line: what, and its value.
type Line = (&'static str, Markup);

/// The definition in force. Values of headers and the body stay away: they may be confidential.
pub(super) fn section(monitor: &Monitor) -> Markup {
    let request = match &monitor.check {
        Check::Http(http) => request(monitor, http),
        Check::Dns(_) => question(monitor),
    };
    html! {
        section.definition aria-labelledby="definition" {
            h2 #definition { "Definition" }
            p.quiet { "What is in force, with every default filled in." }
            div.blocks {
                (block("Request", request))
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

fn question(monitor: &Monitor) -> Vec<Line> {
    vec![
        ("Target", html! { code { (monitor.public_target()) } }),
        ("Every", html! { (words::setting(monitor.interval)) }),
    ]
}

fn request(monitor: &Monitor, http: &HttpCheck) -> Vec<Line> {
    let mut lines = vec![
        (
            "Target",
            html! { code { (http.method) " " (monitor.public_target()) } },
        ),
        ("Every", html! { (words::setting(monitor.interval)) }),
        (
            "Attempts",
            html! { (monitor.attempts) ", " (connection(monitor.connection)) },
        ),
        (
            "Timeouts",
            html! {
                "connect " (words::setting(monitor.timeouts.connect))
                ", attempt " (words::setting(monitor.timeouts.attempt))
                ", probe " (words::setting(monitor.timeouts.probe))
            },
        ),
        (
            "Redirects",
            html! {
                @match http.redirects {
                    Redirects::Stop => "not followed",
                    Redirects::Follow { max } => { "followed, at most " (max) }
                }
            },
        ),
    ];
    if http.network.family != AddressFamily::Any {
        let family = if http.network.family == AddressFamily::V4 {
            "IPv4 only"
        } else {
            "IPv6 only"
        };
        lines.push(("Addresses", html! { (family) }));
    }
    if !http.headers.is_empty() {
        let names = http.headers.iter().map(|(name, _)| name.as_str());
        lines.push(("Headers", codes(names)));
    }
    if http.body.is_some() {
        lines.push(("Body", html! { "sent" }));
    }
    lines
}

fn connection(connection: Connection) -> &'static str {
    match connection {
        Connection::Fresh => "each on its own connection",
        Connection::Reuse => "on one connection while it stands",
    }
}

fn expected(monitor: &Monitor) -> Vec<Line> {
    let mut lines = Vec::new();
    if monitor.kind() == Kind::Http
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
        Assertion::Dns(test) => ("Answer", html! { code { (test) } }),
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
