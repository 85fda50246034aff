//! One rule (`pkg/services/provisioning/alerting/rules_types.go`).

use super::context::Context;
use super::{notification, step};
use crate::document::{Map, Node};
use crate::rule::{ErrorState, NoDataState, Rule};
use crate::template::Template;

/// As long as Grafana's tables allow.
const LONGEST_UID: usize = 40;
const LONGEST_TITLE: usize = 190;

/// What templates call data, which in a label have to be written with two dollars.
const TEMPLATE_VARIABLES: [&str; 3] = ["labels", "values", "value"];

pub(super) fn rule(node: &Node<'_>, context: &mut Context<'_>) -> Option<Rule> {
    let mut map = node.map(&mut context.faults)?;
    let uid = uid(&mut map, context);
    let title = title(&mut map, context);
    let condition = condition(&mut map, context);
    let hold = context.optional_duration("for", &mut map);
    let keep_firing_for = context.optional_duration("keepFiringFor", &mut map);
    let missing = map
        .get("missing_series_evals_to_resolve")
        .and_then(|node| context.whole(&node, 1..=i64::from(u32::MAX)))
        .and_then(|number| u32::try_from(number).ok());
    let no_data = state("noDataState", &NO_DATA, &mut map, context);
    let error = state("execErrState", &ERROR, &mut map, context);
    let paused = map.get("isPaused").and_then(|node| context.truth(&node));
    let dashboard_uid = dashboard(&mut map, context);
    let panel_id = map
        .get("panelId")
        .and_then(|node| context.whole(&node, 0..=i64::MAX))
        .filter(|id| *id != 0);
    if panel_id.is_some() && dashboard_uid.is_none() {
        let reason = "has a `panelId` without a `dashboardUid`; write both or none";
        context.fault(node, reason);
    }
    if let Some(record) = map.get("record") {
        let reason = "makes this a recording rule, which writes to Prometheus and raises no alert; leave it to Grafana, in a file of its own";
        context.fault(&record, reason);
    }
    let labels = context.texts("labels", &mut map, label);
    let annotations = context.texts("annotations", &mut map, annotation);
    let notification = map
        .get("notification_settings")
        .and_then(|node| notification::settings(&node, context));
    let steps = step::steps(&mut map, condition.as_deref(), context);
    map.finish(&mut context.faults);
    Some(Rule {
        uid: uid.unwrap_or_default(),
        title: title.unwrap_or_default(),
        condition: condition.unwrap_or_default(),
        hold: hold.unwrap_or_default(),
        keep_firing_for: keep_firing_for.unwrap_or_default(),
        missing_series_evals_to_resolve: missing.unwrap_or(2),
        no_data: no_data.unwrap_or_default(),
        // The default of files; that of the user interface is `Error`.
        error: error.unwrap_or(ErrorState::Alerting),
        paused: paused.unwrap_or_default(),
        dashboard_uid,
        panel_id,
        labels,
        annotations,
        notification,
        steps,
        place: context.place(node),
    })
}

fn uid(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<String> {
    let uid = context.required_text("uid", map)?;
    let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let node = map.get("uid")?;
    if uid.len() > LONGEST_UID {
        let length = uid.len();
        let reason = format!("`{uid}` has {length} characters; use at most {LONGEST_UID}");
        context.fault(&node, reason);
    }
    if !uid.chars().all(letters) {
        let reason = format!("`{uid}` has other characters than letters, digits, `-` and `_`");
        context.fault(&node, reason);
    }
    Some(uid)
}

fn title(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<String> {
    let title = context.required_text("title", map)?;
    let length = title.chars().count();
    if length > LONGEST_TITLE {
        let node = map.get("title")?;
        let reason = format!("has {length} characters; use at most {LONGEST_TITLE}");
        context.fault(&node, reason);
    }
    Some(title)
}

/// A recording rule has none, but has been told of already.
fn condition(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<String> {
    if map.get("record").is_some() {
        return context.optional_text("condition", map);
    }
    context.required_text("condition", map)
}

/// An early misspelling is read by Grafana to this day.
fn dashboard(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<String> {
    let misspelt = context.optional_text("dasboardUid", map);
    context.optional_text("dashboardUid", map).or(misspelt)
}

const NO_DATA: [(&str, NoDataState); 4] = [
    ("NoData", NoDataState::NoData),
    ("Alerting", NoDataState::Alerting),
    ("OK", NoDataState::Ok),
    ("KeepLast", NoDataState::KeepLast),
];

const ERROR: [(&str, ErrorState); 4] = [
    ("Error", ErrorState::Error),
    ("Alerting", ErrorState::Alerting),
    ("OK", ErrorState::Ok),
    ("KeepLast", ErrorState::KeepLast),
];

fn state<T: Copy>(
    name: &'static str,
    choices: &[(&str, T)],
    map: &mut Map<'_>,
    context: &mut Context<'_>,
) -> Option<T> {
    let node = map.get(name)?;
    let text = context.text(&node)?;
    let text = text.trim();
    let found = choices.iter().find(|(word, _)| *word == text);
    if found.is_none() && !text.is_empty() {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let reason = format!("`{text}` is not known; use one of {}", words.join(", "));
        context.fault(&node, reason);
    }
    found.map(|(_, state)| *state)
}

/// Variables of the environment first, then a template.
fn label(context: &mut Context<'_>, node: &Node<'_>) -> Option<String> {
    let (text, unset) = context.text_and_unset(node)?;
    let meant = unset
        .iter()
        .find(|name| TEMPLATE_VARIABLES.contains(&name.as_str()));
    if let Some(name) = meant {
        let reason = format!(
            "`${name}` is taken for a variable of the environment in labels; write `$${name}`"
        );
        context.fault(node, reason);
        return None;
    }
    template(&text, node, context)
}

/// A template as it is written: Grafana replaces nothing here before.
fn annotation(context: &mut Context<'_>, node: &Node<'_>) -> Option<String> {
    let text = node.text(&mut context.faults)?;
    template(&text, node, context)
}

fn template(text: &str, node: &Node<'_>, context: &mut Context<'_>) -> Option<String> {
    match Template::parse(text) {
        Ok(_) => Some(text.to_owned()),
        Err(reason) => {
            context.fault(node, reason);
            None
        }
    }
}
