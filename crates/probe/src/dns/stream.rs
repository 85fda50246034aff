//! Questions over TCP and TLS: two bytes of length, then the message (RFC 1035, section 4.2.2).

use std::fmt;
use std::io;
use std::net::SocketAddr;

use tidewatch_domain::probe::{PhaseReached, TlsFacts};
use tidewatch_domain::{Cause, ErrorClass};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use super::answer::Answer;
use super::question::Message;
use crate::budget::Budget;
use crate::failure::{Failure, local};
use crate::socket::Socket;
use crate::timeline::Timeline;
use crate::tls;

/// What messages travel over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {
    /// When the last byte read so far came in.
    fn arrived(&self) -> Option<Instant>;
}

impl Stream for Socket {
    fn arrived(&self) -> Option<Instant> {
        self.arrived()
    }
}

impl Stream for TlsStream<Socket> {
    fn arrived(&self) -> Option<Instant> {
        self.get_ref().0.arrived()
    }
}

/// A connection to a name server.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    /// The server's address.
    pub(super) remote: SocketAddr,
    /// What the handshake showed, if there was one.
    pub(super) tls: Option<TlsFacts>,
}

impl Connection {
    /// A connection that was just opened.
    pub(super) fn new(stream: Box<dyn Stream>, remote: SocketAddr, tls: Option<TlsFacts>) -> Self {
        Connection {
            stream,
            remote,
            tls,
        }
    }

    /// Waits until the server ends the connection, or says something that nobody asked for: then
    /// it is of no more use.
    pub(super) async fn ended(&mut self) {
        let _ = self.stream.read_u8().await;
    }

    /// Sends the question and reads the answer.
    pub(super) async fn ask(
        &mut self,
        message: &Message,
        timeline: &mut Timeline,
        budget: Budget,
    ) -> Result<Answer, Failure> {
        let mut framed = Vec::with_capacity(message.bytes.len() + 2);
        // One question is never longer than a few hundred bytes.
        let length = u16::try_from(message.bytes.len()).unwrap_or(u16::MAX);
        framed.extend(length.to_be_bytes());
        framed.extend(&message.bytes);
        let write = async {
            self.stream.write_all(&framed).await?;
            self.stream.flush().await
        };
        match budget.cut(write).await {
            Some(Ok(())) => timeline.sent = Some(Instant::now()),
            Some(Err(error)) => return Err(self.broken(PhaseReached::Send, &error)),
            None => return Err(self.over(PhaseReached::Send, budget)),
        }
        let bytes = self.read(timeline, budget).await?;
        Answer::read(&bytes, message).map_err(|refused| {
            let text = format!("{} {}", self.remote, refused.text());
            let cause = Cause::new(ErrorClass::DnsBadAnswer, text);
            Failure::new(PhaseReached::Transfer, cause)
        })
    }

    async fn read(&mut self, timeline: &mut Timeline, budget: Budget) -> Result<Vec<u8>, Failure> {
        let mut reached = PhaseReached::Wait;
        let mut bytes = Vec::with_capacity(512);
        loop {
            match budget.cut(self.stream.read_buf(&mut bytes)).await {
                Some(Ok(0)) => {
                    let error = io::Error::from(io::ErrorKind::UnexpectedEof);
                    return Err(self.broken(reached, &error));
                }
                Some(Ok(_)) => {
                    let came = self.stream.arrived().unwrap_or_else(Instant::now);
                    if timeline.first_byte.is_none() {
                        timeline.exchanged(timeline.sent, Some(came));
                    }
                    reached = PhaseReached::Transfer;
                    if let Some((length, message)) = bytes.split_first_chunk()
                        && let length = usize::from(u16::from_be_bytes(*length))
                        && message.len() >= length
                    {
                        timeline.done = Some(came);
                        return Ok(message[..length].to_vec());
                    }
                }
                Some(Err(error)) => return Err(self.broken(reached, &error)),
                None => return Err(self.over(reached, budget)),
            }
        }
    }

    fn over(&self, reached: PhaseReached, budget: Budget) -> Failure {
        let remote = self.remote;
        let (class, doing) = match reached {
            PhaseReached::Send => (
                ErrorClass::SendFailed,
                format!("sending the question to {remote}"),
            ),
            PhaseReached::Wait => (
                ErrorClass::DnsTimeout,
                format!("waiting for an answer from {remote}"),
            ),
            _ => (
                ErrorClass::DnsTimeout,
                format!("reading the answer from {remote}"),
            ),
        };
        Failure::new(reached, budget.over(class, &doing))
    }

    fn broken(&self, reached: PhaseReached, error: &io::Error) -> Failure {
        let remote = self.remote;
        let cause = tls::after_handshake(error)
            .or_else(|| local(error))
            .unwrap_or_else(|| match reached {
                PhaseReached::Send => Cause::new(
                    ErrorClass::SendFailed,
                    format!("{remote} did not take the question: {error}"),
                ),
                PhaseReached::Wait => Cause::new(
                    ErrorClass::ClosedBeforeResponse,
                    format!("{remote} ended the connection without any answer"),
                ),
                _ => Cause::new(
                    ErrorClass::DnsBadAnswer,
                    format!("{remote} ended the connection within the answer"),
                ),
            });
        Failure::new(reached, cause)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}
