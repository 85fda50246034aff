use std::collections::BTreeMap;

use async_trait::async_trait;
use tidewatch_definitions::{Format, Mode};
use tidewatch_domain::assess::AttemptRows;
use tidewatch_domain::judge::State;
use tidewatch_domain::monitor::Connection;
use tidewatch_domain::ports::{RecordSink, SinkError, WriteReport};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::schema::{dimension, measure, measure_name};
use tidewatch_domain::{Attempt, Cause, ErrorClass, Phases, ProbeResult, Record, Timestamp, Value};
use tokio::time::Instant;

use super::*;
use crate::local::writer;

/// Wall clock that follows tokio's paused time.
#[derive(Debug)]
struct PausedClock {
    start: Instant,
}

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_000_000).plus(self.start.elapsed())
    }
}

/// Takes a scripted time for each monitor, panics or fails where told to.
#[derive(Debug)]
struct ScriptedProber {
    clock: Arc<PausedClock>,
    behaviour: BTreeMap<String, Behaviour>,
    running: std::sync::atomic::AtomicUsize,
    most: std::sync::atomic::AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
enum Behaviour {
    Takes(Duration),
    Fails,
    Panics,
}

#[async_trait]
impl Prober for ScriptedProber {
    async fn probe(&self, monitor: &Monitor, slot: Timestamp) -> ProbeResult {
        use std::sync::atomic::Ordering;
        let started_at = self.clock.now();
        let id = monitor.key.monitor_id.as_str();
        let behaviour = self
            .behaviour
            .get(id)
            .copied()
            .unwrap_or(Behaviour::Takes(Duration::ZERO));
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        let cause = match behaviour {
            Behaviour::Takes(time) => {
                tokio::time::sleep(time).await;
                None
            }
            Behaviour::Fails => Some(Cause::new(ErrorClass::ConnectRefused, "refused")),
            Behaviour::Panics => panic!("a bug of the prober"),
        };
        self.running.fetch_sub(1, Ordering::SeqCst);
        ProbeResult {
            key: monitor.key.clone(),
            kind: monitor.kind(),
            location: Location::try_new("local").unwrap(),
            slot,
            started_at,
            samples: vec![attempt(started_at, cause)],
            skipped: 0,
            retry: None,
        }
    }
}

fn attempt(started_at: Timestamp, cause: Option<Cause>) -> Attempt {
    Attempt {
        number: 1,
        started_at,
        connection: Connection::Fresh,
        phases: Phases {
            total: Duration::from_millis(7),
            ..Phases::default()
        },
        reached: PhaseReached::Done,
        causes: cause.into_iter().collect(),
        status_code: Some(200),
        http_version: Some("1.1"),
        remote_addr: None,
        body_bytes: 0,
        body_cut: false,
        tls: None,
        dns: None,
        hops: vec![],
        steps: vec![],
        assertions: vec![],
        rtt: None,
        prober_lag: None,
    }
}

#[derive(Debug, Default)]
struct MemorySink {
    rows: Mutex<Vec<Record>>,
}

#[async_trait]
impl RecordSink for MemorySink {
    async fn write(&self, _: Destination, records: Vec<Record>) -> Result<WriteReport, SinkError> {
        let report = WriteReport {
            accepted: records.len(),
            ..WriteReport::default()
        };
        self.rows.lock().extend(records);
        Ok(report)
    }
}

#[derive(Debug, Default)]
struct Changes(Mutex<Vec<(String, State)>>);

impl ChangeListener for Changes {
    fn changed(&self, monitor: &Monitor, _: &Verdict, after: &Verdict) {
        self.0
            .lock()
            .push((monitor.key.monitor_id.to_string(), after.state));
    }
}

/// A loop with everything around it.
struct Stage {
    sink: Arc<MemorySink>,
    changes: Arc<Changes>,
    board: Arc<Board>,
    prober: Arc<ScriptedProber>,
    updates: mpsc::Sender<Loaded>,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<()>,
}

impl Stage {
    fn start(behaviour: &[(&str, Behaviour)], in_flight: usize) -> Self {
        let clock = Arc::new(PausedClock {
            start: Instant::now(),
        });
        let prober = Arc::new(ScriptedProber {
            clock: Arc::clone(&clock),
            behaviour: behaviour
                .iter()
                .map(|(id, what)| ((*id).to_owned(), *what))
                .collect(),
            running: 0.into(),
            most: 0.into(),
        });
        let sink = Arc::new(MemorySink::default());
        let changes = Arc::new(Changes::default());
        let board = Arc::new(Board::default());
        let counters = Arc::new(Counters::default());
        let (queue, writing) = writer::start(
            Arc::clone(&sink) as _,
            Arc::clone(&counters),
            CancellationToken::new(),
        );
        let world = World {
            location: Location::try_new("local").unwrap(),
            ledger: Arc::new(Mutex::new(Ledger::new(AttemptRows::Off))),
            prober: Arc::clone(&prober) as _,
            queue,
            board: Arc::clone(&board),
            findings: Arc::default(),
            clock,
            counters,
            in_flight: Arc::new(Semaphore::new(in_flight)),
            per_host: 16,
            listener: Arc::clone(&changes) as _,
            announcer: None,
        };
        let (updates, receiver) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let runner = Runner::new(world, HashMap::new()).run(receiver, stop.clone());
        let ended = tokio::spawn(async move {
            runner.await;
            writing.await.unwrap();
        });
        Stage {
            sink,
            changes,
            board,
            prober,
            updates,
            stop,
            ended,
        }
    }

    async fn define(&self, entries: &[(&str, u64)]) {
        let list: String = entries
            .iter()
            .map(|(id, seconds)| {
                format!("- {{tenant: demo, monitor_id: {id}, target: \"http://127.0.0.1/\", interval: {seconds}}}\n")
            })
            .collect();
        let text = format!("monitors:\n{list}");
        let definitions =
            tidewatch_definitions::read(&text, "test.yaml", Format::Yaml, Mode::Local);
        assert_eq!(definitions.faults, []);
        let monitors = definitions.monitors.into_iter().map(Arc::new).collect();
        self.updates
            .send(Loaded {
                monitors,
                ..Loaded::default()
            })
            .await
            .unwrap();
    }

    /// Lets the loop work for a while of paused time, then ends it; returns the probe rows.
    async fn finish_after(self, time: Duration) -> (Vec<Record>, Arc<Changes>, Arc<Board>) {
        tokio::time::sleep(time).await;
        self.stop.cancel();
        self.ended.await.unwrap();
        let rows = std::mem::take(&mut *self.sink.rows.lock());
        (rows, self.changes, self.board)
    }
}

fn of(rows: &[Record], id: &str, name: &str) -> Vec<Record> {
    let is_wanted = |row: &&Record| {
        row.measure_name == name
            && row
                .dimensions
                .contains(&(dimension::MONITOR_ID, id.to_owned()))
    };
    rows.iter().filter(is_wanted).cloned().collect()
}

fn outcomes(rows: &[Record], id: &str) -> Vec<String> {
    of(rows, id, measure_name::PROBE)
        .iter()
        .map(|row| match row.measure(measure::OUTCOME) {
            Some(Value::Varchar(outcome)) => outcome.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_monitor_is_probed_at_once_and_then_on_its_grid() {
    let stage = Stage::start(&[], 10);
    stage.define(&[("a", 10), ("b", 10), ("c", 10)]).await;
    let (rows, changes, board) = stage.finish_after(Duration::from_secs(65)).await;
    for id in ["a", "b", "c"] {
        let probes = of(&rows, id, measure_name::PROBE);
        assert!((6..=8).contains(&probes.len()), "{}", probes.len());
        assert!(probes[0].time < Timestamp::from_secs(1_000_003));
        for pair in probes[1..].windows(2) {
            assert_eq!(pair[1].time.since(pair[0].time), Duration::from_secs(10));
        }
        assert_eq!(of(&rows, id, measure_name::MONITOR).len(), 1);
        let states = of(&rows, id, measure_name::STATE);
        assert_eq!(
            states.len(),
            2,
            "unknown to up, over all locations and from this one"
        );
    }
    assert_eq!(changes.0.lock().len(), 3);
    assert!(
        board
            .cards()
            .iter()
            .all(|card| card.verdict.state == State::Up)
    );
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_overlaps_its_next_slot_is_a_missed_row_not_a_queue() {
    let stage = Stage::start(&[("slow", Behaviour::Takes(Duration::from_secs(25)))], 10);
    stage.define(&[("slow", 10)]).await;
    let (rows, _, _) = stage.finish_after(Duration::from_secs(60)).await;
    let outcomes = outcomes(&rows, "slow");
    assert!(
        outcomes
            .iter()
            .filter(|outcome| *outcome == "missed")
            .count()
            >= 3,
        "{outcomes:?}"
    );
    assert!(
        outcomes.iter().any(|outcome| outcome == "ok"),
        "{outcomes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_bad_monitor_never_stops_the_others() {
    let stage = Stage::start(
        &[("bug", Behaviour::Panics), ("dead", Behaviour::Fails)],
        10,
    );
    stage
        .define(&[("bug", 10), ("dead", 10), ("fine", 10)])
        .await;
    let (rows, changes, _) = stage.finish_after(Duration::from_secs(35)).await;
    assert!(
        outcomes(&rows, "bug")
            .iter()
            .all(|outcome| outcome == "missed")
    );
    assert!(outcomes(&rows, "fine").len() >= 3);
    assert!(
        outcomes(&rows, "fine")
            .iter()
            .all(|outcome| outcome == "ok")
    );
    let of_dead: Vec<State> = changes
        .0
        .lock()
        .iter()
        .filter(|(id, _)| id == "dead")
        .map(|(_, state)| *state)
        .collect();
    assert_eq!(of_dead, [State::Suspect, State::Down]);
}

#[tokio::test(start_paused = true)]
async fn the_cap_on_running_probes_holds() {
    let slow = Behaviour::Takes(Duration::from_secs(2));
    let ids: Vec<String> = (0..12).map(|number| format!("m{number}")).collect();
    let behaviour: Vec<_> = ids.iter().map(|id| (id.as_str(), slow)).collect();
    let stage = Stage::start(&behaviour, 3);
    let entries: Vec<_> = ids.iter().map(|id| (id.as_str(), 60)).collect();
    stage.define(&entries).await;
    let prober = Arc::clone(&stage.prober);
    let (rows, _, _) = stage.finish_after(Duration::from_secs(20)).await;
    assert_eq!(prober.most.load(std::sync::atomic::Ordering::SeqCst), 3);
    assert!(
        ids.iter().all(|id| !outcomes(&rows, id).is_empty()),
        "nobody starves"
    );
}

#[tokio::test(start_paused = true)]
async fn an_edit_replaces_adds_and_removes() {
    let stage = Stage::start(&[], 10);
    stage.define(&[("a", 60), ("b", 60)]).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    stage.define(&[("b", 60), ("c", 60)]).await;
    let (rows, _, board) = stage.finish_after(Duration::from_secs(5)).await;
    let definitions_of_a = of(&rows, "a", measure_name::MONITOR);
    assert_eq!(definitions_of_a.len(), 2);
    assert_eq!(
        definitions_of_a[1].measure(measure::DELETED),
        Some(&Value::Boolean(true))
    );
    assert_eq!(
        outcomes(&rows, "b").len(),
        1,
        "an entry that did not change keeps its slot"
    );
    assert_eq!(outcomes(&rows, "c").len(), 1);
    let ids: Vec<String> = board
        .cards()
        .iter()
        .map(|card| card.monitor.key.monitor_id.to_string())
        .collect();
    assert_eq!(ids, ["b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_the_probes_that_run() {
    let stage = Stage::start(&[("slow", Behaviour::Takes(Duration::from_secs(4)))], 10);
    stage.define(&[("slow", 60)]).await;
    let (rows, _, _) = stage.finish_after(Duration::from_secs(1)).await;
    assert_eq!(outcomes(&rows, "slow"), ["ok"]);
}
