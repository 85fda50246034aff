use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tidewatch_domain::incident::Policy;
use tidewatch_domain::incident::text::Surroundings;
use tidewatch_domain::ports::{Clock, Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::schema::measure;
use tidewatch_domain::{Location, Record, Timestamp};
use tidewatch_testkit::ManualClock;

use super::*;
use crate::channel::{Channel, ChannelError, Subscription};
use crate::envelope::{Envelope, Source};
use crate::message::Message;
use crate::queue::{AlertQueue, QueueError};
use crate::table::{FileTable, IncidentTable, Item, TableError};

/// Takes messages, or refuses them while it is broken.
#[derive(Clone, Default)]
struct Recorder {
    name: &'static str,
    taken: Arc<Mutex<Vec<(String, String)>>>,
    broken: Arc<Mutex<bool>>,
}

impl Recorder {
    fn named(name: &'static str) -> Self {
        Recorder {
            name,
            ..Recorder::default()
        }
    }

    /// The subjects of what was taken, without the severity.
    fn subjects(&self) -> Vec<String> {
        let taken = self.taken.lock();
        taken.iter().map(|(_, subject)| subject.clone()).collect()
    }

    fn ids(&self) -> Vec<String> {
        let taken = self.taken.lock();
        taken.iter().map(|(id, _)| id.clone()).collect()
    }
}

#[async_trait]
impl Channel for Recorder {
    fn name(&self) -> &str {
        self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        messages
            .iter()
            .map(|message| {
                if *self.broken.lock() {
                    return Err(ChannelError("it is broken".to_owned()));
                }
                let told = (message.dedupe_id().to_owned(), message.subject());
                self.taken.lock().push(told);
                Ok(())
            })
            .collect()
    }
}

/// Keeps what is put off.
#[derive(Clone, Default)]
struct Later(Arc<Mutex<Vec<(Envelope, Duration)>>>);

#[async_trait]
impl AlertQueue for Later {
    async fn put(&self, envelope: &Envelope, delay: Duration) -> Result<(), QueueError> {
        self.0.lock().push((envelope.clone(), delay));
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Rows(Arc<Mutex<Vec<Record>>>);

#[async_trait]
impl RecordSink for Rows {
    async fn write(&self, _: Destination, records: Vec<Record>) -> Result<WriteReport, SinkError> {
        self.0.lock().extend(records);
        Ok(WriteReport::default())
    }
}

/// A table that stops to take changes, as if the process had died there.
#[derive(Clone)]
struct Dying {
    table: FileTable,
    /// How many more changes it takes.
    left: Arc<AtomicI64>,
}

#[async_trait]
impl IncidentTable for Dying {
    async fn load(&self, key: &str) -> Result<Option<Item>, TableError> {
        self.table.load(key).await
    }

    async fn save(
        &self,
        key: &str,
        expected: u64,
        text: &str,
        expires: Timestamp,
    ) -> Result<(), TableError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(TableError::Failed("the process is dead".to_owned()));
        }
        self.table.save(key, expected, text, expires).await
    }
}

struct Stage {
    consumer: Consumer,
    clock: Arc<ManualClock>,
    pager: Recorder,
    mail: Recorder,
    later: Later,
    rows: Rows,
    beats: Arc<Mutex<Vec<Timestamp>>>,
    left: Arc<AtomicI64>,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::default());
        let left = Arc::new(AtomicI64::new(i64::MAX));
        let table = Dying {
            table: FileTable::open(folder.path(), clock.now()).unwrap(),
            left: Arc::clone(&left),
        };
        let (pager, mail) = (Recorder::named("pager"), Recorder::named("mail"));
        let (later, rows) = (Later::default(), Rows::default());
        let beats = Arc::new(Mutex::new(Vec::new()));
        let counted = Arc::clone(&beats);
        let consumer = Consumer {
            table: Arc::new(table),
            queue: Arc::new(later.clone()),
            subscriptions: vec![
                Subscription::to_all(Box::new(pager.clone())),
                Subscription::to_all(Box::new(mail.clone())),
            ],
            heartbeat: Arc::new(move |at: Timestamp| counted.lock().push(at)),
            rows: Arc::new(rows.clone()),
            clock: clock.clone(),
            options: Options {
                policy: Policy::default(),
                surroundings: Surroundings::default(),
                location: Location::try_new("local").unwrap(),
            },
            row_times: RowTimes::default(),
        };
        Stage {
            consumer,
            clock,
            pager,
            mail,
            later,
            rows,
            beats,
            left,
            _folder: folder,
        }
    }

    fn envelope(&self, alerts: Value) -> Envelope {
        let body = json!({ "alerts": alerts }).to_string();
        let envelope = Envelope::of_bytes(Source::Grafana, self.clock.now(), body.as_bytes());
        envelope.unwrap().0
    }

    async fn handle(&self, envelopes: &[Envelope]) -> Report {
        self.consumer.handle(envelopes, Duration::ZERO).await
    }
}

fn down(monitor: &str, epoch: u64, status: &str) -> Value {
    json!({
        "status": status,
        "labels": {
            "alertname": "Monitor down", "rule": "down", "severity": "critical",
            "tenant": "acme", "monitor_id": monitor, "epoch": epoch.to_string(),
        },
        "annotations": {},
        "startsAt": "2026-05-31T23:59:00Z",
        "endsAt": if status == "firing" { "0001-01-01T00:00:00Z" } else { "2026-06-01T00:11:03Z" },
        "fingerprint": format!("{monitor}{epoch}"),
        "values": null,
    })
}

#[tokio::test]
async fn an_outage_and_its_end_reach_every_channel_once() {
    let stage = Stage::new();
    let opened = stage.envelope(json!([down("shop", 7, "firing")]));
    let report = stage.handle(&[opened.clone(), opened.clone()]).await;
    assert_eq!((report.outcomes, report.sent), (vec![Ok(()), Ok(())], 2));
    assert_eq!(stage.handle(&[opened]).await.sent, 0);
    stage.clock.advance(Duration::from_secs(700));
    let ended = stage.envelope(json!([down("shop", 7, "resolved")]));
    assert_eq!(stage.handle(&[ended]).await.sent, 2);
    let told = [
        "[CRITICAL] DOWN acme/shop since 23:59 UTC",
        "[CRITICAL] RECOVERED acme/shop after 12 min 3 s",
    ];
    assert_eq!(stage.pager.subjects(), told);
    assert_eq!(stage.mail.subjects(), told);
}

#[tokio::test]
async fn rows_tell_what_was_sent_by_which_way() {
    let stage = Stage::new();
    *stage.mail.broken.lock() = true;
    let opened = stage.envelope(json!([down("shop", 7, "firing")]));
    stage.clock.advance(Duration::from_secs(12));
    stage.handle(&[opened]).await;
    let rows = stage.rows.0.lock();
    let text = |row: &Record, name| match row.measure(name) {
        Some(tidewatch_domain::Value::Varchar(text)) => text.clone(),
        other => panic!("{name}: {other:?}"),
    };
    let told: Vec<(String, String)> = rows
        .iter()
        .map(|row| (text(row, measure::CHANNEL), text(row, measure::RESULT)))
        .collect();
    assert_eq!(
        told,
        [
            ("pager".to_owned(), "sent".to_owned()),
            ("mail".to_owned(), "failed".to_owned())
        ]
    );
    assert_eq!(text(&rows[0], measure::INCIDENT), "acme/shop#7");
    assert_eq!(
        rows[0].measure(measure::DELIVERY_MS),
        Some(&tidewatch_domain::Value::Double(12_000.0))
    );
    assert_ne!(rows[0].time, rows[1].time);
}

#[tokio::test]
async fn only_the_channel_that_failed_gets_it_again() {
    let stage = Stage::new();
    *stage.mail.broken.lock() = true;
    let opened = stage.envelope(json!([down("shop", 7, "firing")]));
    let report = stage.handle(std::slice::from_ref(&opened)).await;
    assert_eq!(
        report.outcomes,
        [Err("channel `mail`: it is broken".to_owned())]
    );
    *stage.mail.broken.lock() = false;
    let report = stage.handle(&[opened]).await;
    assert_eq!((report.outcomes, report.sent), (vec![Ok(())], 1));
    assert_eq!(stage.pager.ids().len(), 1);
    assert_eq!(stage.pager.ids(), stage.mail.ids());
}

#[tokio::test]
async fn what_a_channel_missed_goes_out_with_the_next_alert_too() {
    let stage = Stage::new();
    *stage.pager.broken.lock() = true;
    stage
        .handle(&[stage.envelope(json!([down("shop", 7, "firing")]))])
        .await;
    *stage.pager.broken.lock() = false;
    stage
        .handle(&[stage.envelope(json!([down("shop", 7, "resolved")]))])
        .await;
    assert_eq!(stage.pager.subjects().len(), 2);
    assert!(stage.pager.subjects()[0].contains("DOWN"));
}

/// Wherever the process dies, the message arrives, and a repeat has the same id.
#[tokio::test]
async fn a_crash_at_any_change_loses_nothing() {
    for survived in 0..4 {
        let stage = Stage::new();
        let envelopes: Vec<Envelope> = ["shop", "blog"]
            .map(|monitor| stage.envelope(json!([down(monitor, 1, "firing")])))
            .to_vec();
        stage.left.store(survived, Ordering::SeqCst);
        let report = stage.handle(&envelopes).await;
        assert!(report.outcomes.iter().any(Result::is_err));
        stage.left.store(i64::MAX, Ordering::SeqCst);
        let report = stage.handle(&envelopes).await;
        assert_eq!(report.outcomes, [Ok(()), Ok(())]);
        let mut ids = stage.pager.ids();
        // Nothing is sent before it is saved; only what was sent and not marked is repeated.
        let repeats = usize::try_from(if survived < 2 { survived } else { 4 - survived }).unwrap();
        assert_eq!(ids.len(), 2 + repeats, "after {survived} changes");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 2);
        assert_eq!(stage.handle(&envelopes).await.sent, 0);
    }
}

#[tokio::test]
async fn a_digest_that_was_cut_off_by_a_crash_is_repeated_as_it_was() {
    let alerts: Vec<Value> = (0..8)
        .map(|number| down(&format!("m{number}"), 1, "firing"))
        .collect();
    // 8 decisions, the digest, its mark, 8 marks.
    for survived in 0..18 {
        let stage = Stage::new();
        let envelopes: Vec<Envelope> = alerts
            .iter()
            .map(|alert| stage.envelope(json!([alert])))
            .collect();
        stage.left.store(survived, Ordering::SeqCst);
        stage.handle(&envelopes).await;
        stage.left.store(i64::MAX, Ordering::SeqCst);
        // They come again one by one.
        for envelope in &envelopes {
            let report = stage.handle(std::slice::from_ref(envelope)).await;
            assert_eq!(report.outcomes, [Ok(())], "after {survived} changes");
        }
        let mut ids = stage.pager.ids();
        ids.sort();
        ids.dedup();
        if survived >= 9 {
            assert_eq!(ids.len(), 1, "after {survived} changes");
            assert!(stage.pager.subjects()[0].contains("8 alerts (acme): 8 down"));
        } else {
            // Nothing had been sent: each goes out by itself.
            assert_eq!(ids.len(), 8, "after {survived} changes");
        }
        assert_eq!(stage.handle(&envelopes).await.sent, 0);
    }
}

#[tokio::test]
async fn two_consumers_never_send_the_same() {
    let stage = Stage::new();
    let opened = stage.envelope(json!([down("shop", 7, "firing")]));
    stage.left.store(1, Ordering::SeqCst);
    // One decides and sends, and is not heard of again.
    let report = stage
        .consumer
        .handle(std::slice::from_ref(&opened), Duration::from_secs(60))
        .await;
    assert!(report.outcomes[0].is_err());
    stage.left.store(i64::MAX, Ordering::SeqCst);
    let report = stage.handle(std::slice::from_ref(&opened)).await;
    assert!(
        report.outcomes[0]
            .as_ref()
            .unwrap_err()
            .contains("somebody else")
    );
    assert_eq!(stage.pager.ids().len(), 1);
    stage.clock.advance(Duration::from_secs(61));
    assert_eq!(stage.handle(&[opened]).await.outcomes, [Ok(())]);
    let ids = stage.pager.ids();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
}

#[tokio::test]
async fn the_watchdog_is_a_sign_of_life_and_no_message() {
    let stage = Stage::new();
    let watchdog = json!({
        "status": "firing", "labels": { "alertname": "Watchdog", "rule": "watchdog" },
        "startsAt": "2026-05-31T23:59:00Z", "fingerprint": "w",
    });
    let report = stage.handle(&[stage.envelope(json!([watchdog]))]).await;
    assert_eq!((report.heartbeats, report.sent), (1, 0));
    assert_eq!(*stage.beats.lock(), [stage.clock.now()]);
}

#[tokio::test]
async fn a_flapping_monitor_leaves_word_to_be_looked_at_again() {
    let stage = Stage::new();
    for epoch in 1..=4 {
        for status in ["firing", "resolved"] {
            let mut alert = down("shop", epoch, status);
            alert["startsAt"] = json!(format!("2026-05-31T23:5{epoch}:00Z"));
            stage.handle(&[stage.envelope(json!([alert]))]).await;
        }
    }
    assert_eq!(stage.pager.subjects().len(), 7);
    let (mut word, mut delay) = stage.later.0.lock().remove(0);
    assert_eq!(delay, Duration::from_secs(30 * 60));
    // A queue may hand it out too early: then it is left again.
    stage.clock.advance(Duration::from_secs(15 * 60));
    stage.handle(&[word]).await;
    assert_eq!(stage.pager.subjects().len(), 7);
    (word, delay) = stage.later.0.lock().remove(0);
    assert_eq!(delay, Duration::from_secs(15 * 60));
    stage.clock.advance(delay);
    let report = stage.handle(&[word]).await;
    assert_eq!(report.outcomes, [Ok(())]);
    assert!(stage.pager.subjects()[7].contains("RECOVERED acme/shop"));
    assert!(stage.later.0.lock().is_empty());
}

#[tokio::test]
async fn a_bad_alert_or_envelope_stops_no_other() {
    let stage = Stage::new();
    let mixed = stage.envelope(json!([{ "status": "odd" }, down("shop", 1, "firing")]));
    let odd = Envelope::of_payload(Source::Grafana, stage.clock.now(), &json!([]));
    let report = stage.handle(&[odd, mixed]).await;
    assert!(report.outcomes[0].is_err() && report.outcomes[1].is_ok());
    assert_eq!((report.refused, report.sent), (1, 2));
}
