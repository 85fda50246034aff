//! Series that go away, queries that find nothing, queries that fail.

use super::*;

#[test]
fn a_series_that_goes_away_ends_after_two_evaluations() {
    let mut bench = Bench::new(|_| {});
    bench.eval("a+ b-");
    assert_eq!(bench.eval("b-"), ["a Alerting"]);
    assert_eq!(bench.eval("b-"), ["a ended (MissingSeries)"]);
    assert_eq!(bench.states(), NONE);

    let mut patient = Bench::new(|rule| rule.missing_series_evals_to_resolve = 4);
    patient.eval("a+");
    for _ in 0..3 {
        assert_eq!(patient.eval("b-"), ["a Alerting"]);
    }
    assert_eq!(patient.eval("b-"), ["a ended (MissingSeries)"]);
}

#[test]
fn a_pending_series_that_goes_away_is_forgotten() {
    let mut bench = Bench::new(|rule| rule.hold = minutes(10));
    bench.eval("a+");
    assert_eq!(bench.eval("b-"), NONE);
    assert_eq!(bench.states(), ["a Pending"]);
    assert_eq!(bench.eval("b-"), NONE);
    assert_eq!(bench.states(), NONE);
}

#[test]
fn no_data_is_an_alert_of_its_own() {
    let mut bench = Bench::new(|rule| rule.labels = texts(&[("severity", "critical")]));
    bench.eval("a+");
    assert_eq!(bench.no_data(), ["* NoData", "a Alerting"]);
    assert_eq!(bench.no_data(), ["* NoData", "a ended (MissingSeries)"]);
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!(
        alert.labels,
        texts(&[
            ("alertname", "DatasourceNoData"),
            ("datasource_uid", "tidewatch"),
            ("grafana_folder", "Tidewatch"),
            ("ref_id", "A,B"),
            ("rulename", "Monitor down"),
            ("severity", "critical"),
        ])
    );
    assert_eq!(alert.annotations, BTreeMap::new());
    // It ends with the first evaluation that finds something.
    assert_eq!(bench.eval("a-"), ["* ended (MissingSeries)"]);
    assert_eq!(bench.states(), NONE);
}

#[test]
fn an_error_is_an_alert_of_its_own() {
    let mut bench = Bench::new(|_| {});
    bench.eval("a+");
    assert_eq!(bench.error(), ["* Error", "a Alerting"]);
    let alert = bench.states.alerts().next().unwrap().clone();
    assert_eq!(
        alert.labels,
        texts(&[
            ("alertname", "DatasourceError"),
            ("datasource_uid", "tidewatch"),
            ("grafana_folder", "Tidewatch"),
            ("ref_id", "A"),
            ("rulename", "Monitor down"),
        ])
    );
    assert_eq!(
        alert.annotations["Error"],
        "[sse.dataQueryError] failed to execute query [A]: gone"
    );
    assert_eq!(bench.error(), ["* Error", "a ended (MissingSeries)"]);
    // An error that names no step goes on as the same alert.
    let found = Found::Error {
        message: "other".to_owned(),
        ref_id: None,
        datasource_uid: None,
    };
    let next = bench.found(found);
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].fingerprint, alert.fingerprint);
    assert_eq!(next[0].starts_at, alert.starts_at);
    assert_eq!(next[0].annotations["Error"], "other");
    let mut handed = bench.eval("a+");
    handed.sort();
    assert_eq!(handed, ["* ended (MissingSeries)", "a Alerting"]);
}

#[test]
fn no_data_can_mean_that_all_known_series_alert() {
    let mut bench = Bench::new(|rule| {
        rule.no_data = NoDataState::Alerting;
        rule.hold = minutes(1);
        rule.annotations = texts(&[("summary", "{{ $labels.monitor_id }}")]);
    });
    bench.eval("a+ b-");
    assert_eq!(bench.eval("a+ b-"), ["a Alerting"]);
    assert_eq!(bench.states(), ["a Alerting", "b Normal"]);
    assert_eq!(bench.no_data(), ["a Alerting (NoData)"]);
    assert_eq!(
        bench.states(),
        ["a Alerting (NoData)", "b Pending (NoData)"]
    );
    assert_eq!(
        bench.no_data(),
        ["a Alerting (NoData)", "b Alerting (NoData)"]
    );
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!(
        alert.annotations,
        texts(&[
            ("summary", "a"),
            ("grafana_state_reason", "NoData"),
            ("ref_id", "A,B"),
            ("datasource_uid", "tidewatch"),
        ])
    );
    assert_eq!(alert.values, [("A".to_owned(), -1.0)].into());
    assert_eq!(
        bench.states.active(),
        Default::default(),
        "not by the condition"
    );
    assert_eq!(bench.eval("a- b-"), ["a ended", "b ended"]);
}

#[test]
fn without_known_series_the_rule_itself_alerts() {
    let mut bench = Bench::new(|rule| rule.no_data = NoDataState::Alerting);
    assert_eq!(bench.no_data(), ["* Alerting (NoData)"]);
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!(alert.labels["alertname"], "Monitor down");
    assert_eq!(alert.labels["ref_id"], "A,B");

    let mut bench = Bench::new(|rule| rule.error = ErrorState::Alerting);
    assert_eq!(bench.error(), ["* Alerting (Error)"]);
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!(alert.labels.get("ref_id"), None);
    assert_eq!(alert.annotations["ref_id"], "A");
    assert_eq!(alert.annotations["datasource_uid"], "tidewatch");
}

#[test]
fn no_data_and_errors_can_mean_that_all_is_well() {
    let mut bench = Bench::new(|rule| {
        rule.no_data = NoDataState::Ok;
        rule.error = ErrorState::Ok;
    });
    bench.eval("a+");
    assert_eq!(bench.no_data(), ["a ended (NoData)"]);
    bench.eval("a+");
    assert_eq!(bench.error(), ["a ended (Error)"]);
    assert_eq!(bench.no_data(), NONE);
    assert_eq!(bench.error(), NONE);
}

#[test]
fn no_data_and_errors_can_leave_things_as_they_were() {
    let mut bench = Bench::new(|rule| {
        rule.no_data = NoDataState::KeepLast;
        rule.error = ErrorState::KeepLast;
        rule.hold = minutes(3);
    });
    bench.eval("b+");
    bench.eval("b+");
    bench.eval("a+ b+");
    assert_eq!(bench.no_data(), ["b Alerting (NoData, KeepLast)"]);
    assert_eq!(
        bench.states(),
        [
            "a Pending (NoData, KeepLast)",
            "b Alerting (NoData, KeepLast)"
        ]
    );
    assert_eq!(bench.error(), ["b Alerting (Error, KeepLast)"]);
    // What is pending goes on to wait, and fires when it has waited.
    assert_eq!(
        bench.error(),
        [
            "a Alerting (Error, KeepLast)",
            "b Alerting (Error, KeepLast)"
        ]
    );
    assert_eq!(bench.eval("a- b+"), ["a ended", "b Alerting"]);
    assert_eq!(bench.eval("b+"), ["b Alerting"]);
}

#[test]
fn one_series_without_a_value_has_no_data() {
    let mut bench = Bench::new(|_| {});
    bench.eval("a+ b+");
    let handed = bench.eval("a? b+");
    assert_eq!(handed, ["a NoData", "b Alerting"]);
    let alert = bench.states.alerts().next().unwrap();
    assert_eq!(alert.labels["alertname"], "DatasourceNoData");
    assert_eq!(alert.labels["rulename"], "Monitor down");
    // The alert that it was before is believed until its time is over, then it ends.
    assert_eq!(bench.eval("a? b+"), ["a NoData", "b Alerting"]);
    assert_eq!(bench.eval("a? b+"), ["a NoData", "b Alerting"]);
    let handed = bench.eval("a? b+");
    assert_eq!(handed, ["a NoData", "b Alerting", "a ended"]);
    assert_eq!(bench.eval("a- b+"), ["a ended", "b Alerting"]);
}

#[test]
fn an_alert_that_is_back_before_its_time_is_over_is_the_same() {
    let mut bench = Bench::new(|_| {});
    bench.eval("a+ b-");
    bench.eval("a? b-");
    let found = Found::Instances(vec![series("a", Some(true)), series("b", Some(false))]);
    let back = bench.found(found);
    assert_eq!(back.iter().map(shown).collect::<Vec<_>>(), ["a Alerting"]);
    assert_eq!(back[0].starts_at, at(0));
    // Now the alert about no data is the one that goes.
    for _ in 0..2 {
        assert_eq!(bench.eval("a+ b-"), ["a Alerting"]);
    }
    assert_eq!(bench.eval("a+ b-"), ["a Alerting", "a ended"]);
    let ended = bench.states.end(End::Deleted, at(9));
    assert_eq!(ended.len(), 1);
}
