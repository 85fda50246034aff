//! Laws of judging, for any sequence of results.

use proptest::prelude::*;

use super::suppression::Ancestor;
use super::tests::{evidence, rules, slot};
use super::*;
use crate::name::MonitorId;
use crate::summary::Outcome;

const PLACES: [&str; 3] = ["eu", "us", "ap"];

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let outcome = prop_oneof![
        Just(Outcome::Ok),
        Just(Outcome::Degraded),
        Just(Outcome::Fail),
        Just(Outcome::Fail),
        Just(Outcome::Unknown),
        Just(Outcome::Missed),
    ];
    let ruling = prop_oneof![
        6 => Just(Ruling::Credible),
        1 => Just(Ruling::Doubted),
        1 => Just(Ruling::NetworkLost),
    ];
    let place = prop::sample::select(&PLACES[..]);
    (0..7_i64, place, outcome, any::<Option<bool>>(), ruling).prop_map(
        |(number, place, outcome, retry_failed, ruling)| {
            let failed = outcome == Outcome::Fail;
            Evidence {
                retry_failed: retry_failed.filter(|_| failed),
                ..evidence(number, place, outcome)
            }
            .ruled(if failed { ruling } else { Ruling::Credible })
        },
    )
}

/// Evidence with one piece for each slot and location, sorted, and the same in any order.
fn sorted_and_shuffled() -> impl Strategy<Value = (Vec<Evidence>, Vec<Evidence>)> {
    prop::collection::vec(any_evidence(), 0..30)
        .prop_map(|mut all| {
            // Of two pieces with one slot and location the first wins, whatever the order.
            all.sort_by_key(|evidence| (evidence.slot, evidence.location.clone()));
            all.dedup_by_key(|evidence| (evidence.slot, evidence.location.clone()));
            all
        })
        .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let failures = prop::option::of((1_u32..4, 0_u32..4).prop_map(|(count, more)| FailureShare {
        count,
        of: count + more,
    }));
    (
        1_u32..4,
        1_u32..4,
        failures,
        prop::option::of(1_u32..4),
        0_usize..4,
    )
        .prop_map(
            |(confirmations, recoveries, failures, quorum, locations)| Rules {
                confirmations,
                recoveries,
                failures,
                quorum,
                locations,
                ..rules()
            },
        )
}

fn any_ancestor() -> impl Strategy<Value = Ancestor> {
    let heard = prop::option::of((0..8_i64).prop_map(slot));
    (prop::sample::select(State::ALL), 0..8_i64, heard).prop_map(|(state, since, heard)| Ancestor {
        monitor_id: MonitorId::try_new("above").unwrap(),
        state,
        since: slot(since),
        heard,
        interval: rules().interval,
    })
}

/// How many pieces of evidence for a failure there are: a failed retry is one of its own, and
/// what is doubted or without a network is none.
fn failures(evidence: &Evidence) -> usize {
    if evidence.outcome == Outcome::Fail && evidence.ruling == Ruling::Credible {
        1 + usize::from(evidence.retry_failed == Some(true))
    } else {
        0
    }
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter_and_replays_change_nothing(
        (sorted, shuffled) in sorted_and_shuffled(), rules in any_rules(),
    ) {
        let mut in_order = History::new();
        let mut out_of_order = History::new();
        for evidence in sorted {
            in_order.observe(&rules, evidence);
        }
        for evidence in &shuffled {
            out_of_order.observe(&rules, evidence.clone());
        }
        prop_assert_eq!(in_order.verdict(), out_of_order.verdict());
        for place in PLACES {
            let place = Location::try_new(place).unwrap();
            prop_assert_eq!(in_order.verdict_from(&place), out_of_order.verdict_from(&place));
        }
        for evidence in shuffled {
            prop_assert_eq!(out_of_order.observe(&rules, evidence), Observed::Unchanged);
        }
        prop_assert_eq!(in_order.verdict(), out_of_order.verdict());
    }

    #[test]
    fn no_outage_without_as_much_evidence_as_was_asked_for(
        (sorted, _) in sorted_and_shuffled(), rules in any_rules(),
    ) {
        let wanted = rules.failures.map_or(rules.confirmations, |share| share.count);
        let mut history = History::new();
        let mut seen = 0;
        for evidence in sorted {
            // A share is one of scheduled probes: retries are not counted there.
            seen += match rules.failures {
                None => failures(&evidence),
                Some(_) => failures(&evidence).min(1),
            };
            history.observe(&rules, evidence);
            prop_assert!(history.verdict().state != State::Down || seen >= wanted as usize);
        }
    }

    #[test]
    fn an_outage_of_one_location_ends_only_after_as_many_successes_as_were_asked_for(
        (sorted, _) in sorted_and_shuffled(), rules in any_rules(),
    ) {
        let mut history = History::new();
        let mut in_a_row = 0;
        for evidence in sorted.into_iter().filter(|evidence| evidence.location.as_str() == "eu") {
            in_a_row = match evidence.outcome.is_up() {
                Some(true) => in_a_row + 1,
                Some(false) => 0,
                None => in_a_row,
            };
            let was_outage = history.verdict().state.is_outage();
            history.observe(&rules, evidence);
            if was_outage && history.verdict().state == State::Up {
                prop_assert!(in_a_row >= rules.recoveries, "{} successes", in_a_row);
            }
        }
    }

    #[test]
    fn what_lies_over_a_state_never_changes_it(
        (_, shuffled) in sorted_and_shuffled(), above in prop::collection::vec(any_ancestor(), 0..3),
    ) {
        let rules = rules();
        let mut alone = History::new();
        let mut below = History::new();
        for evidence in shuffled {
            alone.observe(&rules, evidence.clone());
            below.observe(&rules, evidence);
            below.relate(&rules, &above);
            let suppressed = below.verdict().suppressed_by.is_some();
            prop_assert!(!suppressed || below.verdict().state.is_outage());
            let mut verdict = below.verdict().clone();
            verdict.suppressed_by = None;
            prop_assert_eq!(alone.verdict(), &verdict);
        }
    }

    #[test]
    fn evidence_that_says_nothing_changes_nothing_but_the_overlay_of_the_network(
        (sorted, _) in sorted_and_shuffled(), rules in any_rules(),
    ) {
        let says_something = |evidence: &Evidence| evidence.outcome.is_up().is_some();
        let mut all = History::new();
        let mut telling = History::new();
        for evidence in sorted {
            all.observe(&rules, evidence.clone());
            if says_something(&evidence) {
                telling.observe(&rules, evidence);
            }
            let mut verdict = all.verdict().clone();
            verdict.network_lost = false;
            prop_assert_eq!(&verdict, telling.verdict());
        }
    }

    #[test]
    fn a_ruling_that_comes_later_is_as_good_as_one_at_once(
        (sorted, _) in sorted_and_shuffled(), credible in any::<bool>(), rules in any_rules(),
    ) {
        let later = if credible { Ruling::Credible } else { Ruling::NetworkLost };
        let doubted = |evidence: &Evidence| evidence.ruling == Ruling::Doubted;
        let mut at_once = History::new();
        let mut in_steps = History::new();
        for evidence in &sorted {
            in_steps.observe(&rules, evidence.clone());
            let ruled = if doubted(evidence) { evidence.clone().ruled(later) } else { evidence.clone() };
            at_once.observe(&rules, ruled);
        }
        for evidence in sorted.into_iter().filter(doubted) {
            in_steps.revise(&rules, evidence.ruled(later));
        }
        prop_assert_eq!(at_once.verdict(), in_steps.verdict());
    }
}
