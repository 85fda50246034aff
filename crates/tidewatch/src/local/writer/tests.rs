use std::collections::VecDeque;

use async_trait::async_trait;
use parking_lot::Mutex;
use tidewatch_domain::ports::WriteReport;
use tidewatch_domain::rows::{self, Ops};
use tidewatch_domain::{Location, MonitorId, Timestamp};

use super::*;

/// Answers with what was prepared, then accepts everything.
#[derive(Default)]
struct ScriptedSink {
    answers: Mutex<VecDeque<Result<WriteReport, SinkError>>>,
    batches: Mutex<Vec<(Destination, usize)>>,
}

#[async_trait]
impl RecordSink for ScriptedSink {
    async fn write(
        &self,
        destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError> {
        self.batches.lock().push((destination, records.len()));
        let accepted = WriteReport {
            accepted: records.len(),
            ..WriteReport::default()
        };
        self.answers.lock().pop_front().unwrap_or(Ok(accepted))
    }
}

fn row(minute: i64) -> Record {
    let location = Location::try_new("local").unwrap();
    let component = MonitorId::component("local");
    rows::ops_row(
        &component,
        &location,
        &Ops::default(),
        Timestamp::from_secs(minute * 60),
    )
}

fn failure(retryable: bool) -> Result<WriteReport, SinkError> {
    Err(SinkError {
        message: "the disk is full".to_owned(),
        retryable,
    })
}

async fn write(sink: &Arc<ScriptedSink>, rows: Vec<(Destination, Record)>) -> Arc<Counters> {
    let counters = Arc::new(Counters::default());
    let (queue, writing) = start(
        Arc::clone(sink) as _,
        Arc::clone(&counters),
        CancellationToken::new(),
    );
    queue.push(rows).await;
    drop(queue);
    writing.await.unwrap();
    counters
}

#[tokio::test(start_paused = true)]
async fn rows_go_out_in_batches_by_destination() {
    let sink = Arc::new(ScriptedSink::default());
    let rows = (0..250).map(|minute| {
        let destination = if minute % 5 == 0 {
            Destination::Main
        } else {
            Destination::Attempts
        };
        (destination, row(minute))
    });
    let counters = write(&sink, rows.collect()).await;
    let batches = sink.batches.lock().clone();
    assert!(
        batches.iter().all(|(_, count)| *count <= BATCH),
        "{batches:?}"
    );
    let total = |wanted| -> usize {
        batches
            .iter()
            .filter(|(to, _)| *to == wanted)
            .map(|(_, count)| count)
            .sum()
    };
    assert_eq!(
        (total(Destination::Main), total(Destination::Attempts)),
        (50, 200)
    );
    assert_eq!(batches.len(), 3, "rows that come together go together");
    assert_eq!(counters.take().rows_written, 250);
}

#[tokio::test(start_paused = true)]
async fn rows_that_come_one_by_one_wait_for_each_other_but_not_long() {
    let sink = Arc::new(ScriptedSink::default());
    let counters = Arc::new(Counters::default());
    let (queue, writing) = start(
        Arc::clone(&sink) as _,
        Arc::clone(&counters),
        CancellationToken::new(),
    );
    for minute in 0..20 {
        queue.push([(Destination::Main, row(minute))]).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let batches = sink.batches.lock().clone();
    assert_eq!(batches.len(), 1, "{batches:?}");
    drop(queue);
    writing.await.unwrap();
    assert_eq!(counters.take().rows_written, 20);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_write_for_a_while_loses_nothing() {
    let sink = Arc::new(ScriptedSink::default());
    sink.answers
        .lock()
        .extend([failure(true), failure(true), failure(true)]);
    let ops = write(&sink, vec![(Destination::Main, row(1))]).await.take();
    assert_eq!(
        (ops.rows_written, ops.write_retries, ops.rows_rejected),
        (1, 3, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_written_is_counted_and_does_not_stop_the_rest() {
    let sink = Arc::new(ScriptedSink::default());
    sink.answers.lock().push_back(failure(false));
    // Two batches, of which the first is refused.
    let rows: Vec<_> = (0..150)
        .map(|minute| (Destination::Main, row(minute)))
        .collect();
    let ops = write(&sink, rows).await.take();
    assert_eq!(ops.rows_written + ops.rows_rejected, 150);
    assert!(ops.rows_rejected > 0 && ops.rows_written > 0, "{ops:?}");
}

#[tokio::test(start_paused = true)]
async fn duplicates_are_no_rejections() {
    let sink = Arc::new(ScriptedSink::default());
    let report = WriteReport {
        accepted: 1,
        duplicates: 1,
        rejected: vec![(0, "old".to_owned())],
    };
    sink.answers.lock().push_back(Ok(report));
    let ops = write(
        &sink,
        (0..3)
            .map(|minute| (Destination::Main, row(minute)))
            .collect(),
    )
    .await
    .take();
    assert_eq!((ops.rows_written, ops.rows_rejected), (1, 1));
}
