//! The connection under a target.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::reply::Step;

/// A connection with or without TLS.
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Does `steps`; `false` when the connection is over.
    pub(super) async fn perform(&mut self, steps: Vec<Step>) -> io::Result<bool> {
        for step in steps {
            match step {
                Step::Send(bytes) => self.send(&bytes).await?,
                Step::Drip(bytes, pause) => {
                    for byte in bytes {
                        self.send(&[byte]).await?;
                        tokio::time::sleep(pause).await;
                    }
                }
                Step::Pause(pause) => tokio::time::sleep(pause).await,
                Step::Wait(gate) => gate.passed().await,
                Step::Hang => std::future::pending().await,
                Step::Close => {
                    self.shutdown().await?;
                    self.read_out().await;
                    return Ok(false);
                }
                Step::Cut => {
                    SockRef::from(self.tcp()).shutdown(Shutdown::Write)?;
                    self.read_out().await;
                    return Ok(false);
                }
                Step::Reset => {
                    SockRef::from(self.tcp()).set_linger(Some(Duration::ZERO))?;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Reads until the other side has closed too: a connection that is dropped with bytes unread
    /// is reset by the kernel, which is not what was asked for.
    async fn read_out(&mut self) {
        let mut buffer = [0; 4_096];
        while self.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes).await?;
        self.flush().await
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Wire::Plain(stream) => stream,
            Wire::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Wire::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Wire::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(context),
            Wire::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Wire::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
