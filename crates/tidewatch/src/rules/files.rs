//! The rules that this process evaluates.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tidewatch_alerting::fault::Fault;
use tidewatch_alerting::group::Routing;
use tidewatch_alerting::rule::{self, Group, NotificationSettings, Rule};
use tidewatch_domain::incident::label;

use crate::settings::{AlertSettings, AlertSource};

/// The shipped rules, as a Grafana gets them.
const SHIPPED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../grafana/provisioning/alerting/rules.yaml"
));
/// What the shipped rules are called where a fault of theirs is told.
const SHIPPED_FILE: &str = "grafana/provisioning/alerting/rules.yaml";
/// The rules that repeat verdicts of the judge: they rest where those are told at once.
const OF_VERDICTS: [&str; 2] = ["tidewatch-down", "tidewatch-degraded-location"];
/// Variables with this prefix hold secrets, and labels and queries are no place for those.
const SECRETS: &str = "TIDEWATCH_SECRET_";
/// Shorter than any interval of evaluation: the Watchdog is repeated whenever its group is looked
/// at, because each arrival of it is a sign of life.
const AT_EVERY_LOOK: Duration = Duration::from_secs(10);

/// The rules that come with this program: what the file is called, and its text.
pub(crate) fn shipped() -> (&'static Path, &'static str) {
    (Path::new(SHIPPED_FILE), SHIPPED)
}

/// The rules of the settings, else the shipped ones; none where a Grafana evaluates them. The
/// error has every fault, one a line.
pub(crate) fn load(
    settings: &AlertSettings,
    routing: &Routing,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Group>, String> {
    if settings.source == AlertSource::Grafana {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut groups = Vec::new();
    let variables = |name: &str| match name.starts_with(SECRETS) {
        true => None,
        false => variables(name),
    };
    let mut read = |file: &Path, text: &str| match rule::read(file, text, &variables) {
        Ok(found) => groups.extend(found),
        Err(found) => faults.extend(found.iter().map(Fault::to_string)),
    };
    if settings.rules.is_empty() {
        let (file, text) = shipped();
        read(file, text);
    }
    let mut unreadable = Vec::new();
    for file in &settings.rules {
        match std::fs::read_to_string(file) {
            Ok(text) => read(file, &text),
            Err(error) => unreadable.push(format!(
                "{}: {error}; name rule files in `rules` of [alerts]",
                file.display()
            )),
        }
    }
    faults.extend(unreadable);
    faults.extend(doubles(&groups));
    if settings.heartbeat_url.is_some() && !all(&groups).any(is_watchdog) {
        faults.push(
            "`heartbeat-url` needs a rule that always fires, with the label `rule: watchdog`, \
             among the rules"
                .to_owned(),
        );
    }
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    for rule in groups.iter_mut().flat_map(|group| &mut group.rules) {
        if settings.source == AlertSource::Writer && OF_VERDICTS.contains(&rule.uid.as_str()) {
            rule.paused = true;
        }
        if is_watchdog(rule) {
            let settings = rule
                .notification
                .get_or_insert_with(|| to(&routing.receiver));
            settings.repeat_interval = Some(AT_EVERY_LOOK);
        }
    }
    Ok(groups)
}

fn all(groups: &[Group]) -> impl Iterator<Item = &Rule> {
    groups.iter().flat_map(|group| &group.rules)
}

fn is_watchdog(rule: &Rule) -> bool {
    rule.labels.get(label::RULE).map(String::as_str) == Some("watchdog")
}

/// The settings that only name the contact point.
fn to(receiver: &str) -> NotificationSettings {
    NotificationSettings {
        receiver: receiver.to_owned(),
        group_by: Vec::new(),
        group_wait: None,
        group_interval: None,
        repeat_interval: None,
        mute_time_intervals: Vec::new(),
        active_time_intervals: Vec::new(),
    }
}

/// A reader sees one file at a time.
fn doubles(groups: &[Group]) -> Vec<String> {
    let mut seen: BTreeMap<&str, &Rule> = BTreeMap::new();
    let mut faults = Vec::new();
    for rule in all(groups) {
        if let Some(first) = seen.insert(&rule.uid, rule) {
            faults.push(format!(
                "{}:{}: the uid `{}` is taken by the rule in {}:{}; choose another",
                rule.place.file.display(),
                rule.place.line,
                rule.uid,
                first.place.file.display(),
                first.place.line,
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tidewatch_notify::settings::Settings as Telling;

    use super::*;

    fn settings(source: AlertSource, rules: Vec<PathBuf>) -> AlertSettings {
        AlertSettings {
            source,
            rules,
            heartbeat_url: None,
            telling: Telling::default(),
            is_wanted: false,
        }
    }

    fn load(settings: &AlertSettings) -> Result<Vec<Group>, String> {
        super::load(settings, &Routing::to("tidewatch"), &|_| None)
    }

    fn paused(groups: &[Group]) -> Vec<&str> {
        let rules = all(groups).filter(|rule| rule.paused);
        rules.map(|rule| rule.uid.as_str()).collect()
    }

    #[test]
    fn the_shipped_rules_are_read_and_those_of_verdicts_rest_where_those_are_told() {
        let local = load(&settings(AlertSource::Local, Vec::new())).unwrap();
        assert_eq!((all(&local).count(), paused(&local)), (13, vec![]));
        let writer = load(&settings(AlertSource::Writer, Vec::new())).unwrap();
        assert_eq!(paused(&writer), OF_VERDICTS);
        let grafana = load(&settings(AlertSource::Grafana, Vec::new())).unwrap();
        assert_eq!(grafana, []);
    }

    #[test]
    fn the_watchdog_is_repeated_at_every_look() {
        let groups = load(&settings(AlertSource::Local, Vec::new())).unwrap();
        let repeats: Vec<_> = all(&groups)
            .filter_map(|rule| {
                let repeat = rule.notification.as_ref()?.repeat_interval?;
                (repeat < Duration::from_secs(60)).then_some(rule.title.as_str())
            })
            .collect();
        assert_eq!(repeats, ["Watchdog"]);
    }

    #[test]
    fn every_fault_of_every_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let twice = folder.path().join("twice.yaml");
        std::fs::write(&twice, SHIPPED).unwrap();
        let bad = folder.path().join("bad.yaml");
        std::fs::write(&bad, "apiVersion: 1\ngroups: 7\n").unwrap();
        let missing = folder.path().join("missing.yaml");
        let files = vec![twice.clone(), twice, bad.clone(), missing.clone()];
        let error = load(&settings(AlertSource::Local, files)).unwrap_err();
        for words in [
            "the uid `tidewatch-down` is taken by the rule in",
            &format!("{}:", bad.display()),
            &format!("{}: No such file", missing.display()),
        ] {
            assert!(error.contains(words), "{words} is not in\n{error}");
        }
    }

    #[test]
    fn a_heartbeat_needs_a_watchdog() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("none.yaml");
        std::fs::write(&file, "apiVersion: 1\ngroups: []\n").unwrap();
        let mut settings = settings(AlertSource::Local, vec![file]);
        assert_eq!(load(&settings).unwrap(), []);
        let place = "file:ping".to_owned();
        settings.heartbeat_url = Some(place.try_into().unwrap());
        let error = load(&settings).unwrap_err();
        assert!(error.contains("rule: watchdog"), "{error}");
    }
}
