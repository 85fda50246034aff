//! Hands what is due to the queue of alerts, in the form of Grafana's webhook.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_alerting::group::Notification;
use tidewatch_alerting::payload::{self, Context};
use tidewatch_domain::ports::Clock;
use tidewatch_notify::envelope::{Envelope, Source};
use tidewatch_notify::queue::AlertQueue;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;

/// The longest time without a look at the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Tells what the rules found.
pub(crate) struct Teller {
    /// Knows what is due.
    pub(crate) desk: Arc<Desk>,
    /// Where it goes, to people at its end.
    pub(crate) queue: Arc<dyn AlertQueue>,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Teller {
    /// Tells until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        loop {
            self.round().await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.desk.changed() => {}
                () = self.until_due() => {}
            }
        }
    }

    /// Hands over what is due now.
    async fn round(&self) {
        for notification in self.desk.due() {
            self.desk.offer(&notification).await;
            match self.hand_over(&notification).await {
                Ok(()) => self.desk.sent(&notification).await,
                Err(reason) => {
                    tracing::error!(
                        group = %notification.group_key,
                        "alerts are not taken, they are told again: {reason}"
                    );
                    self.desk.not_sent(reason);
                }
            }
        }
    }

    async fn hand_over(&self, notification: &Notification) -> Result<(), String> {
        let context = Context {
            external_url: self.desk.external_url(),
            app_version: "",
            org_id: notification.alerts.first().map_or(1, |alert| alert.org_id),
        };
        let body = payload::body(notification, &context);
        let envelope = Envelope::of_bytes(Source::Local, self.clock.now(), &body);
        let (envelope, _) = envelope.map_err(|error| error.to_string())?;
        let put = self.queue.put(&envelope, Duration::ZERO).await;
        put.map_err(|error| error.to_string())
    }

    async fn until_due(&self) {
        loop {
            let now = self.clock.now();
            let wait = match self.desk.next_due() {
                Some(due) if due <= now => return,
                Some(due) => due.since(now).min(LONGEST_SLEEP),
                None => return std::future::pending().await,
            };
            tokio::time::sleep(wait).await;
        }
    }
}

impl std::fmt::Debug for Teller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Teller").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
