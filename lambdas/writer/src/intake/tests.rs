use std::sync::Arc;

use tidewatch_aws::message::{pack_results, pack_rows};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::{Location, rows};

use super::*;
use crate::scene::{at, monitors, probed};

fn message(body: impl Into<String>) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.body = Some(body.into());
    message
}

fn tombstone() -> Row {
    let monitor = &monitors()[3];
    Row {
        destination: Destination::Main,
        tenant: monitor.key.tenant.clone(),
        record: rows::tombstone(&monitor.key, monitor.kind(), at(90)),
    }
}

/// The one message that holds these.
fn packed(probes: Vec<Probed>, rows: Vec<Row>) -> String {
    let (monitors, results): (Vec<_>, Vec<_>) = probes
        .into_iter()
        .map(|Probed { monitor, result }| (monitor, result))
        .unzip();
    let packed = pack_results(&Results {
        location: Location::try_new("eu").unwrap(),
        bucket: 7,
        monitors,
        results,
        rows,
    });
    packed.messages.into_iter().next().unwrap()
}

#[test]
fn results_are_gathered_by_bucket_and_rows_travel_along() {
    let monitors = monitors();
    let one = packed(vec![probed(&monitors[0], "eu", 0, None)], vec![tombstone()]);
    let two = packed(vec![probed(&monitors[1], "eu", 1, None)], Vec::new());
    let intake = read(&[message(one), message(two)], at(120));
    let (work, messages) = &intake.buckets[&7];
    assert_eq!(work.results.len(), 2);
    assert_eq!(work.results[0].monitor, monitors[0]);
    assert_eq!(messages.iter().collect::<Vec<_>>(), [&0, &1]);
    assert_eq!(work.gone, [(monitors[3].key.clone(), at(90))]);
    assert_eq!(intake.rows, [(0, tombstone())]);
    assert_eq!(intake.results, 2);
    assert_eq!(intake.oldest, Duration::from_millis(119_998));
}

#[test]
fn rows_without_a_bucket_are_only_written() {
    let monitor = Arc::clone(&monitors()[0]);
    let cause = tidewatch_domain::Cause::new(tidewatch_domain::ErrorClass::Overloaded, "late");
    let location = Location::try_new("eu").unwrap();
    let missed = Row {
        destination: Destination::Main,
        tenant: monitor.key.tenant.clone(),
        record: rows::missed_row(&monitor, &location, at(0), 3, &cause),
    };
    let body = pack_rows(&[missed, tombstone()]).messages.remove(0);
    let intake = read(&[message(body)], at(120));
    assert!(intake.buckets.is_empty());
    assert_eq!(intake.rows.len(), 2);
    assert_eq!(intake.missed, 3);
}

#[test]
fn what_cannot_be_read_does_not_touch_the_rest() {
    let monitors = monitors();
    let good = packed(vec![probed(&monitors[0], "eu", 0, None)], Vec::new());
    let mut spoilt: serde_json::Value = serde_json::from_str(&good).unwrap();
    let mut second = spoilt["results"][0].clone();
    second["slot"] = "yesterday".into();
    spoilt["results"].as_array_mut().unwrap().push(second);
    let later = r#"{"v":2,"kind":"results"}"#;
    let intake = read(
        &[
            message("{"),
            message(spoilt.to_string()),
            message(later),
            message(good),
        ],
        at(120),
    );
    assert_eq!(intake.results, 2);
    let refused: Vec<_> = intake
        .refused
        .iter()
        .map(|(index, rejected)| match rejected {
            Rejected::Text { place, .. } => (*index, place.as_str()),
            Rejected::Row { .. } => panic!("{rejected:?}"),
        })
        .collect();
    assert_eq!(refused, [(0, "message"), (1, "results[1]")]);
    assert_eq!(intake.unknown.len(), 1);
    assert_eq!(intake.unknown[0].0, 2);
}
