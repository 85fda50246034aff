//! Labels and annotations of alerts.
//!
//! Sources: `expandAnnotationsAndLabels` of `pkg/services/ngalert/state/cache.go`,
//! `GetRuleExtraLabels` and `AddErrorInformation` of `state.go`, `StateToPostableAlert` of
//! `compat.go`, and what Grafana's Alertmanager leaves out on arrival
//! (`PostableAlertsToAlertmanagerAlerts` of grafana/alerting `notify/grafana_alertmanager.go`).

use std::collections::BTreeMap;

use crate::evaluate::Labels;
use crate::fingerprint::fingerprint;
use crate::group::Route;
use crate::rule::Rule;
use crate::template::{self, Template};

use super::transition::{Failure, Outcome};
use super::{About, Alert, State};

pub(super) const REF_ID: &str = "ref_id";
pub(super) const DATASOURCE_UID: &str = "datasource_uid";
const ALERT_NAME: &str = "alertname";
const FOLDER: &str = "grafana_folder";
/// The label of the rule, which people do not see; silences match it.
pub const RULE_UID: &str = "__alert_rule_uid__";
const NAMESPACE_UID: &str = "__alert_rule_namespace_uid__";
const STATE_REASON: &str = "grafana_state_reason";

/// A rule's templates, parsed once for all instances of an evaluation, and what is the same for
/// all of them.
#[derive(Debug)]
pub(super) struct Texts<'a> {
    labels: Vec<Text<'a>>,
    annotations: Vec<Text<'a>>,
    built_in: Labels,
    external_url: &'a str,
}

#[derive(Debug)]
struct Text<'a> {
    name: &'a str,
    written: &'a str,
    /// Nothing where it cannot be parsed: then it stays as it is written.
    template: Option<Template>,
}

impl<'a> Texts<'a> {
    pub(super) fn of(rule: &'a Rule, about: &About<'a>) -> Self {
        let parsed = |texts: &'a BTreeMap<String, String>| {
            texts
                .iter()
                .map(|(name, written)| Text {
                    name,
                    written,
                    template: Template::parse(written).ok(),
                })
                .collect()
        };
        Texts {
            labels: parsed(&rule.labels),
            annotations: parsed(&rule.annotations),
            built_in: built_in(rule, about),
            external_url: about.external_url,
        }
    }

    /// All labels of an instance, which are its identity in the rule: what Grafana gives comes
    /// before what the rule says, and that before the query's.
    pub(super) fn labels(&self, outcome: &Outcome<'_>) -> Labels {
        let mut labels = without_reserved(&outcome.labels);
        if !self.labels.is_empty() {
            let own = self.expand(&self.labels, outcome);
            labels.extend(own);
        }
        labels.extend(self.built_in.clone());
        labels
    }

    pub(super) fn annotations(&self, outcome: &Outcome<'_>) -> BTreeMap<String, String> {
        self.expand(&self.annotations, outcome)
    }

    /// A text whose template fails stays as it is written.
    fn expand(&self, texts: &[Text<'_>], outcome: &Outcome<'_>) -> BTreeMap<String, String> {
        let mut seen = without_reserved(&outcome.labels);
        seen.extend(self.built_in.clone());
        let data = template::Data {
            labels: &seen,
            values: outcome.values,
            value_string: outcome.value_string,
            external_url: self.external_url,
        };
        texts
            .iter()
            .map(|text| {
                let expanded = text
                    .template
                    .as_ref()
                    .and_then(|template| template.execute(&data).ok());
                let expanded = expanded.unwrap_or_else(|| text.written.to_owned());
                (text.name.to_owned(), expanded)
            })
            .collect()
    }
}

fn built_in(rule: &Rule, about: &About<'_>) -> Labels {
    let mut labels = Labels::from([
        (ALERT_NAME.to_owned(), rule.title.clone()),
        (FOLDER.to_owned(), about.folder.to_owned()),
        (RULE_UID.to_owned(), rule.uid.clone()),
    ]);
    if let Some(settings) = &rule.notification {
        labels.extend(Route::labels(settings));
    }
    labels
}

/// A query that returns labels which only Grafana gives has them renamed.
fn without_reserved(query: &Labels) -> Labels {
    let mut labels = query.clone();
    for name in Route::LABELS.into_iter().chain([RULE_UID, NAMESPACE_UID]) {
        if let Some(value) = labels.remove(name) {
            let short = name.trim_matches('_').to_owned();
            let new = if labels.contains_key(&short) {
                format!("{name}_user")
            } else {
                short
            };
            labels.entry(new).or_insert(value);
        }
    }
    labels
}

/// Says what failed: the message in an annotation, step and data source in labels or annotations.
pub(super) fn add_failure(
    failure: &Failure<'_>,
    as_labels: bool,
    labels: &mut Labels,
    annotations: &mut BTreeMap<String, String>,
) {
    annotations.insert("Error".to_owned(), failure.message.to_owned());
    let Some(ref_id) = failure.ref_id else {
        annotations.remove(REF_ID);
        annotations.remove(DATASOURCE_UID);
        return;
    };
    let place = if as_labels { labels } else { annotations };
    place.insert(REF_ID.to_owned(), ref_id.to_owned());
    if let Some(uid) = failure.datasource_uid {
        place.insert(DATASOURCE_UID.to_owned(), uid.to_owned());
    }
}

/// Puts labels and annotations on an alert as people get them in its state.
pub(super) fn dress(alert: &mut Alert, mut labels: Labels, annotations: BTreeMap<String, String>) {
    let stands_in = match alert.state {
        State::NoData => Some("DatasourceNoData"),
        State::Error => Some("DatasourceError"),
        _ => None,
    };
    if let Some(name) = stands_in
        && let Some(rule) = labels.insert(ALERT_NAME.to_owned(), name.to_owned())
    {
        labels.insert("rulename".to_owned(), rule);
    }
    labels.retain(|name, value| !name.is_empty() && !value.is_empty());
    alert.fingerprint = fingerprint(&labels);
    (alert.internal, alert.labels) = labels.into_iter().partition(|(name, _)| is_internal(name));
    alert.annotations = with_reason(annotations, alert.reason.as_deref());
}

/// Annotations with the reason of the state, without empty ones.
pub(super) fn with_reason(
    mut annotations: BTreeMap<String, String>,
    reason: Option<&str>,
) -> BTreeMap<String, String> {
    match reason {
        Some(reason) => annotations.insert(STATE_REASON.to_owned(), reason.to_owned()),
        None => annotations.remove(STATE_REASON),
    };
    annotations.retain(|name, value| !name.is_empty() && !value.is_empty());
    annotations
}

/// Whether people do not see a label or annotation of this name.
fn is_internal(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}
