use std::time::Duration;

use tidewatch_domain::{Location, Timestamp, rows};
use tidewatch_testkit::a_monitor;

use super::*;

fn record(name: &str, second: u64) -> Record {
    let monitor = a_monitor("https://shop.example/").named(name).build();
    let at = Timestamp::from_secs(1_795_330_800).plus(Duration::from_secs(second));
    let location = Location::try_new("eu-west-1").unwrap();
    let cause = tidewatch_domain::Cause::new(tidewatch_domain::ErrorClass::Overloaded, "");
    rows::missed_row(&monitor, &location, at, 2, &cause)
}

/// What a record says once it is merged with what is common.
fn merged(common: &sdk::Record, own: &sdk::Record) -> (Vec<String>, String, String, i64) {
    let dimensions = common.dimensions().iter().chain(own.dimensions());
    let mut dimensions: Vec<_> = dimensions
        .map(|dimension| format!("{}={}", dimension.name(), dimension.value()))
        .collect();
    dimensions.sort();
    let name = own.measure_name().or(common.measure_name()).unwrap();
    let time = own.time().or(common.time()).unwrap();
    let version = own.version().or(common.version()).unwrap();
    (dimensions, name.to_owned(), time.to_owned(), version)
}

#[test]
fn what_all_records_have_in_common_is_written_once() {
    let mut revised = record("b", 0);
    revised.version = 2;
    let records = [record("a", 0), revised, record("c", 0)];
    let (common, own) = request(&records);
    assert_eq!(common.dimensions().len(), 3, "tenant, location, kind");
    assert_eq!(common.measure_name(), Some("probe"));
    assert_eq!(common.time(), Some("1795330800000000000"));
    assert_eq!(common.time_unit(), Some(&sdk::TimeUnit::Nanoseconds));
    assert_eq!(common.version(), None);
    assert_eq!(own[0].dimensions().len(), 1);
    assert_eq!((own[0].time(), own[0].measure_name()), (None, None));
    assert_eq!([own[0].version(), own[1].version()], [Some(1), Some(2)]);
}

#[test]
fn nothing_is_lost_by_what_is_common() {
    let mut other_kind = record("d", 5);
    other_kind.measure_name = "ops";
    other_kind.dimensions.pop();
    let records = [record("a", 0), record("b", 1), other_kind];
    let (common, own) = request(&records);
    for (record, own) in records.iter().zip(&own) {
        let mut dimensions: Vec<_> = record
            .dimensions
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        dimensions.sort();
        let time = record.time.as_nanos().to_string();
        let expected = (
            dimensions,
            record.measure_name.to_owned(),
            time,
            record.version,
        );
        assert_eq!(merged(&common, own), expected);
    }
}

#[test]
fn measures_are_texts_and_empty_ones_are_left_out() {
    let (_, own) = request(&[record("a", 0)]);
    let values: Vec<_> = own[0]
        .measure_values()
        .iter()
        .map(|value| (value.name(), value.value(), value.r#type().as_str()))
        .collect();
    assert!(values.contains(&("missed", "2", "BIGINT")), "{values:?}");
    assert!(values.contains(&("in_maintenance", "false", "BOOLEAN")));
    assert!(values.contains(&("interval_s", "60", "DOUBLE")));
    assert!(values.iter().all(|(name, _, _)| *name != "error_text"));
}
