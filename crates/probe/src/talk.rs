//! A conversation over a connection that stands: what is sent, what comes back, and how long each
//! of it took.

mod failure;

use std::time::Duration;

use tidewatch_domain::Phases;
use tidewatch_domain::probe::StepFacts;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use crate::budget::Budget;
use crate::failure::Failure;
use crate::redact::Redactor;
use crate::socket::Socket;
use failure::End;

/// A connection, in the clear or not.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {
    /// When what was read last came in, where the kernel says so.
    fn arrived(&self) -> Option<Instant>;
}

impl Wire for Socket {
    fn arrived(&self) -> Option<Instant> {
        Socket::arrived(self)
    }
}

impl Wire for TlsStream<Socket> {
    fn arrived(&self) -> Option<Instant> {
        self.get_ref().0.arrived()
    }
}

/// What was found in what came in.
pub(crate) enum Found<T> {
    /// It ends at this position.
    Here(usize, T),
    /// It may still come.
    NotYet,
    /// It will not come: this came instead.
    Never(String),
}

/// One conversation, from its first step to its last.
///
/// Every instant is the end of one phase and the beginning of the next, so that the phases add up
/// exactly: sending until the kernel has the last byte, waiting until the first byte of a reply,
/// transfer until the rest of it is there. Over several steps each phase is the sum.
pub(crate) struct Talk<'a> {
    /// Who is spoken to, for texts.
    peer: &'a str,
    redactor: &'a Redactor,
    /// How much is read over all steps.
    limit: usize,
    received: Vec<u8>,
    /// Up to here it was read by earlier steps.
    read: usize,
    /// Where the reply to what was sent last begins.
    reply: usize,
    /// The end of the last phase.
    at: Instant,
    send: Option<Duration>,
    wait: Option<Duration>,
    transfer: Option<Duration>,
    steps: Vec<StepFacts>,
    /// Bytes that came in the clear, before TLS began.
    before: usize,
}

impl<'a> Talk<'a> {
    /// A conversation with `peer` that reads at most `limit` bytes.
    pub(crate) fn new(peer: &'a str, redactor: &'a Redactor, limit: usize) -> Self {
        Talk {
            peer,
            redactor,
            limit,
            received: Vec::new(),
            read: 0,
            reply: 0,
            at: Instant::now(),
            send: None,
            wait: None,
            transfer: None,
            steps: Vec::new(),
            before: 0,
        }
    }

    /// The connection is ready since `at`; the next step begins there.
    pub(crate) fn ready(&mut self, at: Instant) {
        self.at = at;
    }

    /// What follows is said over TLS: nothing that came before is part of it.
    pub(crate) fn secured(&mut self, at: Instant) {
        self.before += self.received.len();
        self.received.clear();
        self.read = 0;
        self.reply = 0;
        self.ready(at);
    }

    /// The end of the last step.
    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// Who is spoken to.
    pub(crate) fn peer(&self) -> &'a str {
        self.peer
    }

    /// What the server said since something was sent, as far as it was read; without the rest of
    /// a line that was read in part before.
    pub(crate) fn reply(&self) -> &[u8] {
        let said = &self.received[self.reply..self.read];
        let within_a_line = self.received[..self.reply]
            .last()
            .is_some_and(|byte| *byte != b'\n');
        match said.iter().position(|byte| *byte == b'\n') {
            Some(end) if within_a_line && end + 1 < said.len() => &said[end + 1..],
            _ => said,
        }
    }

    /// Whether there is more than was read.
    pub(crate) fn has_more(&self) -> bool {
        self.read < self.received.len()
    }

    /// All bytes that came.
    pub(crate) fn bytes(&self) -> usize {
        self.before + self.received.len()
    }

    /// Whether the limit was reached.
    pub(crate) fn is_full(&self) -> bool {
        self.received.len() >= self.limit
    }

    /// Adds the phases of this conversation to those of its connection.
    pub(crate) fn add_to(&self, phases: &mut Phases) {
        phases.send = self.send;
        phases.wait = self.wait;
        phases.transfer = self.transfer;
    }

    /// The steps that ended.
    pub(crate) fn into_steps(self) -> Vec<StepFacts> {
        self.steps
    }

    /// Notes that the step `step`, which began at `from`, has ended.
    pub(crate) fn step_done(&mut self, step: String, from: Instant) {
        let took = self.at.saturating_duration_since(from);
        self.steps.push(StepFacts { step, took });
    }

    /// Sends `bytes`.
    pub(crate) async fn send(
        &mut self,
        wire: &mut dyn Wire,
        bytes: &[u8],
        budget: Budget,
    ) -> Result<(), Failure> {
        let sent = budget
            .cut(async {
                wire.write_all(bytes).await?;
                wire.flush().await
            })
            .await;
        match sent {
            Some(Ok(())) => {
                let now = Instant::now();
                *self.send.get_or_insert_default() += now - self.at;
                self.at = now;
                self.reply = self.read;
                Ok(())
            }
            Some(Err(error)) => Err(failure::while_sending(self, &error)),
            None => Err(failure::sending_took_too_long(self, budget)),
        }
    }

    /// Reads until `find` has found what it looks for in what came since the last step. It gets
    /// everything that came, and from where on it was not read yet. `wanted` completes "waiting
    /// for", and `misfit` says what a whole line that does not fit is.
    pub(crate) async fn until<T>(
        &mut self,
        wire: &mut dyn Wire,
        wanted: &str,
        budget: Budget,
        find: impl Fn(&[u8], usize) -> Found<T>,
    ) -> Result<T, Failure> {
        let mut last = None;
        loop {
            match find(&self.received, self.read) {
                Found::Here(end, found) => {
                    if let Some(last) = last.filter(|last| *last > self.at) {
                        *self.transfer.get_or_insert_default() += last - self.at;
                        self.at = last;
                    }
                    self.read = end;
                    return Ok(found);
                }
                Found::Never(what) => return Err(failure::unwanted(self, wanted, &what)),
                Found::NotYet => {}
            }
            if self.is_full() {
                return Err(failure::without(self, wanted, &End::Limit));
            }
            let mut chunk = [0; 4_096];
            let room = chunk.len().min(self.limit - self.received.len());
            let count = match budget.cut(wire.read(&mut chunk[..room])).await {
                Some(Ok(0)) => return Err(failure::without(self, wanted, &End::Closed)),
                Some(Ok(count)) => count,
                Some(Err(error)) => {
                    return Err(failure::without(self, wanted, &End::Broken(error)));
                }
                None => return Err(failure::without(self, wanted, &End::Time(budget))),
            };
            // What came before the step began has kept nobody waiting.
            let now = wire.arrived().unwrap_or_else(Instant::now).max(self.at);
            if last.is_none() {
                *self.wait.get_or_insert_default() += now - self.at;
                self.at = now;
            }
            last = Some(now);
            self.received.extend_from_slice(&chunk[..count]);
        }
    }

    /// What came and was not read yet.
    fn unread(&self) -> &[u8] {
        &self.received[self.read..]
    }
}

#[cfg(test)]
mod tests;
