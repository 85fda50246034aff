use tidewatch_definitions::Mode;

use super::*;

/// A monitor with everything at its default but the interval.
fn monitor(id: &str, seconds: u64) -> Arc<Monitor> {
    let text = format!(
        "monitors: [{{tenant: demo, monitor_id: {id}, target: \"http://127.0.0.1/\", interval: {seconds}}}]"
    );
    let definitions = tidewatch_definitions::read(
        &text,
        "test.yaml",
        tidewatch_definitions::Format::Yaml,
        Mode::Local,
    );
    assert_eq!(definitions.faults, []);
    Arc::new(definitions.monitors.into_iter().next().unwrap())
}

fn agenda() -> Agenda {
    Agenda::new(Location::try_new("local").unwrap())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + seconds)
}

fn drain(agenda: &mut Agenda, now: Timestamp) -> Vec<Due> {
    std::iter::from_fn(|| agenda.pop_due(now)).collect()
}

#[test]
fn the_first_round_is_spread_and_the_grid_follows() {
    let mut agenda = agenda();
    let monitors: Vec<_> = (0..30)
        .map(|number| monitor(&format!("m{number}"), 60))
        .collect();
    agenda.replace(monitors, at(0), Duration::from_secs(3));
    let first = drain(&mut agenda, at(3));
    assert_eq!(first.len(), 30);
    assert_eq!(first[0].slot, at(0));
    assert_eq!(first[29].slot, at(0).plus(Duration::from_millis(2_900)));
    let interval = Duration::from_secs(60);
    for due in &first {
        let gap = due.next.since(due.slot);
        assert!(gap >= interval / 2 && gap <= interval * 3 / 2, "{gap:?}");
        assert!(due.missed.is_empty());
    }
    let second = drain(&mut agenda, at(93));
    assert_eq!(second.len(), 30);
    assert!(
        second
            .iter()
            .all(|due| due.next.since(due.slot) == interval)
    );
}

#[test]
fn slots_that_passed_are_missed_never_piled_up() {
    let mut agenda = agenda();
    agenda.replace([monitor("m", 10)], at(0), Duration::ZERO);
    drain(&mut agenda, at(0));
    let next = agenda.next_at().unwrap();
    let due = drain(&mut agenda, next.plus(Duration::from_secs(35)));
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].slot, next.plus(Duration::from_secs(30)));
    let seconds = |count| next.plus(Duration::from_secs(count));
    assert_eq!(due[0].missed, [seconds(0), seconds(10), seconds(20)]);
}

#[test]
fn after_a_long_sleep_only_the_newest_missed_slots_are_kept() {
    let mut agenda = agenda();
    agenda.replace([monitor("m", 1)], at(0), Duration::ZERO);
    let due = agenda.pop_due(at(100_000)).unwrap();
    assert!(
        (99..=100).contains(&due.missed.len()),
        "{}",
        due.missed.len()
    );
    assert!(at(100_000).since(due.slot) < Duration::from_secs(1));
}

#[test]
fn an_edit_takes_effect_at_once_and_leaves_the_others_alone() {
    let mut agenda = agenda();
    agenda.replace([monitor("a", 60), monitor("b", 60)], at(0), Duration::ZERO);
    drain(&mut agenda, at(0));
    let next_of_b = agenda.next_of(&monitor("b", 60).key).unwrap();
    let changes = agenda.replace([monitor("a", 30), monitor("b", 60)], at(1), Duration::ZERO);
    assert_eq!(changes.changed, [monitor("a", 30)]);
    assert!(changes.removed.is_empty());
    let due = drain(&mut agenda, at(1));
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].monitor, monitor("a", 30));
    assert_eq!(agenda.next_of(&monitor("b", 60).key), Some(next_of_b));
    let changes = agenda.replace([monitor("b", 60)], at(2), Duration::ZERO);
    assert_eq!(changes.removed, [monitor("a", 30)]);
    assert_eq!(drain(&mut agenda, at(1_000)).len(), 1);
}

#[test]
fn a_disabled_monitor_is_never_due_and_changes_nothing_twice() {
    let mut agenda = agenda();
    let mut paused = Monitor::clone(&monitor("a", 60));
    paused.enabled = false;
    let paused = Arc::new(paused);
    assert_eq!(
        agenda
            .replace([Arc::clone(&paused)], at(0), Duration::ZERO)
            .changed
            .len(),
        1
    );
    assert_eq!(agenda.next_at(), None);
    assert_eq!(agenda.next_of(&paused.key), None);
    assert!(
        agenda
            .replace([paused], at(1), Duration::ZERO)
            .changed
            .is_empty()
    );
}
