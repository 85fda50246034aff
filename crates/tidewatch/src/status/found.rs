//! What the last probe found out about the other side.

use maud::{Markup, html};
use tidewatch_domain::monitor::{AssertionResult, Connection};
use tidewatch_domain::probe::{CertificateFacts, DnsFacts, Hop, StepFacts, TlsFacts};
use tidewatch_domain::{Attempt, Timestamp};

use super::words;

/// Names of a certificate that are shown; some have hundreds.
const NAMES: usize = 6;

/// Connection, certificate, dialogue, DNS answer, redirects and assertions of one attempt; parts about which it found
/// nothing are absent.
pub(super) fn section(attempt: &Attempt, now: Timestamp) -> Markup {
    let tls = attempt.tls.as_ref();
    let certificate = tls.and_then(|tls| tls.certificate.as_ref());
    html! {
        section.found aria-labelledby="found" {
            h2 #found { "Last found" }
            p.quiet { "What one attempt of the last probe learned, " (words::ago(attempt.started_at, now)) "." }
            div.blocks {
                div.block { h3 { "Connection" } (connection(attempt)) }
                @if let Some(facts) = certificate {
                    div.block { h3 { "Certificate" } (self::certificate(facts, now)) }
                }
            }
            @if !attempt.steps.is_empty() { (dialogue(&attempt.steps)) }
            @if let Some(facts) = &attempt.dns { (answer(facts)) }
            @if !attempt.hops.is_empty() { (redirects(&attempt.hops)) }
            @if !attempt.assertions.is_empty() { (assertions(&attempt.assertions)) }
        }
    }
}

fn connection(attempt: &Attempt) -> Markup {
    html! {
        dl {
            @if let Some(address) = attempt.remote_addr {
                (line("Address", html! { code { (address) } }))
            }
            (line("Connection", html! {
                @match attempt.connection {
                    Connection::Fresh => "fresh",
                    Connection::Reuse => "reused",
                }
            }))
            (line("Total", html! {
                (words::latency(attempt.phases.total))
                @if attempt.is_tainted() { ", tainted: this machine was busy" }
            }))
            @if let Some(rtt) = attempt.rtt { (line("Round trip", html! { (words::latency(rtt)) })) }
            @if let Some(server) = attempt.server_time() {
                (line("Server", html! { "about " (words::latency(server)) }))
            }
            @if let Some(version) = attempt.http_version {
                (line("Protocol", html! { "HTTP/" (version) }))
            }
            @if let Some(tls) = attempt.tls.as_ref() { (line("TLS", negotiated(tls))) }
            @if let Some(status) = attempt.status_code {
                (line("Answer", html! {
                    (status) ", " (attempt.body_bytes) " bytes"
                    @if attempt.body_cut { ", cut at the limit" }
                }))
            }
        }
    }
}

fn negotiated(tls: &TlsFacts) -> Markup {
    let parts: Vec<&str> = [
        tls.version,
        tls.cipher.as_deref(),
        tls.group.as_deref(),
        tls.alpn.as_deref(),
        tls.resumed.then_some("resumed"),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! { @if parts.is_empty() { "the handshake did not end" } @else { (parts.join(", ")) } }
}

fn certificate(facts: &CertificateFacts, now: Timestamp) -> Markup {
    let days = facts.days_left(now);
    let names = facts.names.iter().take(NAMES);
    let more = facts.names.len().saturating_sub(NAMES);
    html! {
        dl {
            (line("Subject", html! { (facts.subject) }))
            (line("Issuer", html! { (facts.issuer) }))
            (line("Valid until", html! {
                (words::full(facts.not_after)) ", "
                @if days < 0 { "expired " (words::count(past(days), "day")) " ago" }
                @else { (words::count(past(days), "day")) " left" }
            }))
            (line("Names", html! {
                @for (index, name) in names.enumerate() {
                    @if index > 0 { " " } code { (name) }
                }
                @if more > 0 { " and " (more) " more" }
            }))
            (line("Trust", html! {
                @if facts.verified { "a path to a trusted root was found" }
                @else { "no path to a trusted root was found" }
            }))
            (line("SHA-256", html! { code { (facts.fingerprint) } }))
        }
    }
}

/// The number of days, whichever way they lie.
fn past(days: i64) -> usize {
    usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX)
}

fn dialogue(steps: &[StepFacts]) -> Markup {
    html! {
        h3 { "Dialogue" }
        table {
            thead { tr {
                th.number scope="col" { "Took" }
                th scope="col" { "Step" }
            } }
            tbody {
                @for step in steps {
                    tr {
                        td.number { (words::latency(step.took)) }
                        td { code { (step.step) } }
                    }
                }
            }
        }
    }
}

fn answer(facts: &DnsFacts) -> Markup {
    html! {
        h3 {
            "DNS answer: " (facts.rcode)
            @for flag in &facts.flags { " " (flag.name()) }
        }
        table {
            thead { tr {
                th scope="col" { "Name" }
                th.number scope="col" { "TTL" }
                th scope="col" { "Type" }
                th scope="col" { "Data" }
            } }
            tbody {
                @for record in &facts.answers {
                    tr {
                        td { code { (record.name) } }
                        td.number { (record.ttl) " s" }
                        td { (record.record_type) }
                        td { code { (record.data) } }
                    }
                }
            }
        }
    }
}

fn redirects(hops: &[Hop]) -> Markup {
    html! {
        h3 { "Redirects" }
        table {
            thead { tr {
                th scope="col" { "Address" }
                th.number scope="col" { "Status" }
                @for (name, _) in tidewatch_domain::Phases::default().named() {
                    th.number scope="col" { (name) }
                }
                th.number scope="col" { "total" }
            } }
            tbody {
                @for hop in hops {
                    tr {
                        td { code { (hop.url) } }
                        td.number { (hop.status_code) }
                        @for (_, phase) in hop.phases.named() {
                            td.number { @if let Some(phase) = phase { (words::latency(phase)) } }
                        }
                        td.number { (words::latency(hop.phases.total)) }
                    }
                }
            }
        }
    }
}

fn assertions(results: &[AssertionResult]) -> Markup {
    html! {
        h3 { "Assertions" }
        table {
            thead { tr {
                th scope="col" { "Holds" }
                th scope="col" { "What" }
                th scope="col" { "Expected" }
                th scope="col" { "Actual" }
            } }
            tbody {
                @for result in results {
                    tr {
                        td { @if result.passed { "yes" } @else { strong { "no" } } }
                        td { (result.expression) }
                        td { code { (result.expected) } }
                        td { code { (result.actual) } }
                    }
                }
            }
        }
    }
}

fn line(name: &str, value: Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}
