use std::time::Duration;

use tidewatch_domain::MonitorId;
use tidewatch_domain::cause::{Cause, ErrorClass};
use tidewatch_domain::incident::{Case, Delivery, NoticeKind, Policy};
use tidewatch_domain::judge::State;
use tidewatch_testkit::a_monitor;

use super::*;
use crate::payload::Payload;

const START: Timestamp = Timestamp::from_secs(1_795_330_800);

fn verdict(state: State, epoch: u64) -> Verdict {
    Verdict {
        state,
        since: START,
        epoch,
        cause: Some(Cause::new(ErrorClass::ConnectRefused, "refused")),
        ..Verdict::unknown()
    }
}

fn overlays(maintenance: bool, paused: bool) -> Overlays {
    Overlays {
        maintenance,
        paused,
    }
}

/// The statuses and reasons of what a change says.
fn told(
    before: (&Verdict, Overlays),
    after: (&Verdict, Overlays),
) -> Vec<(Status, Option<String>)> {
    let monitor = a_monitor("https://shop.example/").build();
    let at = START.plus(Duration::from_secs(90));
    let Some(envelope) = envelope_of_change(Source::Writer, &monitor, before, after, at) else {
        return Vec::new();
    };
    let payload = Payload::read(&envelope.payload().unwrap()).unwrap();
    assert!(payload.faults.is_empty());
    payload
        .alerts
        .iter()
        .map(|alert| (alert.status, alert.ended_because().map(str::to_owned)))
        .collect()
}

#[test]
fn the_beginning_and_the_end_of_an_outage_are_told_and_nothing_in_between() {
    let plain = overlays(false, false);
    let up = verdict(State::Up, 0);
    let down = verdict(State::Down, 1);
    let recovering = verdict(State::Recovering, 1);
    let over = verdict(State::Up, 1);
    let firing = (Status::Firing, None);
    let resolved = (Status::Resolved, None);
    assert_eq!(
        told((&up, plain), (&down, plain)),
        std::slice::from_ref(&firing)
    );
    assert!(told((&down, plain), (&recovering, plain)).is_empty());
    assert!(told((&down, plain), (&down, plain)).is_empty());
    assert_eq!(
        told((&recovering, plain), (&over, plain)),
        std::slice::from_ref(&resolved)
    );
    // One outage after another between two looks.
    let next = verdict(State::Down, 2);
    assert_eq!(told((&down, plain), (&next, plain)), [resolved, firing]);
}

#[test]
fn what_calls_nobody_is_not_told_and_no_recovery_either() {
    let plain = overlays(false, false);
    let up = verdict(State::Up, 0);
    let down = verdict(State::Down, 1);
    let suppressed = Verdict {
        suppressed_by: Some(MonitorId::try_new("router").unwrap()),
        ..down.clone()
    };
    assert!(told((&up, plain), (&suppressed, plain)).is_empty());
    assert!(told((&up, plain), (&down, overlays(true, false))).is_empty());
    // The window closes while it is down.
    assert_eq!(
        told((&down, overlays(true, false)), (&down, plain)),
        [(Status::Firing, None)]
    );
    assert_eq!(
        told((&down, plain), (&down, overlays(false, true))),
        [(Status::Resolved, Some("Paused".to_owned()))]
    );
}

#[test]
fn an_alert_of_the_writer_makes_the_same_incident_as_one_of_grafana() {
    let monitor = a_monitor("https://user:secret@shop.example/").build();
    let plain = overlays(false, false);
    let (up, down) = (verdict(State::Up, 0), verdict(State::Down, 7));
    let at = START.plus(Duration::from_secs(90));
    let envelope =
        envelope_of_change(Source::Writer, &monitor, (&up, plain), (&down, plain), at).unwrap();
    assert!(!envelope.to_json().contains("secret"));
    let alert = Payload::read(&envelope.payload().unwrap())
        .unwrap()
        .alerts
        .remove(0);
    let mut case = Case::new(alert.subject());
    let delivery = Delivery {
        alert,
        received: at,
    };
    let notice = case.fold(&Policy::default(), vec![delivery], at).remove(0);
    assert_eq!(notice.kind, NoticeKind::Opened);
    assert_eq!(notice.incident(), format!("{}#7", monitor.key));
    assert_eq!(notice.since(), START);
}
