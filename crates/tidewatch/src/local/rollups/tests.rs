//! Rollups of rows in a real store, read back from it.

use tidewatch_bridge::Bridge;
use tidewatch_domain::monitor::{MaintenanceWindow, Occurs};
use tidewatch_domain::ports::Clock as _;
use tidewatch_domain::rows;
use tidewatch_domain::schema::{measure, measure_name};
use tidewatch_domain::{
    Attempt, Cause, ErrorClass, Location, Monitor, ProbeResult, Record, Summary, Value,
};
use tidewatch_testkit::{ManualClock, a_monitor};
use tokio::task::JoinHandle;

use super::*;
use crate::cli::sample_attempt;
use crate::local::counters::Counters;
use crate::local::sink::BridgeSink;
use crate::local::writer;

const DATABASE: &str = "D";
const TABLE: &str = "T";
/// 2026-11-22T07:00:00Z.
const START: i64 = 1_795_330_800;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_secs(START + minute * 60)
}

/// A store with the tables, and what writes to it.
struct House {
    reader: Reader,
    clock: Arc<ManualClock>,
    sink: Arc<BridgeSink>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn at(now: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let store = tidewatch_store::Store::open(
            folder.path(),
            tidewatch_store::Options::new(Arc::new(StoreClock(Arc::clone(&clock)))),
        );
        let engine = tidewatch_sql::Engine::new(tidewatch_sql::Limits::default()).unwrap();
        let bridge = Bridge::new(
            store.await.unwrap(),
            engine,
            Arc::new(StoreClock(Arc::clone(&clock))),
            tidewatch_bridge::Settings::new(folder.path()),
        )
        .unwrap();
        let sink = BridgeSink::new(bridge.clone(), DATABASE.to_owned(), TABLE.to_owned());
        sink.create_tables(now).await.unwrap();
        House {
            reader: Reader::new(bridge),
            clock,
            sink: Arc::new(sink),
            _folder: folder,
        }
    }

    fn writer(&self) -> (RecordQueue, JoinHandle<()>) {
        let counters = Arc::new(Counters::default());
        writer::start(
            Arc::clone(&self.sink) as _,
            counters,
            CancellationToken::new(),
        )
    }

    async fn write(&self, rows: Vec<Record>) {
        let (queue, written) = self.writer();
        let rows = rows.into_iter().map(|row| (Destination::Main, row));
        queue.push(rows).await;
        drop(queue);
        written.await.unwrap();
    }

    /// One round of a program that has just started, or goes on from `open`.
    async fn round(&self, mut open: Option<Hour>) -> Option<Hour> {
        let (queue, written) = self.writer();
        let rollups = Rollups {
            reader: self.reader.clone(),
            queue,
            clock: Arc::clone(&self.clock) as _,
            database: DATABASE.to_owned(),
            table: TABLE.to_owned(),
        };
        rollups.round(&mut open).await.unwrap();
        drop(rollups);
        written.await.unwrap();
        open
    }

    /// Measures of all rollups in order of time.
    async fn rollups(&self, names: &[&str]) -> Vec<Vec<Option<Value>>> {
        let statement = format!(
            "SELECT time, {} FROM \"{DATABASE}\".\"{TABLE}\" WHERE measure_name = '{}' \
             AND time > from_milliseconds(0) ORDER BY time",
            names.join(", "),
            measure_name::ROLLUP
        );
        let rows = self.reader.rows(&statement).await.unwrap();
        rows.iter()
            .map(|row| names.iter().map(|name| row.get(name)).collect())
            .collect()
    }
}

/// The store's clock, by the one of the test.
#[derive(Debug)]
struct StoreClock(Arc<ManualClock>);

impl tidewatch_store::Clock for StoreClock {
    fn now(&self) -> i64 {
        self.0.now().as_nanos()
    }
}

fn shop() -> Monitor {
    a_monitor("https://shop.example/").named("shop").build()
}

fn probe(monitor: &Monitor, minute: i64, attempt: Attempt) -> Record {
    let result = ProbeResult {
        key: monitor.key.clone(),
        kind: monitor.kind(),
        location: Location::try_new("local").unwrap(),
        slot: at(minute),
        started_at: at(minute),
        samples: vec![attempt],
        skipped: 0,
        retry: None,
    };
    rows::probe_row(monitor, &result, &Summary::of(monitor, &result))
}

fn good(total: u64) -> Attempt {
    let mut attempt = sample_attempt(1);
    attempt.phases.total = Duration::from_millis(total);
    attempt.prober_lag = None;
    attempt
}

fn bad() -> Attempt {
    Attempt {
        causes: vec![Cause::new(ErrorClass::ConnectRefused, "refused")],
        ..good(1)
    }
}

fn tainted() -> Attempt {
    Attempt {
        prober_lag: Some(Duration::from_secs(9)),
        ..good(20)
    }
}

#[tokio::test]
async fn an_hour_counts_what_each_of_its_probes_says() {
    let house = House::at(at(63)).await;
    let mut monitor = shop();
    monitor.slo.latency = Some(Duration::from_millis(100));
    let mut maintained = monitor.clone();
    maintained.maintenance = vec![MaintenanceWindow {
        zone: jiff::tz::TimeZone::UTC,
        occurs: Occurs::Daily,
        start: jiff::civil::time(0, 0, 0, 0),
        duration: Duration::from_secs(24 * 60 * 60),
    }];
    let asleep = Cause::new(ErrorClass::Overloaded, "asleep");
    let location = Location::try_new("local").unwrap();
    house
        .write(vec![
            rows::monitor_row(&monitor, at(-10)),
            // Of the hour before.
            probe(&monitor, -1, good(10)),
            probe(&monitor, 0, good(20)),
            probe(&monitor, 1, good(100)),
            probe(&monitor, 2, good(101)),
            probe(&monitor, 3, tainted()),
            probe(&monitor, 4, bad()),
            probe(&maintained, 5, bad()),
            probe(&maintained, 6, good(20)),
            // Ten slots, of which five are in the hour.
            rows::missed_row(&monitor, &location, at(55), 10, &asleep),
            // Of the hour after.
            probe(&monitor, 60, good(10)),
        ])
        .await;
    let open = house.round(Some(Hour::of(at(0)))).await;
    assert_eq!(open, Some(Hour::of(at(60))));
    let names = [
        measure::GOOD,
        measure::BAD,
        measure::UNOBSERVED,
        measure::MAINTAINED,
        measure::EXPECTED,
        measure::LATENCY_COUNT,
        measure::LATENCY_KEPT,
        measure::LATENCY_LE_25,
        measure::LATENCY_LE_100,
        measure::LATENCY_LE_200,
    ];
    let rollups = house.rollups(&names).await;
    let hour: Vec<_> = [4, 1, 5, 2, 60, 3, 2, 1, 2, 3]
        .into_iter()
        .map(|number| Some(Value::Bigint(number)))
        .collect();
    assert_eq!(
        rollups.len(),
        2,
        "the hour before and the hour: {rollups:?}"
    );
    assert_eq!(rollups[1], hour);
    let rollups = house
        .rollups(&[measure::LATENCY_SUM_MS, measure::SLO_AVAILABILITY])
        .await;
    assert_eq!(
        rollups[1],
        [Some(Value::Double(221.0)), Some(Value::Double(99.9))]
    );
}

#[tokio::test]
async fn a_start_makes_up_for_the_hours_that_nobody_rolled_up() {
    let house = House::at(at(4 * 60 + 1)).await;
    let monitor = shop();
    let hourly = (0..4).map(|hour| probe(&monitor, hour * 60 + 30, good(20)));
    house.write(hourly.collect()).await;
    // The fourth hour is over, but not settled yet.
    let open = house.round(None).await;
    assert_eq!(open, Some(Hour::of(at(3 * 60))));
    assert_eq!(house.rollups(&[measure::GOOD]).await.len(), 3);

    house.clock.set(at(4 * 60 + 2));
    assert_eq!(house.round(None).await, Some(Hour::of(at(4 * 60))));
    assert_eq!(house.rollups(&[measure::GOOD]).await.len(), 4);
}

#[tokio::test]
async fn late_rows_change_the_hour_before_once() {
    let house = House::at(at(63)).await;
    let monitor = shop();
    house.write(vec![probe(&monitor, 0, good(20))]).await;
    let open = house.round(None).await;
    house.write(vec![probe(&monitor, 1, bad())]).await;
    house.clock.set(at(123));
    house.round(open).await;
    let counts = [Some(Value::Bigint(1)), Some(Value::Bigint(1))];
    let rollups = house.rollups(&[measure::GOOD, measure::BAD]).await;
    assert_eq!(rollups, [counts]);
}

#[tokio::test]
async fn an_empty_store_has_nothing_to_roll_up() {
    let house = House::at(at(30)).await;
    assert_eq!(house.round(None).await, Some(Hour::of(at(0))));
    assert_eq!(house.rollups(&[measure::GOOD]).await, Vec::<Vec<_>>::new());
}
