use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tidewatch_domain::Timestamp;

use crate::evaluate::{Empty, Evaluation, Found, Instance, Labels, Value};
use crate::rule::{ErrorState, NoDataState, NotificationSettings, Place, Rule};

use super::{About, Alert, End, RuleStates, State};

mod restart;
mod trouble;

/// A rule evaluated every minute, with `a` and `b` as series.
struct Bench {
    rule: Rule,
    states: RuleStates,
    minute: i64,
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_secs(1_795_330_800 + 60 * minute)
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn series(name: &str, holds: Option<bool>) -> Instance {
    let labels = texts(&[("monitor_id", name)]);
    let value = holds.map(|holds| if holds { 3.0 } else { 0.0 });
    Instance {
        values: [(
            "A".to_owned(),
            Value {
                labels: labels.clone(),
                value,
            },
        )]
        .into(),
        value_string: format!("[ var='A' labels={{monitor_id={name}}} ]"),
        labels,
        holds,
    }
}

impl Bench {
    fn new(change: impl FnOnce(&mut Rule)) -> Self {
        let mut rule = Rule {
            uid: "rule".to_owned(),
            title: "Monitor down".to_owned(),
            condition: "C".to_owned(),
            hold: Duration::ZERO,
            keep_firing_for: Duration::ZERO,
            missing_series_evals_to_resolve: 2,
            no_data: NoDataState::NoData,
            error: ErrorState::Error,
            paused: false,
            dashboard_uid: None,
            panel_id: None,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            notification: None,
            steps: Vec::new(),
            place: Place {
                file: PathBuf::from("rules.yaml"),
                line: 1,
            },
        };
        change(&mut rule);
        Bench {
            rule,
            states: RuleStates::default(),
            minute: 0,
        }
    }

    fn found(&mut self, found: Found) -> Vec<Alert> {
        let about = About {
            folder: "Tidewatch",
            interval: Duration::from_secs(60),
            external_url: "http://localhost:3000/",
            org_id: 1,
        };
        let evaluation = Evaluation {
            at: at(self.minute),
            found,
        };
        self.minute += 1;
        self.states.apply(&self.rule, &about, &evaluation)
    }

    /// One evaluation: for each series `name` and whether the condition holds, `?` for no value.
    fn eval(&mut self, series_of: &str) -> Vec<String> {
        let instances = series_of.split_whitespace().map(|text| {
            let (name, sign) = text.split_at(1);
            let holds = match sign {
                "+" => Some(true),
                "-" => Some(false),
                _ => None,
            };
            series(name, holds)
        });
        let found = Found::Instances(instances.collect());
        self.found(found).iter().map(shown).collect()
    }

    fn no_data(&mut self) -> Vec<String> {
        let empty = Empty {
            datasource_uid: "tidewatch".to_owned(),
            ref_ids: vec!["A".to_owned(), "B".to_owned()],
        };
        let found = Found::NoData(vec![empty]);
        self.found(found).iter().map(shown).collect()
    }

    fn error(&mut self) -> Vec<String> {
        let found = Found::Error {
            message: "[sse.dataQueryError] failed to execute query [A]: gone".to_owned(),
            ref_id: Some("A".to_owned()),
            datasource_uid: Some("tidewatch".to_owned()),
        };
        self.found(found).iter().map(shown).collect()
    }

    /// All instances that are not forgotten.
    fn states(&self) -> Vec<String> {
        self.states.alerts().map(shown).collect()
    }
}

/// `a Alerting` or `a ended`, with the reason.
fn shown(alert: &Alert) -> String {
    let name = alert.labels.get("monitor_id").map_or("*", String::as_str);
    let state = if alert.resolved_at.is_some() {
        "ended"
    } else {
        alert.state.name()
    };
    match &alert.reason {
        Some(reason) => format!("{name} {state} ({reason})"),
        None => format!("{name} {state}"),
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

const NONE: [&str; 0] = [];

#[test]
fn an_alert_fires_and_ends() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.eval("a- b-"), NONE);
    assert_eq!(bench.states(), NONE, "what is normal is not remembered");
    assert_eq!(bench.eval("a+ b-"), ["a Alerting"]);
    assert_eq!(bench.eval("a+ b-"), ["a Alerting"]);
    assert_eq!(bench.eval("a- b-"), ["a ended"]);
    assert_eq!(bench.states(), NONE);
    assert_eq!(bench.eval("a- b-"), NONE);
}

#[test]
fn beginnings_and_ends_are_those_of_the_incident() {
    let mut bench = Bench::new(|_| {});
    let found = |holds| Found::Instances(vec![series("a", Some(holds))]);
    let first = bench.found(found(true)).remove(0);
    assert_eq!((first.starts_at, first.since), (at(0), at(0)));
    assert_eq!(first.ends_at, at(4), "four intervals");
    let second = bench.found(found(true)).remove(0);
    assert_eq!((second.starts_at, second.ends_at), (at(0), at(5)));
    let end = bench.found(found(false)).remove(0);
    assert_eq!((end.starts_at, end.ends_at), (at(0), at(2)));
    assert_eq!(end.resolved_at, Some(at(2)));
    assert_eq!(end.state, State::Normal);
}

#[test]
fn short_intervals_are_believed_for_two_minutes() {
    let mut bench = Bench::new(|_| {});
    let about = About {
        folder: "F",
        interval: Duration::from_secs(10),
        external_url: "",
        org_id: 1,
    };
    let evaluation = Evaluation {
        at: at(0),
        found: Found::Instances(vec![series("a", Some(true))]),
    };
    let alerts = bench.states.apply(&bench.rule, &about, &evaluation);
    assert_eq!(alerts[0].ends_at, at(2));
}

#[test]
fn it_is_pending_for_as_long_as_the_rule_says() {
    let mut bench = Bench::new(|rule| rule.hold = minutes(2));
    assert_eq!(bench.eval("a+"), NONE);
    assert_eq!(bench.states(), ["a Pending"]);
    assert_eq!(bench.eval("a+"), NONE);
    assert_eq!(bench.eval("a+"), ["a Alerting"]);
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!((alert.since, alert.starts_at), (at(2), at(2)));
    assert_eq!(bench.eval("a-"), ["a ended"]);

    assert_eq!(bench.eval("a+"), NONE);
    assert_eq!(
        bench.eval("a-"),
        NONE,
        "nobody was told of what was pending"
    );
    assert_eq!(bench.states(), NONE);
}

#[test]
fn it_keeps_firing_for_as_long_as_the_rule_says() {
    let mut bench = Bench::new(|rule| {
        rule.hold = minutes(1);
        rule.keep_firing_for = minutes(2);
    });
    bench.eval("a+");
    assert_eq!(bench.eval("a+"), ["a Alerting"]);
    assert_eq!(bench.eval("a-"), ["a Recovering"]);
    assert_eq!(bench.eval("a-"), ["a Recovering"]);
    // Again before it is over: without another wait, and still the same alert.
    assert_eq!(bench.eval("a+"), ["a Alerting"]);
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!((alert.since, alert.starts_at), (at(4), at(1)));
    assert_eq!(bench.eval("a-"), ["a Recovering"]);
    assert_eq!(bench.eval("a-"), ["a Recovering"]);
    assert_eq!(bench.eval("a-"), ["a ended"]);
}

#[test]
fn labels_of_the_rule_win_over_the_querys() {
    let mut bench = Bench::new(|rule| {
        rule.dashboard_uid = Some("d".to_owned());
        rule.panel_id = Some(4);
        rule.labels = texts(&[
            ("severity", "critical"),
            ("monitor_id", "of {{ $labels.monitor_id }}"),
            ("alertname", "mine"),
            ("empty", "{{ if false }}x{{ end }}"),
        ]);
        rule.annotations = texts(&[
            (
                "summary",
                "{{ $labels.monitor_id }} in {{ $labels.grafana_folder }} since {{ $values.A }}: \
                 {{ $labels.tenant }}",
            ),
            ("broken", "{{ humanize $values.A }}"),
            ("nothing", ""),
        ]);
        rule.notification = Some(NotificationSettings {
            receiver: "pager".to_owned(),
            group_by: Vec::new(),
            group_wait: None,
            group_interval: None,
            repeat_interval: None,
            mute_time_intervals: Vec::new(),
            active_time_intervals: Vec::new(),
        });
    });
    let found = Found::Instances(vec![series("a", Some(true))]);
    let alert = bench.found(found).remove(0);
    assert_eq!(
        alert.labels,
        texts(&[
            ("alertname", "Monitor down"),
            ("grafana_folder", "Tidewatch"),
            ("monitor_id", "of a"),
            ("severity", "critical"),
        ])
    );
    assert_eq!(
        alert.internal,
        texts(&[
            ("__alert_rule_uid__", "rule"),
            ("__grafana_autogenerated__", "true"),
            ("__grafana_receiver__", "pager"),
        ])
    );
    assert_eq!(alert.query_labels, texts(&[("monitor_id", "a")]));
    assert_eq!(
        alert.annotations,
        texts(&[
            ("summary", "a in Tidewatch since 3: [no value]"),
            // A template that fails stays as it is written.
            ("broken", "{{ humanize $values.A }}"),
        ])
    );
    assert_eq!(alert.values, [("A".to_owned(), 3.0)].into());
    assert_eq!(
        (alert.dashboard_uid.as_deref(), alert.panel_id),
        (Some("d"), Some(4))
    );
    let mut all: Labels = alert.labels;
    all.extend(alert.internal);
    assert_eq!(alert.fingerprint, crate::fingerprint::fingerprint(&all));
}

#[test]
fn a_query_cannot_give_labels_that_are_grafanas() {
    let mut bench = Bench::new(|_| {});
    let mut instance = series("a", Some(true));
    instance
        .labels
        .extend(texts(&[("__alert_rule_uid__", "x"), ("alertname", "y")]));
    let alert = bench.found(Found::Instances(vec![instance])).remove(0);
    assert_eq!(alert.internal, texts(&[("__alert_rule_uid__", "rule")]));
    assert_eq!(alert.labels["alert_rule_uid"], "x");
    assert_eq!(alert.labels["alertname"], "Monitor down");
}

#[test]
fn recovery_thresholds_hear_of_what_alerts_or_is_pending() {
    let mut bench = Bench::new(|rule| rule.keep_firing_for = minutes(5));
    bench.eval("a+ b+");
    bench.eval("a+ b-");
    assert_eq!(bench.states(), ["a Alerting", "b Recovering"]);
    let active: Vec<Labels> = bench.states.active().into_iter().collect();
    assert_eq!(active, [texts(&[("monitor_id", "a")])]);
}

#[test]
fn ending_a_rule_ends_its_alerts_with_the_reason() {
    for (end, reason) in [
        (End::Paused, "Paused"),
        (End::Updated, "Updated"),
        (End::Deleted, "RuleDeleted"),
    ] {
        let mut bench = Bench::new(|rule| rule.keep_firing_for = minutes(5));
        bench.eval("a+ b+");
        bench.eval("a+ b-");
        let ended = bench.states.end(end, at(2));
        assert_eq!(
            ended.iter().map(shown).collect::<Vec<_>>(),
            [format!("a ended ({reason})"), format!("b ended ({reason})")]
        );
        assert_eq!(ended[0].annotations["grafana_state_reason"], reason);
        assert_eq!(ended[0].starts_at, at(0));
        assert_eq!(ended[0].values, BTreeMap::new());
        assert_eq!(bench.states, RuleStates::default());
    }
    let mut pending = Bench::new(|rule| rule.hold = minutes(5));
    pending.eval("a+");
    assert_eq!(pending.states.end(End::Deleted, at(1)), []);
}
