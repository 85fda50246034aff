//! The half that publishes: works the queue off.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use tidewatch_aws::alert_queue::SqsAlertQueue;
use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::incident_table::DynamoIncidentTable;
use tidewatch_aws::queue::Queue;
use tidewatch_aws::sdk;
use tidewatch_aws::{clients, environment, topics};
use tidewatch_domain::incident::Policy;
use tidewatch_domain::ports::{Clock, Destination, RecordSink};
use tidewatch_domain::record::Value;
use tidewatch_domain::rows::function_row;
use tidewatch_domain::schema::measure;
use tidewatch_domain::{Location, Timestamp};
use tidewatch_notify::consumer::{Consumer, Options, Report, RowTimes};
use tidewatch_notify::envelope::Envelope;
use tidewatch_telemetry::{LambdaEvent, Metric, Metrics};

use crate::rows::{LoggedRows, QueuedRows};
use crate::settings::Send as Settings;

/// Beyond the function's time limit: by then whoever claimed an outbox is gone.
const MARGIN: Duration = Duration::from_secs(5);

/// Works the queue off.
pub(crate) struct Sender {
    consumer: Consumer,
    rows: Arc<dyn RecordSink>,
    location: Location,
    metrics: Metrics,
}

impl Sender {
    pub(crate) async fn of_process(
        metrics: Metrics,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let settings = Settings::read(&environment::of_process)?;
        let config = sdk::load(&settings.region).await;
        let rows: Arc<dyn RecordSink> = match settings.results {
            Some(url) => {
                let config = sdk::load(&settings.results_region).await;
                Arc::new(QueuedRows::new(Queue::new(clients::sqs(&config), url)))
            }
            None => Arc::new(LoggedRows),
        };
        let heartbeats = metrics.clone();
        let consumer = Consumer {
            table: Arc::new(DynamoIncidentTable::new(
                clients::dynamodb(&config),
                settings.incidents,
            )),
            queue: Arc::new(SqsAlertQueue::new(Queue::new(
                clients::sqs(&config),
                settings.queue,
            ))),
            subscriptions: topics::subscriptions(&settings.topics, &clients::sns(&config))?,
            heartbeat: Arc::new(move |_: Timestamp| heartbeats.count(Metric::Heartbeats, 1)),
            rows: Arc::clone(&rows),
            clock: Arc::new(SystemClock),
            options: Options {
                policy: Policy::default(),
                surroundings: settings.surroundings,
                location: settings.location.clone(),
            },
            row_times: RowTimes::default(),
        };
        Ok(Sender {
            consumer,
            rows,
            location: settings.location,
            metrics,
        })
    }

    /// Takes a batch through, and names the messages that have to come again.
    pub(crate) async fn handle(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        let mut envelopes = Vec::new();
        let mut ids = Vec::new();
        for record in event.payload.records {
            let id = record.message_id.unwrap_or_default();
            match Envelope::read(record.body.unwrap_or_default().as_bytes()) {
                Ok(envelope) => {
                    envelopes.push(envelope);
                    ids.push(id);
                }
                Err(error) => {
                    // It comes again until the queue gives it to the dead letters.
                    tracing::error!(message.id = %id, %error, "a message cannot be read");
                    self.metrics.count(Metric::Refused, 1);
                    response.add_failure(id);
                }
            }
        }
        let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
        let now = SystemClock.now();
        let lease = Timestamp::from_millis(deadline).since(now) + MARGIN;
        let report = self.consumer.handle(&envelopes, lease).await;
        for (id, outcome) in ids.into_iter().zip(&report.outcomes) {
            if let Err(reason) = outcome {
                tracing::warn!(message.id = %id, %reason, "a message has to come again");
                response.add_failure(id);
            }
        }
        self.tell(&report).await;
        response
    }

    async fn tell(&self, report: &Report) {
        let counts = [
            (Metric::NotificationsSent, report.sent),
            (Metric::NotificationsFailed, report.failed),
            (Metric::Refused, report.refused),
        ];
        for (metric, count) in counts {
            self.metrics
                .count(metric, u64::try_from(count).unwrap_or(u64::MAX));
        }
        let value = |count: usize| Value::Bigint(i64::try_from(count).unwrap_or(i64::MAX));
        let row = function_row(
            "webhook",
            &self.location,
            [
                (measure::NOTIFICATIONS_SENT, value(report.sent)),
                (measure::NOTIFICATIONS_FAILED, value(report.failed)),
            ],
            SystemClock.now(),
        );
        if let Err(error) = self.rows.write(Destination::Main, vec![row]).await {
            tracing::warn!(%error, "the row of this invocation was not written");
        }
    }
}
