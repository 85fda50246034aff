//! The stream under a connection, and the place where its bytes are noted.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::meter::{Arrival, Meter};
use crate::socket::Socket;

/// What requests travel over.
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Stream {
    /// The connection below.
    pub(super) fn socket(&self) -> &Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }
}

/// Calls the same method of whichever stream it is.
macro_rules! either {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream {
            Stream::Plain($inner) => $call,
            Stream::Tls($inner) => $call,
        }
    };
}

/// A stream whose bytes are noted by a meter.
pub(super) struct Metered {
    stream: Stream,
    meter: Meter,
}

impl Metered {
    /// `stream`, with its bytes noted by `meter`.
    pub(super) fn new(stream: Stream, meter: Meter) -> Self {
        Metered { stream, meter }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let first = match &self.stream {
            // Without TLS each byte is one of the response, and the first has a stamp of its own.
            Stream::Plain(socket) if self.meter.awaits_response() => socket.next_arrived(),
            // A record can be read once its last byte came in. What comes before it in the same
            // read need not be of the response: its stamp would be too early.
            _ => None,
        };
        let result = either!(&mut self.stream, inner => Pin::new(inner).poll_read(context, buffer));
        if let read @ [_, ..] = &buffer.filled()[before..] {
            let last = self.stream.socket().arrived();
            self.meter.read(read, Arrival::of(first, last));
        }
        result
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = either!(&mut self.stream, inner => Pin::new(inner).poll_write(context, bytes));
        if let Poll::Ready(Ok(taken)) = &result {
            self.meter.written(&bytes[..*taken]);
        }
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = either!(
            &mut self.stream,
            inner => Pin::new(inner).poll_write_vectored(context, slices)
        );
        if let Poll::Ready(Ok(taken)) = &result {
            let mut left = *taken;
            for slice in slices {
                let part = left.min(slice.len());
                self.meter.written(&slice[..part]);
                left -= part;
            }
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        either!(&self.stream, inner => inner.is_write_vectored())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = either!(&mut self.stream, inner => Pin::new(inner).poll_flush(context));
        if let Poll::Ready(Ok(())) = &result {
            self.meter.flushed();
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(&mut self.stream, inner => Pin::new(inner).poll_shutdown(context))
    }
}
