//! States that are written and read.

use proptest::prelude::*;

use super::*;

#[test]
fn another_version_is_refused() {
    let mut snapshot = RuleStates::default().snapshot();
    snapshot["version"] = 7.into();
    let error = RuleStates::restore(&snapshot).unwrap_err();
    assert!(error.contains("version 7"), "{error}");
    let error = RuleStates::restore(&serde_json::json!([])).unwrap_err();
    assert!(error.contains("no snapshot of alert states"), "{error}");
}

#[test]
fn numbers_that_json_does_not_have_come_back_as_no_number() {
    let mut bench = Bench::new(|_| {});
    let mut instance = series("a", Some(true));
    for (ref_id, value) in [("N", None), ("I", Some(f64::INFINITY))] {
        let value = Value {
            labels: Labels::new(),
            value,
        };
        instance.values.insert(ref_id.to_owned(), value);
    }
    bench.found(Found::Instances(vec![instance]));
    let states = RuleStates::restore(&bench.states.snapshot()).unwrap();
    let alert = states.alerts().next().unwrap();
    assert_eq!(alert.values["A"], 3.0);
    assert!(alert.values["N"].is_nan() && alert.values["I"].is_nan());
}

fn step(bench: &mut Bench, kind: usize) -> Vec<String> {
    match kind {
        0 => bench.no_data(),
        1 => bench.error(),
        2 => bench.eval(""),
        3 => bench.eval("a+ b-"),
        4 => bench.eval("a- b+"),
        5 => bench.eval("a? b+"),
        6 => bench.eval("a? b?"),
        7 => bench.eval("b+"),
        _ => bench.eval("a+ b+"),
    }
}

fn rules() -> impl Strategy<Value = (NoDataState, ErrorState, u64, u64)> {
    (
        prop_oneof![
            Just(NoDataState::NoData),
            Just(NoDataState::Alerting),
            Just(NoDataState::Ok),
            Just(NoDataState::KeepLast)
        ],
        prop_oneof![
            Just(ErrorState::Error),
            Just(ErrorState::Alerting),
            Just(ErrorState::Ok),
            Just(ErrorState::KeepLast)
        ],
        0_u64..3,
        0_u64..3,
    )
}

proptest! {
    #[test]
    fn a_restart_at_any_time_changes_nothing(
        (no_data, error, hold, keep) in rules(),
        steps in proptest::collection::vec(0_usize..9, 1..30),
        restart in 0_usize..30,
    ) {
        let change = |rule: &mut Rule| {
            rule.no_data = no_data;
            rule.error = error;
            rule.hold = minutes(hold);
            rule.keep_firing_for = minutes(keep);
        };
        let mut bench = Bench::new(change);
        let mut restarted = Bench::new(change);
        for (number, kind) in steps.into_iter().enumerate() {
            if number == restart {
                let snapshot = restarted.states.snapshot().to_string();
                let snapshot = serde_json::from_str(&snapshot).unwrap();
                restarted.states = RuleStates::restore(&snapshot).unwrap();
            }
            prop_assert_eq!(step(&mut bench, kind), step(&mut restarted, kind));
            prop_assert_eq!(&bench.states, &restarted.states);
        }
    }

    /// People who listen know at any time what fires: every alert that began to fire goes on or
    /// ends, with the same fingerprint and beginning.
    #[test]
    fn whatever_began_goes_on_or_ends(
        (no_data, error, hold, keep) in rules(),
        steps in proptest::collection::vec(0_usize..9, 1..40),
    ) {
        let mut bench = Bench::new(|rule| {
            rule.no_data = no_data;
            rule.error = error;
            rule.hold = minutes(hold);
            rule.keep_firing_for = minutes(keep);
        });
        let mut open: BTreeMap<String, Timestamp> = BTreeMap::new();
        let mut take = |alerts: Vec<Alert>| {
            for alert in alerts {
                let known = open.get(&alert.fingerprint);
                prop_assert!(known.is_none_or(|start| *start == alert.starts_at));
                if alert.resolved_at.is_some() {
                    prop_assert!(open.remove(&alert.fingerprint).is_some(), "{}", shown(&alert));
                } else {
                    prop_assert!(alert.state.fires());
                    open.insert(alert.fingerprint, alert.starts_at);
                }
            }
            Ok(())
        };
        for kind in steps {
            let found = match kind {
                0 => Found::NoData(Vec::new()),
                1 => Found::Error { message: "e".to_owned(), ref_id: None, datasource_uid: None },
                2 => Found::Instances(Vec::new()),
                3 => Found::Instances(vec![series("a", Some(true)), series("b", Some(false))]),
                4 => Found::Instances(vec![series("a", Some(false)), series("b", Some(true))]),
                5 => Found::Instances(vec![series("a", None), series("b", Some(true))]),
                6 => Found::Instances(vec![series("a", None), series("b", None)]),
                7 => Found::Instances(vec![series("b", Some(true))]),
                _ => Found::Instances(vec![series("a", Some(true)), series("b", Some(true))]),
            };
            let alerts = bench.found(found);
            take(alerts)?;
        }
        let ended = bench.states.end(End::Deleted, at(bench.minute));
        take(ended)?;
        prop_assert!(open.is_empty());
    }
}
