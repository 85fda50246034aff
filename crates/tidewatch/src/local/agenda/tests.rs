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
    Agenda::new(Location::try_new("local").unwrap(), Duration::ZERO)
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
    let each = [seconds(0), seconds(10), seconds(20)].map(Missed::one);
    assert_eq!(due[0].missed, each);
}

#[test]
fn a_long_gap_is_told_by_one_row_for_all_its_slots() {
    let mut agenda = agenda();
    agenda.replace([monitor("m", 1)], at(0), Duration::ZERO);
    let due = agenda.pop_due(at(100_000)).unwrap();
    assert!(at(100_000).since(due.slot) < Duration::from_secs(1));
    let [gap] = due.missed[..] else {
        panic!("{:?}", due.missed);
    };
    assert_eq!(gap.first, at(0));
    assert_eq!(due.slot.since(gap.last), Duration::from_secs(1));
    assert!((99_999..=100_000).contains(&gap.slots), "{gap:?}");
}

#[test]
fn after_waking_up_everything_goes_on_with_its_next_slot() {
    let mut agenda = agenda();
    let monitors: Vec<_> = (0..50)
        .map(|number| monitor(&format!("m{number}"), 60))
        .collect();
    agenda.replace(monitors, at(0), Duration::from_secs(3));
    drain(&mut agenda, at(3));
    let skipped = agenda.skip(at(90));
    let slots: u64 = skipped
        .iter()
        .flat_map(|(_, missed)| missed)
        .map(|missed| missed.slots)
        .sum();
    assert!((25..=75).contains(&slots), "{slots}");
    assert!(drain(&mut agenda, at(90)).is_empty(), "nothing at once");
    let due = drain(&mut agenda, at(150));
    assert_eq!(due.len(), 50);
    assert!(
        due.iter()
            .all(|due| due.slot > at(90) && due.missed.is_empty())
    );
    let spread = due.iter().filter(|due| due.slot < at(120)).count();
    assert!((10..=40).contains(&spread), "{spread}");
}

#[test]
fn a_clock_that_is_set_back_stops_nothing() {
    let mut agenda = agenda();
    agenda.replace([monitor("m", 10)], at(0), Duration::ZERO);
    drain(&mut agenda, at(0));
    agenda.realign(at(-3_600));
    let due = drain(&mut agenda, at(-3_590));
    assert_eq!(due.len(), 1);
    assert!(due[0].missed.is_empty());
    assert_eq!(
        agenda.next_of(&due[0].monitor.key),
        Some(due[0].slot.plus(Duration::from_secs(10)))
    );
}

#[test]
fn thousands_of_monitors_begin_within_their_interval_at_a_bounded_pace() {
    let mut agenda = agenda();
    let monitors: Vec<_> = (0..2_000)
        .map(|number| monitor(&format!("m{number}"), 60))
        .collect();
    agenda.replace(monitors, at(0), Duration::from_secs(3));
    let in_first_second = drain(&mut agenda, at(1)).len();
    assert!((100..=200).contains(&in_first_second), "{in_first_second}");
    let firsts = in_first_second + drain(&mut agenda, at(20)).len();
    assert!(firsts >= 2_000, "{firsts}");
}

#[test]
fn jitter_is_small_and_not_always_the_same() {
    let jitter = Duration::from_millis(5);
    let mut agenda = Agenda::new(Location::try_new("local").unwrap(), jitter);
    agenda.replace([monitor("m", 1)], at(0), Duration::ZERO);
    let mut delays = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let begin = agenda.next_at().unwrap();
        let due = agenda.pop_due(begin).unwrap();
        assert!(due.missed.is_empty());
        delays.insert(begin.since(due.slot));
    }
    assert!(delays.len() > 10 && delays.iter().all(|delay| *delay < jitter));
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
