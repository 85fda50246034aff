//! Sending to queues of SQS.
//!
//! SQS takes ten messages in one request and answers for each of them: it may take some and refuse
//! others. What it refused for a fault of its own is sent again, what it will never take is told.
//! A message can arrive twice, when an answer is lost: readers have to bear that.

mod batch;

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use tokio::time::sleep;

/// Rounds in which messages are sent that a queue refused for a fault of its own.
const ROUNDS: u32 = 4;
/// The pause before the second round; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest delay that SQS knows.
pub const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its text, at most [`crate::message::SINGLE_LIMIT`] bytes.
    pub body: String,
    /// How long it stays invisible; whole seconds, at most [`LONGEST_DELAY`].
    pub delay: Duration,
}

impl Outgoing {
    /// A message that is visible at once.
    pub fn now(body: String) -> Self {
        Outgoing {
            body,
            delay: Duration::ZERO,
        }
    }
}

/// What became of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendReport {
    /// Messages that the queue has.
    pub sent: usize,
    /// Requests and single messages that were sent again.
    pub retries: usize,
    /// Messages that the queue does not have: position and reason, in order.
    pub failed: Vec<(usize, String)>,
}

/// A queue that messages are sent to.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at `url`; `client` is for its region.
    pub fn new(client: Client, url: String) -> Self {
        Queue { client, url }
    }

    /// Sends `messages`, as few requests as possible, one after another.
    ///
    /// The SDK repeats requests that failed as a whole; after that this gives the request up and
    /// goes on with the next.
    pub async fn send(&self, messages: &[Outgoing]) -> SendReport {
        let mut report = SendReport::default();
        let mut waiting: Vec<usize> = (0..messages.len()).collect();
        let mut pause = FIRST_PAUSE;
        for round in 1..=ROUNDS {
            let mut again = Vec::new();
            for chunk in batch::chunks(messages, &waiting) {
                self.send_chunk(messages, &chunk, &mut report, &mut again)
                    .await;
            }
            if again.is_empty() {
                break;
            }
            if round == ROUNDS {
                report.failed.append(&mut again);
                break;
            }
            report.retries += again.len();
            waiting = again.into_iter().map(|(position, _)| position).collect();
            sleep(pause).await;
            pause *= 2;
        }
        report.failed.sort_by_key(|(position, _)| *position);
        report
    }

    /// Sends one request; what may be taken later goes to `again`.
    async fn send_chunk(
        &self,
        messages: &[Outgoing],
        chunk: &[usize],
        report: &mut SendReport,
        again: &mut Vec<(usize, String)>,
    ) {
        let entries = chunk
            .iter()
            .map(|position| entry(*position, &messages[*position]));
        let request = self
            .client
            .send_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries.collect()));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                let reason = DisplayErrorContext(&error).to_string();
                let failed = chunk.iter().map(|position| (*position, reason.clone()));
                report.failed.extend(failed);
                return;
            }
        };
        // Identifiers are positions; what is in neither list was not taken for sure.
        let position = |id: &str| id.parse().ok().filter(|position| chunk.contains(position));
        let mut open: Vec<usize> = chunk.to_vec();
        for taken in answer.successful() {
            if let Some(position) = position(taken.id()) {
                open.retain(|other| *other != position);
                report.sent += 1;
            }
        }
        for refused in answer.failed() {
            let Some(position) = position(refused.id()) else {
                continue;
            };
            open.retain(|other| *other != position);
            let text = refused.message().unwrap_or("no reason given");
            let reason = format!("the queue refused it: {}: {text}", refused.code());
            if refused.sender_fault() {
                report.failed.push((position, reason));
            } else {
                again.push((position, reason));
            }
        }
        let unanswered = "the queue's answer does not say what became of it".to_owned();
        again.extend(
            open.into_iter()
                .map(|position| (position, unanswered.clone())),
        );
    }
}

fn entry(position: usize, message: &Outgoing) -> SendMessageBatchRequestEntry {
    let delay = message.delay.min(LONGEST_DELAY).as_secs();
    SendMessageBatchRequestEntry::builder()
        .id(position.to_string())
        .message_body(&message.body)
        .set_delay_seconds((delay > 0).then(|| i32::try_from(delay).unwrap_or(i32::MAX)))
        .build()
        .expect("identifier and body are set")
}

#[cfg(test)]
mod tests;
