//! The queue of alerts as an SQS queue.

use std::time::Duration;

use async_trait::async_trait;
use tidewatch_notify::envelope::Envelope;
use tidewatch_notify::queue::{AlertQueue, QueueError};

use crate::message::MESSAGE_LIMIT;
use crate::queue::{LONGEST_DELAY, Outgoing, Queue};

/// Puts envelopes into an SQS queue. One that is too large becomes several messages, which the
/// consumer puts together again by what they are about.
#[derive(Clone, Debug)]
pub struct SqsAlertQueue {
    queue: Queue,
}

impl SqsAlertQueue {
    /// Envelopes go to `queue`.
    pub fn new(queue: Queue) -> Self {
        SqsAlertQueue { queue }
    }
}

#[async_trait]
impl AlertQueue for SqsAlertQueue {
    async fn put(&self, envelope: &Envelope, delay: Duration) -> Result<(), QueueError> {
        let delay = delay.min(LONGEST_DELAY);
        let messages: Vec<Outgoing> = envelope
            .split(MESSAGE_LIMIT)?
            .into_iter()
            .map(|body| Outgoing { body, delay })
            .collect();
        // Where only a part was taken, the sender comes again with all of it: repeats do no harm.
        match self.queue.send(&messages).await.failed.into_iter().next() {
            None => Ok(()),
            Some((_, reason)) => Err(QueueError(reason)),
        }
    }
}
