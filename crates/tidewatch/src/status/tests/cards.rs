//! Cards for tests.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_definitions::Fault;
use tidewatch_domain::judge::{State, Verdict};
use tidewatch_domain::rows::Overlays;
use tidewatch_domain::{Cause, ErrorClass, Location, Monitor, Outcome, Tenant, Timestamp};
use tidewatch_testkit::a_monitor;

use crate::local::{Card, Point};

/// When everything here happens: 2026-11-22T07:00:00Z.
pub(super) fn now() -> Timestamp {
    Timestamp::from_millis(1_795_330_800_000)
}

/// A card of monitor `id`, named so too, two minutes in `state`, with three probes.
pub(super) fn card(id: &str, state: State) -> Card {
    let monitor = a_monitor("https://user.example/path?token=opaque#part")
        .named(id)
        .build();
    let bad = !matches!(state, State::Up | State::Unknown);
    let cause = bad.then(refused);
    Card {
        verdict: Verdict {
            state,
            since: now().minus(Duration::from_secs(125)),
            decided_at: now().minus(Duration::from_secs(5)),
            epoch: u64::from(state.is_outage()),
            cause: cause.clone(),
            failing: if bad {
                vec![Location::try_new("local").unwrap()]
            } else {
                Vec::new()
            },
            ..Verdict::unknown()
        },
        overlays: Overlays::default(),
        history: [
            point(125, Outcome::Ok, Some(80_250), None),
            point(65, Outcome::Missed, None, None),
            match cause {
                Some(cause) => point(5, Outcome::Fail, None, Some(cause)),
                None => point(5, Outcome::Ok, Some(123_400), None),
            },
        ]
        .into(),
        next_slot: Some(now().plus(Duration::from_secs(55))),
        monitor: Arc::new(monitor),
    }
}

/// A card that nothing is known of yet.
pub(super) fn fresh(id: &str) -> Card {
    let mut card = card(id, State::Unknown);
    card.history.clear();
    card
}

/// A card of a monitor that is not enabled.
pub(super) fn paused(id: &str) -> Card {
    let mut card = change(card(id, State::Up), |monitor| monitor.enabled = false);
    card.overlays.paused = true;
    card.next_slot = None;
    card
}

/// A card whose monitor works, too slowly.
pub(super) fn degraded(id: &str) -> Card {
    let mut card = card(id, State::Up);
    card.verdict.degraded = true;
    card.verdict.cause = Some(Cause::new(
        ErrorClass::LatencyDegraded,
        "over the limit of 100 ms",
    ));
    card
}

/// A card of another tenant.
pub(super) fn of_tenant(tenant: &str, card: Card) -> Card {
    change(card, |monitor| {
        monitor.key.tenant = Tenant::try_new(tenant).unwrap()
    })
}

/// A card with another definition.
pub(super) fn change(mut card: Card, change: impl FnOnce(&mut Monitor)) -> Card {
    change(Arc::make_mut(&mut card.monitor));
    card
}

/// A fault that names everything.
pub(super) fn fault() -> Fault {
    Fault {
        file: "dynamo_entries.json".to_owned(),
        line: Some(12),
        column: Some(9),
        entry: Some("test/<b>".to_owned()),
        field: Some("interval".to_owned()),
        value: Some("0.2".to_owned()),
        problem: "shorter than 1 s".to_owned(),
        remedy: "use `1s` or longer".to_owned(),
    }
}

fn refused() -> Cause {
    Cause::new(ErrorClass::ConnectRefused, "203.0.113.20:443 refused")
}

fn point(age: u64, outcome: Outcome, micros: Option<u64>, cause: Option<Cause>) -> Point {
    Point {
        slot: now().minus(Duration::from_secs(age)),
        outcome,
        latency: micros.map(Duration::from_micros),
        status_code: micros.map(|_| 200),
        cause,
        cert_days: micros.map(|_| 60),
    }
}
