use std::time::Duration;

use proptest::prelude::*;
use tidewatch_domain::assess::{AttemptRows, Ledger};
use tidewatch_domain::judge::FailureShare;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::{ErrorClass, MonitorId, Tenant, Timestamp, rows};
use tidewatch_testkit::{a_monitor, a_result};

use super::*;
use crate::message::Row;

const PLACES: [&str; 2] = ["eu-west-1", "us-east-1"];

fn start() -> Timestamp {
    Timestamp::from_secs(1_795_330_800)
}

fn monitors(count: usize) -> Vec<Arc<Monitor>> {
    (0..count)
        .map(|number| {
            let id = format!("shop-{number}");
            let mut monitor = a_monitor(&format!("https://www.shop-{number}.example/cart"))
                .named(&id)
                .build();
            match number % 5 {
                1 => monitor.parent = Some(MonitorId::try_new("shop-0").unwrap()),
                2 => monitor.failures = Some(FailureShare { count: 2, of: 5 }),
                3 => monitor.reference = true,
                _ => {}
            }
            Arc::new(monitor)
        })
        .collect()
}

fn ledger(monitors: &[Arc<Monitor>]) -> Ledger {
    let mut ledger = Ledger::new(AttemptRows::Off);
    for monitor in monitors {
        ledger.track(monitor, None, start());
    }
    ledger
}

fn probe(
    ledger: &mut Ledger,
    monitor: &Arc<Monitor>,
    place: usize,
    minute: u64,
    failed: Option<ErrorClass>,
) {
    let slot = start().plus(Duration::from_secs(60 * minute));
    let location = Location::try_new(PLACES[place]).unwrap();
    ledger.take(monitor, &a_result(monitor, &location, slot, failed));
}

fn state(ledger: &Ledger) -> BucketState {
    BucketState {
        ledger: ledger.snapshot(),
        outbox: Outbox::default(),
    }
}

#[track_caller]
fn comes_back(state: &BucketState) -> usize {
    let bytes = encode(state).unwrap();
    let (read, refused) = decode(&bytes).unwrap();
    assert_eq!(refused, []);
    assert_eq!(read, *state);
    bytes.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_state_comes_back(
        story in prop::collection::vec((0_usize..6, 0_usize..2, 0_u64..14, 0_u8..5), 0..120),
    ) {
        let monitors = monitors(6);
        let mut ledger = ledger(&monitors);
        for (monitor, place, minute, answer) in story {
            let failed = [
                None,
                None,
                Some(ErrorClass::ConnectTimeout),
                Some(ErrorClass::DnsNxdomain),
                Some(ErrorClass::StatusMismatch),
            ][usize::from(answer)];
            probe(&mut ledger, &monitors[monitor], place, minute, failed);
        }
        comes_back(&state(&ledger));
    }
}

#[test]
fn doubts_losses_and_decisions_come_back() {
    let monitors = monitors(6);
    let mut ledger = ledger(&monitors);
    for minute in 0..3 {
        for monitor in &monitors {
            probe(&mut ledger, monitor, 0, minute, None);
        }
    }
    probe(
        &mut ledger,
        &monitors[0],
        0,
        3,
        Some(ErrorClass::ConnectTimeout),
    );
    let doubted = state(&ledger);
    assert_eq!(doubted.ledger.doubted.len(), 1);
    comes_back(&doubted);
    for monitor in &monitors[1..] {
        probe(&mut ledger, monitor, 0, 3, Some(ErrorClass::ConnectTimeout));
    }
    let mut lost = state(&ledger);
    assert!(lost.ledger.guards[0].1.lost.is_some());
    lost.outbox = Outbox {
        rows: rows::schema_rows(start())
            .into_iter()
            .map(|record| Row {
                destination: Destination::Main,
                tenant: Tenant::system(),
                record,
            })
            .collect(),
        alerts: vec!["{\"v\":1}".to_owned()],
    };
    comes_back(&lost);
}

#[test]
fn two_hundred_monitors_at_two_places_take_a_tenth_of_an_item() {
    let monitors = monitors(200);
    let mut ledger = ledger(&monitors);
    for minute in 0..12 {
        for (number, monitor) in monitors.iter().enumerate() {
            for place in 0..PLACES.len() {
                let fails = number % 20 == 0 && minute > 8;
                let failed = fails.then_some(ErrorClass::StatusMismatch);
                probe(&mut ledger, monitor, place, minute, failed);
            }
        }
    }
    let bytes = comes_back(&state(&ledger));
    assert!(bytes < super::super::LARGEST / 10, "{bytes} bytes");
}

#[test]
fn a_monitor_that_is_not_valid_any_more_is_left_out_and_named() {
    let monitors = monitors(2);
    let mut form: StateForm = {
        let bytes = encode(&state(&ledger(&monitors))).unwrap();
        serde_json::from_slice(&zstd::bulk::decompress(&bytes, LARGEST).unwrap()).unwrap()
    };
    form.cases[0].m["interval"] = "yesterday".into();
    let (read, refused) = read(form).unwrap();
    assert_eq!(refused, [monitors[0].key.clone()]);
    assert_eq!(read.ledger.cases.len(), 1);
}

#[test]
fn what_is_no_state_is_refused_with_a_reason() {
    assert!(decode(b"not zstd").is_err());
    let pack = |json: &str| zstd::bulk::compress(json.as_bytes(), 1).unwrap();
    let refused = |json: &str| decode(&pack(json)).unwrap_err();
    assert_eq!(
        refused(r#"{"v":2,"cases":[]}"#),
        "it has version 2, this release reads version 1"
    );
    assert_eq!(
        refused(r#"{"v":1,"cases":[],"guards":{"_all":{"t":[],"k":0,"f":[null,null]}}}"#),
        "the location `_all` cannot be understood"
    );
}
