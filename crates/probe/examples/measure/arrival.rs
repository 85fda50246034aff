//! When bytes came in, by the kernel's clock.

use std::cell::Cell;
use std::io::{self, IoSliceMut};
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use rustix::time::{ClockId, clock_gettime};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// A connection that remembers when its last bytes came in.
#[derive(Debug)]
pub(crate) struct Arriving {
    stream: TcpStream,
    last: Rc<Cell<Instant>>,
}

impl Arriving {
    /// Asks the kernel to stamp what comes in.
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        setsockopt(&stream, ReceiveTimestampns, &true)?;
        Ok(Arriving {
            stream,
            last: Rc::new(Cell::new(Instant::now())),
        })
    }

    /// When the last bytes that were read came in; the time of reading where the kernel did not
    /// say.
    pub(crate) fn last(&self) -> Rc<Cell<Instant>> {
        Rc::clone(&self.last)
    }
}

impl AsyncRead for Arriving {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            let free = buffer.initialize_unfilled();
            let received = self
                .stream
                .try_io(Interest::READABLE, || receive(&self.stream, free));
            match received {
                Ok((bytes, waited)) => {
                    let now = Instant::now();
                    self.last.set(now.checked_sub(waited).unwrap_or(now));
                    buffer.advance(bytes);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Arriving {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Bytes, and how long the last of them had been waiting.
fn receive(socket: &impl AsRawFd, buffer: &mut [u8]) -> io::Result<(usize, Duration)> {
    let mut control = nix::cmsg_space!(TimeSpec);
    let mut slices = [IoSliceMut::new(buffer)];
    let message = recvmsg::<()>(
        socket.as_raw_fd(),
        &mut slices,
        Some(&mut control),
        MsgFlags::empty(),
    )?;
    let stamp = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
        _ => None,
    });
    let now = clock_gettime(ClockId::Realtime);
    let now = Duration::from(TimeSpec::new(now.tv_sec, now.tv_nsec));
    let waited = stamp.and_then(|stamp| now.checked_sub(stamp));
    Ok((message.bytes, waited.unwrap_or_default()))
}
