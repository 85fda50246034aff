//! The consumer of a folder queue: waits for alerts, lets others join, and takes them through.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::ports::Clock;
use tokio_util::sync::CancellationToken;

use crate::consumer::Consumer;
use crate::queue::{Entry, FolderError, FolderQueue};

/// The most envelopes of one round.
const MOST: usize = 256;
/// The first pause after a failure; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Works a folder queue off.
#[derive(Debug)]
pub struct Worker {
    queue: Arc<FolderQueue>,
    consumer: Consumer,
    clock: Arc<dyn Clock>,
    patience: Patience,
}

/// How long a worker waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first alert until it is looked at, so that others can join it.
    pub gather: Duration,
    /// From an alert's arrival until it is given up. Until then it is tried again.
    pub give_up_after: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            gather: Duration::from_secs(10),
            give_up_after: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Worker {
    /// Works `queue` off with `consumer`.
    pub fn new(
        queue: Arc<FolderQueue>,
        consumer: Consumer,
        clock: Arc<dyn Clock>,
        patience: Patience,
    ) -> Self {
        Worker {
            queue,
            consumer,
            clock,
            patience,
        }
    }

    /// Works until `stop`. What is in the queue then comes out after the next start.
    pub async fn run(self, stop: CancellationToken) {
        let mut failures = 0;
        while !stop.is_cancelled() {
            let step = tokio::select! {
                () = stop.cancelled() => return,
                step = self.wait() => step,
            };
            let result = match step {
                Ok(()) => self.round().await,
                Err(error) => Err(error),
            };
            match result {
                Ok(()) => failures = 0,
                Err(error) => {
                    tracing::error!(%error, "the alert queue cannot be worked off; trying again");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(pause(failures)) => {}
                    }
                    failures += 1;
                }
            }
        }
    }

    /// Until something is due and others had the time to join it.
    async fn wait(&self) -> Result<(), FolderError> {
        loop {
            let (entries, next) = self.due(1).await?;
            if !entries.is_empty() {
                tokio::time::sleep(self.patience.gather).await;
                return Ok(());
            }
            let until_next = async {
                match next {
                    Some(due) => tokio::time::sleep(due.since(self.clock.now())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.queue.arrival() => {}
                () = until_next => {}
            }
        }
    }

    /// Takes what is due through the consumer, without waiting for anything.
    pub async fn round(&self) -> Result<(), FolderError> {
        let (entries, _) = self.due(MOST).await?;
        let envelopes: Vec<_> = entries.iter().map(|entry| entry.envelope.clone()).collect();
        // The folder's lock makes this the only consumer.
        let report = self.consumer.handle(&envelopes, Duration::ZERO).await;
        for (entry, outcome) in entries.iter().zip(report.outcomes) {
            match outcome {
                Ok(()) => self.queue.done(entry)?,
                Err(reason) => self.put_off(entry, &reason)?,
            }
        }
        Ok(())
    }

    fn put_off(&self, entry: &Entry, reason: &str) -> Result<(), FolderError> {
        let age = self.clock.now().since(entry.envelope.received);
        if age >= self.patience.give_up_after {
            tracing::error!(
                envelope.id = %entry.envelope.id,
                %reason,
                "alerts are given up; they lie in the folder `dead` of the queue"
            );
            return self.queue.give_up(entry, reason);
        }
        tracing::warn!(
            envelope.id = %entry.envelope.id,
            attempts = entry.attempts() + 1,
            %reason,
            "alerts could not be passed on; trying again"
        );
        self.queue.retry(entry, pause(entry.attempts()))
    }

    async fn due(
        &self,
        most: usize,
    ) -> Result<(Vec<Entry>, Option<tidewatch_domain::Timestamp>), FolderError> {
        let queue = Arc::clone(&self.queue);
        match tokio::task::spawn_blocking(move || queue.due(most)).await {
            Ok(result) => result,
            // Only a shutdown of the runtime ends such a task early.
            Err(_) => Ok((Vec::new(), None)),
        }
    }
}

fn pause(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_PAUSE)
}
