//! A rule, its data and whoever hears of it, for tests: time is tokio's, which stands still until
//! everybody waits.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::Value;
use tidewatch_alerting::evaluate::Defaults;
use tidewatch_alerting::group::Routing;
use tidewatch_alerting::rule::{self, Group};
use tidewatch_alerting::source::{Answer, Cell, Column, ColumnKind, Source};
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;
use tidewatch_notify::envelope::Envelope;
use tidewatch_notify::queue::{AlertQueue, QueueError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Alerting, Desk, Evaluator, Standing, Teller};
use crate::settings::AlertSource;

/// A rule that fires for each monitor whose value is above zero, looked at every ten seconds.
const RULES: &str = r#"
apiVersion: 1
groups:
  - orgId: 1
    name: states
    folder: Tidewatch
    interval: 10s
    rules:
      - uid: down
        title: Monitor down
        condition: C
        for: 0s
        noDataState: OK
        execErrState: KeepLast
        labels:
          rule: down
        annotations:
          summary: "{{ $labels.monitor_id }} is down"
        notification_settings:
          receiver: tidewatch
          group_by: [grafana_folder, alertname, monitor_id]
          group_wait: 10s
          group_interval: 10s
          repeat_interval: 1h
        data:
          - refId: A
            datasourceUid: tidewatch
            relativeTimeRange: { from: 600, to: 0 }
            model:
              refId: A
              rawQuery: SELECT monitor_id, value FROM $__database.$__table
              format: 0
          - refId: C
            datasourceUid: __expr__
            relativeTimeRange: { from: 600, to: 0 }
            model:
              refId: C
              type: threshold
              expression: A
              datasource: { type: __expr__, uid: __expr__ }
              conditions:
                - evaluator: { type: gt, params: [0] }
"#;

/// The groups of the rule.
pub(crate) fn groups() -> Vec<Group> {
    rule::read(Path::new("story.yaml"), RULES, &|_| None).unwrap()
}

/// A wall clock that goes with tokio's time.
#[derive(Debug)]
pub(crate) struct PausedClock {
    begun: Instant,
    /// By how much it was set forward.
    ahead: Mutex<Duration>,
}

impl PausedClock {
    /// Begins at 2026-11-22T07:00:00Z.
    fn new() -> Self {
        PausedClock {
            begun: Instant::now(),
            ahead: Mutex::default(),
        }
    }

    /// Lets time pass in which nothing ran.
    pub(crate) fn jump(&self, by: Duration) {
        *self.ahead.lock() += by;
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_795_330_800)
            .plus(self.begun.elapsed())
            .plus(*self.ahead.lock())
    }
}

/// Answers with the values of the moment.
#[derive(Debug, Default)]
pub(crate) struct Values {
    values: Mutex<Vec<(String, f64)>>,
    /// Why nobody can tell.
    failure: Mutex<Option<String>>,
    /// How long an answer takes.
    pub(crate) delay: Mutex<Duration>,
    /// When it was asked.
    pub(crate) asked: Mutex<Vec<Instant>>,
}

impl Values {
    /// From now on monitors have these values.
    pub(crate) fn are(&self, values: &[(&str, f64)]) {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value));
        *self.values.lock() = values.collect();
    }

    /// From now on queries fail.
    pub(crate) fn fail(&self, reason: &str) {
        *self.failure.lock() = Some(reason.to_owned());
    }
}

#[async_trait]
impl Source for Values {
    async fn query(&self, _datasource_uid: &str, sql: &str) -> Result<Answer, String> {
        assert_eq!(sql, "SELECT monitor_id, value FROM \"D\".\"T\"");
        self.asked.lock().push(Instant::now());
        let delay = *self.delay.lock();
        tokio::time::sleep(delay).await;
        let column = |name: &str, kind| Column {
            name: name.to_owned(),
            kind,
        };
        if let Some(reason) = self.failure.lock().clone() {
            return Err(reason);
        }
        let values = self.values.lock().clone();
        let row = |(name, value): (String, f64)| {
            vec![Cell::Scalar(name), Cell::Scalar(value.to_string())]
        };
        Ok(Answer {
            columns: vec![
                column("monitor_id", ColumnKind::Varchar),
                column("value", ColumnKind::Double),
            ],
            rows: values.into_iter().map(row).collect(),
        })
    }
}

/// A queue that hands on what it takes, unless it is told to refuse.
#[derive(Debug)]
struct Pipe {
    taken: mpsc::UnboundedSender<Value>,
    refuses: Mutex<bool>,
    /// Whether it takes an envelope and never says so.
    is_mute: Mutex<bool>,
}

#[async_trait]
impl AlertQueue for Pipe {
    async fn put(&self, envelope: &Envelope, _delay: Duration) -> Result<(), QueueError> {
        if *self.refuses.lock() {
            return Err(QueueError("the disk is full".to_owned()));
        }
        let envelope: Value = serde_json::from_str(&envelope.to_json()).unwrap();
        self.taken.send(envelope["payload"].clone()).unwrap();
        if *self.is_mute.lock() {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// One machine, started and stopped as a test likes.
pub(crate) struct Story {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<PausedClock>,
    pub(crate) values: Arc<Values>,
    pub(crate) desk: Arc<Desk>,
    pipe: Arc<Pipe>,
    heard: mpsc::UnboundedReceiver<Value>,
    running: Option<(CancellationToken, [JoinHandle<()>; 2])>,
}

impl Story {
    /// A machine on which nothing runs yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(PausedClock::new());
        let (taken, heard) = mpsc::unbounded_channel();
        Story {
            desk: desk(folder.path(), groups(), &clock, |warning| {
                panic!("{warning}")
            }),
            folder,
            clock,
            values: Arc::default(),
            pipe: Arc::new(Pipe {
                taken,
                refuses: Mutex::new(false),
                is_mute: Mutex::new(false),
            }),
            heard,
            running: None,
        }
    }

    /// Starts it with what its folder has.
    pub(crate) fn start(&mut self) {
        self.start_with(groups());
    }

    /// The same with other rules.
    pub(crate) fn start_with(&mut self, groups: Vec<Group>) {
        self.desk = desk(self.folder.path(), groups, &self.clock, |warning| {
            panic!("{warning}")
        });
        let stop = CancellationToken::new();
        let evaluator = Evaluator {
            desk: Arc::clone(&self.desk),
            source: Arc::clone(&self.values) as _,
            defaults: Defaults {
                database: "\"D\"".to_owned(),
                table: "\"T\"".to_owned(),
                measure: String::new(),
            },
            clock: Arc::clone(&self.clock) as _,
        };
        let teller = Teller {
            desk: Arc::clone(&self.desk),
            queue: Arc::clone(&self.pipe) as _,
            clock: Arc::clone(&self.clock) as _,
        };
        let tasks = [
            tokio::spawn(evaluator.run(stop.clone())),
            tokio::spawn(teller.run(stop.clone())),
        ];
        self.running = Some((stop, tasks));
    }

    /// Ends it in order.
    pub(crate) async fn stop(&mut self) {
        let (stop, tasks) = self.running.take().expect("it runs");
        stop.cancel();
        for task in tasks {
            task.await.unwrap();
        }
    }

    /// Ends it as a power cut does.
    pub(crate) async fn kill(&mut self) {
        let (_, tasks) = self.running.take().expect("it runs");
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
    }

    /// Lets the queue refuse, or take again.
    pub(crate) fn refuse(&self, refuses: bool) {
        *self.pipe.refuses.lock() = refuses;
    }

    /// Lets the queue take without an answer, or answer again.
    pub(crate) fn mute(&self, is_mute: bool) {
        *self.pipe.is_mute.lock() = is_mute;
    }

    /// The next request that is taken: `firing shop, resolved cart`.
    pub(crate) async fn hears(&mut self) -> String {
        let patience = Duration::from_secs(2 * 3_600);
        let heard = tokio::time::timeout(patience, self.heard.recv()).await;
        alerts(&heard.expect("something is said within two hours").unwrap())
    }

    /// Whether nothing is taken for so long.
    pub(crate) async fn is_silent_for(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.heard.recv()).await.is_err()
    }

    /// Waits until rules were evaluated so many times more.
    pub(crate) async fn evaluations(&self, more: usize) {
        let wanted = self.values.asked.lock().len() + more;
        while self.values.asked.lock().len() < wanted {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What is shown now.
    pub(crate) fn standing(&self) -> Standing {
        let alerting = Alerting {
            source: AlertSource::Local,
            desk: Some(Arc::clone(&self.desk)),
            heartbeat: None,
        };
        alerting.standing(self.clock.now())
    }

    /// The id of the only open alert.
    pub(crate) fn open(&self) -> String {
        let alerts = self.standing().alerts;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        alerts[0].alert.fingerprint.clone()
    }
}

/// What a folder remembers.
pub(crate) fn desk(
    folder: &Path,
    groups: Vec<Group>,
    clock: &Arc<PausedClock>,
    warn: impl Fn(String),
) -> Arc<Desk> {
    let desk = Desk::open(
        folder,
        groups,
        Routing::to("tidewatch"),
        "http://127.0.0.1:8080/".to_owned(),
        Arc::clone(clock) as _,
        warn,
    );
    Arc::new(desk.unwrap())
}

fn alerts(payload: &Value) -> String {
    let alerts = payload["alerts"].as_array().unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let reason = |alert: &Value| {
        let reason = alert["annotations"]["grafana_state_reason"].as_str();
        reason
            .map(|reason| format!(" ({reason})"))
            .unwrap_or_default()
    };
    let text = |alert: &Value| {
        let status = word(&alert["status"]);
        format!(
            "{status} {}{}",
            word(&alert["labels"]["monitor_id"]),
            reason(alert)
        )
    };
    alerts.iter().map(text).collect::<Vec<_>>().join(", ")
}
