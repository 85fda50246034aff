//! An evaluation step by step, for people and for programs.

use serde_json::{Value, json};
use tidewatch_alerting::evaluate::{Action, Found, Labels, StepTrace};
use tidewatch_alerting::expression::Item;
use tidewatch_alerting::frame::Frame;
use tidewatch_alerting::number;
use tidewatch_alerting::state::{Alert, State};

use super::Explained;
use crate::terminal::{Look, Tone, clean};

/// Results of a step that are shown one by one.
const SHOWN: usize = 50;

/// Whether no alert is anything but `Normal`.
pub(super) fn is_quiet(explained: &Explained<'_>) -> bool {
    explained
        .alerts
        .iter()
        .all(|alert| alert.state == State::Normal)
}

/// The rule, each of its steps, what came out, and the states with their reasons.
pub(super) fn text(explained: &Explained<'_>, look: Look) -> String {
    let rule = explained.rule;
    let mut text = String::new();
    let mut line = |indent: usize, line: &str| {
        for one in line.lines() {
            text.push_str(&format!("{}{one}\n", " ".repeat(indent)));
        }
    };
    let title = look.paint(Tone::Strong, &clean(&rule.title));
    let place = format!("{}:{}", rule.place.file.display(), rule.place.line);
    let place = look.paint(Tone::Muted, &clean(&place));
    line(0, &format!("{title}  {}  {place}", clean(&rule.uid)));
    line(0, &timing(explained));
    for step in &explained.evaluated.trace.steps {
        line(0, "\u{20}");
        let name = look.paint(Tone::Strong, &clean(&step.ref_id));
        match &step.action {
            Action::Query {
                datasource_uid,
                from,
                to,
                sql,
            } => {
                let asked = clean(datasource_uid);
                line(0, &format!("{name}  asks {asked} from {from} to {to}"));
                for one in sql.lines() {
                    line(4, &look.paint(Tone::Muted, &clean(one)));
                }
                for frame in &step.frames {
                    line(2, &frame_line(frame));
                }
            }
            Action::Expression(words) => line(0, &format!("{name}  {}", clean(words))),
        }
        for notice in &step.notices {
            let label = look.paint(Tone::Warn, "notice:");
            line(2, &format!("{label} {}", clean(notice)));
        }
        for one in outcome(step, look) {
            line(2, &one);
        }
    }
    line(0, "\u{20}");
    line(
        0,
        &format!(
            "{}  {}",
            look.paint(Tone::Strong, "result"),
            found(explained)
        ),
    );
    for alert in shown(&explained.alerts) {
        for (indent, one) in alert_lines(alert, look) {
            line(indent, &one);
        }
    }
    let resting = explained.alerts.len() - shown(&explained.alerts).count();
    if resting > 0 {
        line(2, &format!("{resting} more at rest (Normal)"));
    }
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn timing(explained: &Explained<'_>) -> String {
    let (rule, group) = (explained.rule, explained.group);
    let mut text = format!(
        "as of {}; group {} every {:?}, fires after {:?}",
        explained.at,
        clean(&group.name),
        group.interval,
        rule.hold
    );
    if !rule.keep_firing_for.is_zero() {
        text.push_str(&format!(", goes on for {:?}", rule.keep_firing_for));
    }
    if explained.evaluations > 1 {
        let before = explained.evaluations - 1;
        text.push_str(&format!(
            "; {before} evaluations before this one decide its state, too"
        ));
    }
    if rule.paused {
        text.push_str("; paused: nobody evaluates it but this command");
    }
    text
}

fn frame_line(frame: &Frame) -> String {
    let columns: Vec<String> = frame
        .fields
        .iter()
        .map(|field| match field.labels.is_empty() {
            true => clean(&field.name).into_owned(),
            false => format!("{}{}", clean(&field.name), labels(&field.labels)),
        })
        .collect();
    let pivoted = if frame.pivoted { ", pivoted" } else { "" };
    format!("{} rows{pivoted}: {}", frame.rows(), columns.join(", "))
}

fn outcome(step: &StepTrace, look: Look) -> Vec<String> {
    let items = match &step.outcome {
        Err(error) => {
            let label = look.paint(Tone::Bad, "failed:");
            return vec![format!("{label} {}", clean(error))];
        }
        Ok(items) => items,
    };
    let mut lines: Vec<String> = items.iter().take(SHOWN).map(item).collect();
    if items.len() > SHOWN {
        lines.push(format!("... {} more", items.len() - SHOWN));
    }
    if items.is_empty() {
        lines.push("= nothing".to_owned());
    }
    lines
}

fn item(item: &Item) -> String {
    let of = labels(item.labels());
    match item {
        Item::NoData => "= no data".to_owned(),
        Item::Scalar(value) => format!("= {}", value_text(*value)),
        Item::Number(number) => format!("{of} = {}", value_text(number.value)),
        Item::Series(series) => {
            let last = series.points.last();
            let last = last.map_or_else(String::new, |(at, value)| {
                format!(", the last at {at}: {}", value_text(*value))
            });
            format!("{of} = {} points{last}", series.points.len())
        }
    }
}

fn found(explained: &Explained<'_>) -> String {
    match &explained.evaluated.evaluation.found {
        Found::Instances(instances) => {
            let holding = instances.iter().filter(|it| it.holds == Some(true)).count();
            let condition = clean(&explained.rule.condition);
            format!(
                "the condition {condition} holds for {holding} of {} series",
                instances.len()
            )
        }
        Found::NoData(_) => format!(
            "the queries found nothing, which counts as {:?}",
            explained.rule.no_data
        ),
        Found::Error { message, .. } => format!(
            "failed, which counts as {:?}: {}",
            explained.rule.error,
            clean(message)
        ),
    }
}

/// Alerts that are not at rest.
fn shown(alerts: &[Alert]) -> impl Iterator<Item = &Alert> {
    alerts.iter().filter(|alert| alert.state != State::Normal)
}

fn alert_lines(alert: &Alert, look: Look) -> Vec<(usize, String)> {
    let tone = match alert.state {
        State::Normal => Tone::Good,
        State::Pending | State::Recovering => Tone::Warn,
        State::Alerting | State::NoData | State::Error => Tone::Bad,
    };
    let state = look.paint(tone, alert.state.name());
    let reason = alert.reason.as_deref();
    let reason = reason.map_or_else(String::new, |reason| format!(" ({})", clean(reason)));
    let first = format!(
        "{state}{reason} since {}  {}",
        alert.since,
        labels(&alert.labels)
    );
    let annotations = alert.annotations.iter();
    let annotations =
        annotations.map(|(name, value)| (4, format!("{}: {}", clean(name), clean(value))));
    let value = (4, clean(&alert.value_string).into_owned());
    std::iter::once((2, first))
        .chain(std::iter::once(value))
        .chain(annotations)
        .collect()
}

fn labels(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{}={}", clean(name), clean(value)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

fn value_text(value: Option<f64>) -> String {
    value.map_or_else(|| "null".to_owned(), number::format)
}

/// The same as an object.
pub(super) fn json(explained: &Explained<'_>) -> String {
    let steps: Vec<Value> = explained
        .evaluated
        .trace
        .steps
        .iter()
        .map(step_json)
        .collect();
    let alerts: Vec<Value> = explained.alerts.iter().map(alert_json).collect();
    let report = json!({
        "rule": explained.rule.uid,
        "title": explained.rule.title,
        "group": explained.group.name,
        "at": explained.at.to_string(),
        "evaluations": explained.evaluations,
        "steps": steps,
        "result": found(explained),
        "alerts": alerts,
    });
    format!("{report:#}\n")
}

fn step_json(step: &StepTrace) -> Value {
    let mut object = match &step.action {
        Action::Query {
            datasource_uid,
            from,
            to,
            sql,
        } => json!({
            "ref_id": step.ref_id,
            "datasource_uid": datasource_uid,
            "from": from.to_string(),
            "to": to.to_string(),
            "sql": sql,
        }),
        Action::Expression(words) => json!({"ref_id": step.ref_id, "expression": words}),
    };
    object["notices"] = json!(step.notices);
    match &step.outcome {
        Ok(items) => object["results"] = items.iter().map(item_json).collect(),
        Err(error) => object["error"] = json!(error),
    }
    object
}

fn item_json(item: &Item) -> Value {
    match item {
        Item::NoData => json!({"no_data": true}),
        Item::Scalar(value) => json!({"value": value}),
        Item::Number(number) => json!({"labels": number.labels, "value": number.value}),
        Item::Series(series) => {
            let points = series.points.iter();
            let points = points.map(|(at, value)| json!([at.to_string(), value]));
            json!({"labels": series.labels, "points": points.collect::<Vec<_>>()})
        }
    }
}

fn alert_json(alert: &Alert) -> Value {
    json!({
        "state": alert.state.name(),
        "reason": alert.reason,
        "since": alert.since.to_string(),
        "labels": alert.labels,
        "annotations": alert.annotations,
        "value_string": alert.value_string,
    })
}
