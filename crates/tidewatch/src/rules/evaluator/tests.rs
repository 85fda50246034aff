//! When rules are evaluated, and when not.

use super::*;
use crate::rules::story::{Story, groups};

/// Seconds between the questions so far.
fn distances(story: &Story) -> Vec<u64> {
    let asked = story.values.asked.lock();
    let pairs = asked.windows(2);
    pairs.map(|pair| (pair[1] - pair[0]).as_secs()).collect()
}

#[tokio::test(start_paused = true)]
async fn groups_keep_their_interval() {
    let mut story = Story::new();
    story.values.are(&[("shop", 0.0)]);
    story.start();
    story.evaluations(4).await;
    assert_eq!(distances(&story), [10, 10, 10]);
}

#[tokio::test(start_paused = true)]
async fn evaluations_that_take_too_long_do_not_pile_up() {
    let mut story = Story::new();
    story.values.are(&[("shop", 0.0)]);
    *story.values.delay.lock() = Duration::from_secs(25);
    story.start();
    story.evaluations(4).await;
    assert_eq!(distances(&story), [25, 25, 25]);
    let skipped: u64 = story
        .standing()
        .groups
        .iter()
        .map(|group| group.pulse.skipped)
        .sum();
    assert!(skipped >= 2, "{skipped}");
}

#[tokio::test(start_paused = true)]
async fn after_a_sleep_rules_wait_for_something_to_judge_by() {
    let mut story = Story::new();
    story.values.are(&[("shop", 1.0)]);
    story.start();
    assert_eq!(story.hears().await, "firing shop");
    // The machine wakes up, and nothing is known of the present.
    story.clock.jump(Duration::from_secs(40 * 60));
    story.values.are(&[]);
    let asked = story.values.asked.lock().len();
    assert!(story.is_silent_for(Duration::from_secs(5 * 60)).await);
    assert!(story.values.asked.lock().len() <= asked + 1);
    story.values.are(&[("shop", 1.0)]);
    assert!(story.is_silent_for(Duration::from_secs(10 * 60)).await);
    story.values.are(&[("shop", 0.0)]);
    assert_eq!(story.hears().await, "resolved shop");
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_cannot_be_evaluated_is_shown_and_changes_nothing() {
    let mut story = Story::new();
    story.values.are(&[("shop", 1.0)]);
    story.start();
    assert_eq!(story.hears().await, "firing shop");
    story.values.fail("no such table");
    assert!(story.is_silent_for(Duration::from_secs(5 * 60)).await);
    let faults = story.standing().faults;
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].0 == "Monitor down" && faults[0].1.contains("no such table"),
        "{faults:?}"
    );
}

#[test]
fn the_newest_instant_that_passed_is_taken_and_the_others_are_counted() {
    let groups = groups();
    let now = Timestamp::from_secs(1_795_330_800);
    let mut agenda = Agenda::new(&groups, now);
    let (index, first) = agenda.next().unwrap();
    assert_eq!(agenda.take(index, first), (first, 0));
    let late = first.plus(Duration::from_secs(37));
    let newest = first.plus(Duration::from_secs(30));
    assert_eq!(agenda.take(index, late), (newest, 2));
    let (_, next) = agenda.next().unwrap();
    assert_eq!(next, first.plus(Duration::from_secs(40)));
    assert_eq!(Agenda::new(&[], now).next(), None);
}
