use futures::FutureExt;
use tidewatch_aws::message::{Results, pack_results, pack_rows};
use tidewatch_domain::Timestamp;
use tidewatch_testkit::ManualClock;

use super::*;
use crate::scene::{Empty, Fault, OPTIONS, World, at, monitors, no_memory, probed, tenants};

fn writer(world: &World) -> Writer {
    let tenants = tenants();
    let delivery = world.delivery();
    Writer {
        states: Box::new(world.clone()),
        metrics: delivery.metrics.clone(),
        delivery,
        memory: no_memory(),
        columns: Columns::new(&tenants, OPTIONS.attempt_rows),
        rollups: Rollups::new(Box::new(Empty), &tenants),
        options: OPTIONS,
        clock: Box::new(ManualClock::at(at(120))),
        location: Location::try_new("eu-west-1").unwrap(),
    }
}

fn event(bodies: &[String]) -> Value {
    let records = bodies.iter().enumerate().map(|(index, body)| {
        json!({ "messageId": format!("m{index}"), "body": body, "attributes": {}, "messageAttributes": {} })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

fn results(bucket: u32, monitor: usize) -> String {
    let probed = probed(&monitors()[monitor], "eu", 0, None);
    let packed = pack_results(&Results {
        location: Location::try_new("eu").unwrap(),
        bucket,
        monitors: vec![probed.monitor],
        results: vec![probed.result],
        rows: Vec::new(),
    });
    packed.messages.into_iter().next().unwrap()
}

fn failures(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap())
        .collect()
}

fn handled(world: &World, bodies: &[String]) -> Value {
    let writer = writer(world);
    let handled = writer.handle(event(bodies)).now_or_never();
    handled.unwrap().unwrap()
}

#[test]
fn a_batch_is_taken_in_and_the_function_says_so_in_a_row_of_its_own() {
    let world = World::default();
    let answer = handled(&world, &[results(1, 2), results(2, 3)]);
    assert_eq!(failures(&answer), Vec::<&str>::new());
    let inside = world.inside();
    assert_eq!(inside.states.keys().collect::<Vec<_>>(), ["1", "2"]);
    let own = inside
        .rows
        .values()
        .find(|row| row.measure_name == "ops")
        .unwrap();
    assert_eq!(own.measure(measure::PROBES), Some(&Figure::Bigint(2)));
    // Two probe rows, and for each monitor a state over all locations and one from its own.
    assert_eq!(own.measure(measure::ROWS_WRITTEN), Some(&Figure::Bigint(6)));
    assert_eq!(own.time, Timestamp::from_millis(at(120).as_millis()));
}

#[test]
fn only_the_messages_of_what_failed_come_again() {
    let world = World::default();
    // The first call of the batch: loading the state of bucket 1.
    world.inside().fault = Some((0, Fault::Refused));
    let answer = handled(&world, &[results(1, 2), results(2, 3), results(1, 4)]);
    assert_eq!(failures(&answer), ["m0", "m2"]);
    assert_eq!(world.inside().states.keys().collect::<Vec<_>>(), ["2"]);
}

#[test]
fn poison_is_kept_with_the_reason_and_does_not_come_again() {
    let world = World::default();
    let answer = handled(&world, &["not JSON".to_owned(), results(1, 2)]);
    assert_eq!(failures(&answer), Vec::<&str>::new());
    assert_eq!(world.inside().letters.len(), 1);
    assert!(world.inside().states.contains_key("1"));
}

#[test]
fn poison_that_cannot_be_kept_comes_again() {
    let world = World::default();
    world.inside().fault = Some((0, Fault::Refused));
    let answer = handled(&world, &["not JSON".to_owned(), results(1, 2)]);
    assert_eq!(failures(&answer), ["m0"]);
}

#[test]
fn a_message_of_a_later_release_waits_for_it() {
    let world = World::default();
    let later = r#"{"v":9,"kind":"results"}"#.to_owned();
    assert_eq!(failures(&handled(&world, &[later])), ["m0"]);
    assert!(world.inside().letters.is_empty());
}

#[test]
fn a_state_that_no_item_can_hold_is_counted() {
    let world = World::default();
    world.inside().full = true;
    let writer = writer(&world);
    let handled = writer.handle(event(&[results(1, 2)])).now_or_never();
    assert_eq!(failures(&handled.unwrap().unwrap()), ["m0"]);
    assert_eq!(writer.metrics.value(Metric::StatesTooLarge), Some(1.0));
}

#[test]
fn columns_are_declared_by_the_first_batch_that_the_store_takes() {
    let world = World::default();
    let writer = writer(&world);
    let declared = || {
        let inside = world.inside();
        let rows = inside.rows.values();
        rows.filter(|row| row.measure_name == "schema").count()
    };
    world.inside().fault = Some((0, Fault::Refused));
    writer.handle(event(&[])).now_or_never().unwrap().unwrap();
    assert_eq!(declared(), 0);
    writer.handle(event(&[])).now_or_never().unwrap().unwrap();
    assert_eq!(declared(), rows::schema_rows(at(120)).len());
    world.inside().rows.clear();
    writer.handle(event(&[])).now_or_never().unwrap().unwrap();
    assert_eq!(declared(), 0);
}

#[test]
fn rows_that_cannot_be_written_come_again() {
    let world = World::default();
    world.inside().fault = Some((0, Fault::Refused));
    let rows = rows::schema_rows(at(0)).into_iter().map(|record| Row {
        destination: Destination::Main,
        tenant: Tenant::system(),
        record,
    });
    let body = pack_rows(&rows.collect::<Vec<_>>()).messages.remove(0);
    assert_eq!(
        failures(&handled(&world, std::slice::from_ref(&body))),
        ["m0"]
    );
    assert_eq!(failures(&handled(&world, &[body])), Vec::<&str>::new());
}

#[test]
fn a_ping_is_answered_and_nonsense_is_not() {
    let world = World::default();
    let pong = writer(&world)
        .handle(json!({"v": 1, "kind": "ping"}))
        .now_or_never();
    assert_eq!(pong.unwrap().unwrap()["version"], env!("CARGO_PKG_VERSION"));
    let refused = writer(&world).handle(json!({"detail": 1})).now_or_never();
    assert!(refused.unwrap().is_err());
}
