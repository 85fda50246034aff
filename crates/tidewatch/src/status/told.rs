//! What people were told lately.

use maud::{Markup, html};
use tidewatch_domain::Timestamp;

use super::words;
use crate::local::Told;

/// The messages, the newest first; nothing where there were none.
pub(super) fn section(all: &[Told], now: Timestamp) -> Markup {
    html! {
        @if !all.is_empty() {
            section.told aria-labelledby="told" {
                h2 #told { "Last messages to people" }
                table {
                    thead { tr {
                        th scope="col" { "When" }
                        th scope="col" { "Monitor" }
                        th scope="col" { "Message" }
                        th scope="col" { "Channel" }
                        th scope="col" { "Result" }
                    } }
                    tbody { @for told in all { (row(told, now)) } }
                }
            }
        }
    }
}

fn row(told: &Told, now: Timestamp) -> Markup {
    let path = format!("/monitors/{}/{}", told.tenant, told.monitor_id);
    html! {
        tr {
            td { (words::ago(told.at, now)) }
            td {
                // Rows of Tidewatch itself are about no monitor.
                @if told.tenant.starts_with('_') { (told.monitor_id) }
                @else { a href=(path) { (told.monitor_id) } " " span.quiet { (told.tenant) } }
            }
            td { (told.kind.replace('_', " ")) }
            td { (told.channel) }
            td { @if told.result == "sent" { "sent" } @else { strong { (told.result) } } }
        }
    }
}
