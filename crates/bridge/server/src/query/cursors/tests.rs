//! Which cursors are kept.

use super::*;
use crate::auth::Caller;
use tidewatch_sql::StatementKind;
use tokio::sync::mpsc;

const SECOND: i64 = 1_000_000_000;

fn cursor() -> Arc<Cursor> {
    let (_, events) = mpsc::channel(1);
    Arc::new(Cursor::new(
        Caller::Owner,
        "SELECT 1".into(),
        StatementKind::Data,
        Vec::new(),
        events,
    ))
}

#[test]
fn the_one_asked_for_longest_ago_makes_room() {
    let cursors = Cursors::new(2, Duration::from_secs(60));
    let (a, b, c) = (cursor(), cursor(), cursor());
    cursors.insert(a.clone(), 0);
    cursors.insert(b.clone(), 1);
    assert!(cursors.get(a.id(), 2).is_some());
    cursors.insert(c.clone(), 3);
    let kept = [&a, &b, &c].map(|cursor| cursors.get(cursor.id(), 4).is_some());
    assert_eq!(kept, [true, false, true]);
}

#[test]
fn cursors_expire_when_nobody_asks() {
    let cursors = Cursors::new(2, Duration::from_secs(60));
    let (a, b) = (cursor(), cursor());
    cursors.insert(a.clone(), 0);
    cursors.insert(b.clone(), 0);
    assert!(cursors.get(a.id(), 50 * SECOND).is_some());
    let kept = [&a, &b].map(|cursor| cursors.get(cursor.id(), 61 * SECOND).is_some());
    assert_eq!(kept, [true, false]);
}

#[test]
fn a_clock_that_jumps_back_expires_nothing() {
    let cursors = Cursors::new(2, Duration::from_secs(60));
    let a = cursor();
    cursors.insert(a.clone(), 1_000 * SECOND);
    assert!(cursors.get(a.id(), 0).is_some());
}

#[test]
fn clearing_lets_go_of_all() {
    let cursors = Cursors::new(2, Duration::from_secs(60));
    let a = cursor();
    cursors.insert(a.clone(), 0);
    cursors.clear();
    assert!(cursors.get(a.id(), 0).is_none());
}
