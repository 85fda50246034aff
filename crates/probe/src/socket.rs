//! A TCP connection that knows when its bytes came in.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::kernel::{self, Look, Received, TcpInfo};

/// A wait up to this long is the ordinary one between a packet's arrival and the process that is
/// woken by it: whether the packets came in order makes no difference then.
const ORDINARY_WAIT: Duration = Duration::from_millis(1);

/// A TCP connection whose reads are stamped by the kernel, where it does that.
///
/// A stamp is the time at which the last byte of a read came in, on the process's own monotonic
/// clock. It is taken back to the time of the read when it cannot be trusted: when a packet was
/// overtaken by a later one, the bytes were complete only when the earlier one came, and the
/// stamp does not say when that was.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    /// Whether the kernel stamps.
    stamped: bool,
    rtt: Option<Duration>,
    arrived: Option<Instant>,
}

impl Socket {
    /// A connection that was just opened.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Socket {
            stamped: kernel::stamp(&stream),
            rtt: TcpInfo::of(&stream).and_then(|info| info.rtt()),
            arrived: None,
            stream,
        }
    }

    /// The round-trip time of the TCP handshake, as the kernel measured it.
    pub(crate) fn rtt(&self) -> Option<Duration> {
        self.rtt
    }

    /// When the last byte read so far came in; the time of the read where that is not known, and
    /// `None` before the first.
    pub(crate) fn arrived(&self) -> Option<Instant> {
        self.arrived
    }

    /// When the next byte to be read came in; `None` when there is none yet, or it is not known.
    pub(crate) fn next_arrived(&self) -> Option<Instant> {
        if !self.stamped {
            return None;
        }
        let look = || kernel::receive(&self.stream, &mut [0], Look::Peek);
        let received = self.stream.try_io(Interest::READABLE, look).ok()?;
        (received.bytes > 0).then(|| self.arrival(received))
    }

    fn arrival(&self, received: Received) -> Instant {
        let now = Instant::now();
        received
            .waited
            .filter(|waited| {
                *waited <= ORDINARY_WAIT
                    || TcpInfo::of(&self.stream).is_some_and(|info| info.came_in_order())
            })
            .and_then(|waited| now.checked_sub(waited))
            .unwrap_or(now)
    }

    /// Reads what is there, with its stamp.
    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            let room = buffer.initialize_unfilled();
            let mut received = None;
            let outcome = self.stream.try_io(Interest::READABLE, || {
                let found = kernel::receive(&self.stream, room, Look::Take)?;
                received = Some(found);
                // With room left the socket is empty. To say so saves the call that would find
                // out; Tokio's own read does the same.
                if (1..room.len()).contains(&found.bytes) {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                Ok(())
            });
            match (received, outcome) {
                (Some(received), _) => {
                    if received.bytes > 0 {
                        self.arrived = Some(self.arrival(received));
                        buffer.advance(received.bytes);
                    }
                    return Poll::Ready(Ok(()));
                }
                (None, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                (None, outcome) => return Poll::Ready(outcome),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.stamped {
            return self.poll_receive(context, buffer);
        }
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.arrived = Some(Instant::now());
        }
        result
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
