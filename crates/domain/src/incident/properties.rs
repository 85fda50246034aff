//! What holds of any sequence of deliveries.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::tests::{alert, at, down, shop, up};
use super::*;

/// A history as it happened: outages one after another, each with its beginning and, but for the
/// last one maybe, its end; and a slow phase.
fn history() -> impl Strategy<Value = Vec<Alert>> {
    (
        proptest::collection::vec(1_i64..400, 1..6),
        any::<bool>(),
        proptest::option::of(0_i64..600),
    )
        .prop_map(|(gaps, last_ends, slow)| {
            let mut alerts = Vec::new();
            let mut starts = 0;
            let count = gaps.len();
            for (position, gap) in gaps.into_iter().enumerate() {
                starts += 60 + gap;
                let epoch = u64::try_from(position).unwrap() + 1;
                alerts.push(down(epoch, starts));
                if position + 1 < count || last_ends {
                    alerts.push(up(epoch, starts));
                }
            }
            if let Some(starts) = slow {
                alerts.push(alert("latency", None, starts, Status::Firing));
                alerts.push(alert("latency", None, starts, Status::Resolved));
            }
            alerts
        })
}

/// The history, shuffled and with repeats.
fn deliveries() -> impl Strategy<Value = (Vec<Alert>, Vec<Alert>)> {
    history().prop_flat_map(|alerts| {
        let twice: Vec<Alert> = alerts.iter().chain(&alerts).cloned().collect();
        (Just(alerts), Just(twice).prop_shuffle())
    })
}

fn delivery(alert: &Alert) -> Delivery {
    Delivery {
        alert: alert.clone(),
        received: at(2_000),
    }
}

proptest! {
    /// Within one window neither order nor repeats make a difference.
    #[test]
    fn any_order_and_repeat_in_one_window_gives_the_same(
        (alerts, shuffled) in deliveries(),
    ) {
        let policy = Policy::default();
        let fold = |alerts: &[Alert]| {
            let mut case = shop();
            let deliveries = alerts.iter().map(delivery).collect();
            let notices = case.fold(&policy, deliveries, at(2_000));
            (notices, case)
        };
        prop_assert_eq!(fold(&alerts), fold(&shuffled));
    }

    /// One by one, in any order and with repeats: nothing is said twice, every outage is told of,
    /// and in the end people know how everything stands.
    #[test]
    fn nothing_is_told_twice_and_nothing_is_swallowed((alerts, shuffled) in deliveries()) {
        let policy = Policy::default();
        let mut case = shop();
        let mut ids = BTreeSet::new();
        let mut told: BTreeMap<String, Status> = BTreeMap::new();
        let mut take = |notices: Vec<Notice>| {
            for notice in notices {
                prop_assert!(ids.insert(notice.dedupe_id()), "twice: {notice:?}");
                let every = notice.alerts.iter().chain(&notice.attached).chain(&notice.earlier);
                for alert in every {
                    told.insert(alert.fingerprint.clone(), alert.status);
                }
            }
            Ok(())
        };
        for alert in &shuffled {
            take(case.fold(&policy, vec![delivery(alert)], at(2_000)))?;
        }
        // Whatever was held back is said once the monitor has settled.
        let later = at(2_000).plus(policy.settled_after);
        take(case.fold(&policy, Vec::new(), later))?;
        prop_assert_eq!(case.flapping, None);
        let mut known: BTreeMap<String, Status> = BTreeMap::new();
        for alert in &alerts {
            let status = known.entry(alert.fingerprint.clone()).or_insert(alert.status);
            *status = (*status).max(alert.status);
        }
        // While it is down, what came and went beside it waits for its end.
        let goes_on = known
            .iter()
            .find(|(name, status)| name.starts_with("down") && **status == Status::Firing)
            .map(|(name, _)| name.clone());
        if let Some(outage) = goes_on {
            known.retain(|name, _| *name == outage);
            told.retain(|name, _| *name == outage);
        }
        prop_assert_eq!(told, known);
    }

    /// A crash after deciding and before anybody knew: the same is decided again.
    #[test]
    fn deciding_again_decides_the_same((_, shuffled) in deliveries()) {
        let policy = Policy::default();
        let mut case = shop();
        for alert in &shuffled {
            let before = case.clone();
            let first = case.fold(&policy, vec![delivery(alert)], at(2_000));
            let mut again = before;
            let second = again.fold(&policy, vec![delivery(alert)], at(2_000));
            prop_assert_eq!(first, second);
            prop_assert_eq!(&case, &again);
        }
    }
}
