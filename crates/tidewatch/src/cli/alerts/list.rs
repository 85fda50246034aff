//! `tidewatch alerts list`: alerts that fire or are about to, and silences.

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::page::{PageArgs, pretty};
use crate::cli::exit::{Complaint, Exit};
use crate::terminal::{Cell, Column, Look, Table, Terminal, Tone};

const EXAMPLES: &str = "\
Examples:
  tidewatch alerts list
  tidewatch alerts list --json | jq -r '.alerts[] | select(.fires) | .labels.monitor_id'

Exit codes: 0 listed; 1 no tidewatch answers; 2 the command cannot be understood";

/// Whose alerts.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ListArgs {
    #[command(flatten)]
    page: PageArgs,
}

/// Lists them.
pub(super) async fn run(arguments: ListArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let page = arguments.page.page()?;
    let answer = page.ask(Method::GET, &["api", "alerts"], None).await?;
    let text = match arguments.page.json {
        true => pretty(&answer),
        false => report(&answer, terminal.look()),
    };
    terminal.print(&text)?;
    Ok(Exit::Good)
}

/// Both lists, and what keeps alerting from working.
fn report(answer: &Value, look: Look) -> String {
    let mut text = String::new();
    if answer["source"] == "grafana" {
        text.push_str("the alerts are those of a Grafana; they are listed there\n");
        return text;
    }
    let alerts = list(&answer["alerts"]);
    match alerts.is_empty() {
        true => text.push_str("no alert fires\n"),
        false => text.push_str(&alerts_table(alerts).render(look)),
    }
    let silences = list(&answer["silences"]);
    if !silences.is_empty() {
        text.push('\n');
        text.push_str(&silences_table(silences).render(look));
    }
    let label = look.paint(Tone::Warn, "warning:");
    for fault in list(&answer["faults"]) {
        let (rule, reason) = (word(&fault["rule"]), word(&fault["reason"]));
        let line = format!("the rule `{rule}` cannot be evaluated: {reason}");
        text.push_str(&format!("{label} {}\n", crate::terminal::clean(&line)));
    }
    for trouble in list(&answer["troubles"]) {
        let line = crate::terminal::clean(word(trouble)).into_owned();
        text.push_str(&format!("{label} {line}\n"));
    }
    text
}

fn alerts_table(alerts: &[Value]) -> Table {
    let mut table = Table::new(
        ["state", "alert", "about", "since", "silence", "id"]
            .map(Column::left)
            .to_vec(),
    );
    for alert in alerts {
        let labels = &alert["labels"];
        let state = word(&alert["state"]);
        let tone = match (alert["fires"] == true, alert["silenced_by"].is_string()) {
            (true, false) => Tone::Bad,
            _ => Tone::Muted,
        };
        table.push(vec![
            Cell::toned(state.to_lowercase(), tone),
            Cell::new(word(&labels["alertname"])),
            Cell::new(about(labels)),
            Cell::new(word(&alert["since"])),
            Cell::maybe(alert["silenced_by"].as_str()),
            Cell::new(word(&alert["id"])),
        ]);
    }
    table
}

fn silences_table(silences: &[Value]) -> Table {
    let mut table = Table::new(
        ["silence", "alerts", "until", "by", "why"]
            .map(Column::left)
            .to_vec(),
    );
    for silence in silences {
        let matchers: Vec<&str> = list(&silence["matchers"]).iter().map(word).collect();
        table.push(vec![
            Cell::new(word(&silence["id"])),
            Cell::new(matchers.join(" ")),
            Cell::new(silence["ends_at"].as_str().unwrap_or("it is resolved")),
            Cell::new(word(&silence["author"])),
            Cell::new(word(&silence["comment"])),
        ]);
    }
    table
}

/// The monitor, else whatever tells the alert from others of its name.
fn about(labels: &Value) -> String {
    let label = |name: &str| labels[name].as_str().filter(|text| !text.is_empty());
    match (label("tenant"), label("monitor_id")) {
        (Some(tenant), Some(monitor)) => format!("{tenant}/{monitor}"),
        (None, Some(monitor)) => monitor.to_owned(),
        _ => label("component")
            .or(label("rulename"))
            .unwrap_or("")
            .to_owned(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn alerts_come_before_silences_and_warnings_last() {
        let answer = json!({
            "source": "local",
            "alerts": [{
                "id": "0123456789abcdef", "state": "Alerting", "fires": true,
                "labels": {"alertname": "Monitor down", "tenant": "acme", "monitor_id": "shop"},
                "since": "2026-11-22T07:00:00.000Z", "silenced_by": null,
            }],
            "silences": [{
                "id": "7f3a0001", "matchers": ["tenant=\"acme\"", "rule=~\"slo-.*\""],
                "ends_at": null, "author": "ann", "comment": "known",
            }],
            "faults": [{"rule": "Slow", "reason": "no such column"}],
            "troubles": ["the disk is full\u{1b}[2J"],
        });
        let report = report(&answer, Look::plain(80));
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = report.lines().map(words).collect();
        assert_eq!(
            lines,
            [
                "state alert about since silence id",
                "alerting Monitor down acme/shop 2026-11-22T07:00:00.000Z - 0123456789abcdef",
                "",
                "silence alerts until by why",
                "7f3a0001 tenant=\"acme\" rule=~\"slo-.*\" it is resolved ann known",
                "warning: the rule `Slow` cannot be evaluated: no such column",
                "warning: the disk is full\\u{1b}[2J",
            ]
        );
    }

    #[test]
    fn no_alert_is_said_in_words_and_a_grafana_too() {
        let nothing = json!({"source": "writer", "alerts": [], "silences": []});
        assert_eq!(report(&nothing, Look::plain(80)), "no alert fires\n");
        let grafana = json!({"source": "grafana", "alerts": [], "silences": []});
        assert!(report(&grafana, Look::plain(80)).contains("Grafana"));
    }
}
