//! `TCP_INFO`: how the kernel sees a connection.
//!
//! The layout of `struct tcp_info` (include/uapi/linux/tcp.h) only ever grows at its end, and the
//! kernel tells how much of it there is. Fields beyond that are absent. No library offers this
//! call in safe code without panicking on older kernels, which is why the one unsafe block of
//! the workspace is here.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// Up to and with `tcpi_rcv_ooopack`, the last field read.
const LENGTH: usize = 228;
/// Smoothed round-trip time, in microseconds.
const RTT: usize = 68;
/// Packets that came in before those that should have come first (since Linux 5.4).
const OUT_OF_ORDER: usize = 224;

/// A copy of the kernel's account of one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpInfo {
    bytes: [u8; LENGTH],
    /// How many of them the kernel knows about.
    known: usize,
}

impl TcpInfo {
    /// Asks the kernel about `socket`; `None` where it does not say.
    pub(crate) fn of(socket: &impl AsFd) -> Option<Self> {
        let mut bytes = [0; LENGTH];
        let known = get(socket, &mut bytes).ok()?;
        Some(TcpInfo { bytes, known })
    }

    /// The smoothed round-trip time. Right after the handshake, that is how long the answer to
    /// the first packet took, from the network card to the network card.
    pub(crate) fn rtt(&self) -> Option<Duration> {
        let micros = self.field(RTT).filter(|micros| *micros > 0)?;
        Some(Duration::from_micros(micros.into()))
    }

    /// Whether everything came in the order in which it was sent. Only then is no byte older by
    /// its stamp than one before it. `false` where the kernel does not count this.
    pub(crate) fn came_in_order(&self) -> bool {
        self.field(OUT_OF_ORDER) == Some(0)
    }

    fn field(&self, at: usize) -> Option<u32> {
        let known = self.bytes.get(..self.known)?;
        let field = known.get(at..at + 4)?;
        Some(u32::from_ne_bytes(field.try_into().ok()?))
    }
}

/// Fills `bytes` with as much of the structure as the kernel has, and tells how much that is.
#[expect(
    unsafe_code,
    reason = "no safe wrapper takes a structure of varying length"
)]
fn get(socket: &impl AsFd, bytes: &mut [u8; LENGTH]) -> io::Result<usize> {
    let socket = socket.as_fd();
    let mut length = LENGTH as libc::socklen_t;
    // SAFETY: `socket` is borrowed, hence open, during the call. The kernel writes at most
    // `length` bytes to `bytes`, which has that many, and sets `length` to how many it wrote; any
    // bytes are valid ones.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            bytes.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if result == 0 {
        Ok(usize::try_from(length).unwrap_or(LENGTH).min(LENGTH))
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream, UdpSocket};

    #[test]
    fn a_connection_has_a_round_trip_time_and_is_in_order() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let begun = std::time::Instant::now();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let info = TcpInfo::of(&stream).unwrap();
        let rtt = info.rtt().unwrap();
        assert!(rtt > Duration::ZERO && rtt <= begun.elapsed(), "{rtt:?}");
        assert!(info.came_in_order());
    }

    #[test]
    fn what_is_no_connection_has_nothing() {
        assert!(TcpInfo::of(&UdpSocket::bind(("127.0.0.1", 0)).unwrap()).is_none());
    }

    #[test]
    fn fields_that_an_older_kernel_lacks_are_absent() {
        let mut bytes = [0; LENGTH];
        bytes[RTT..RTT + 4].copy_from_slice(&1_500_u32.to_ne_bytes());
        let of_linux_4 = TcpInfo { bytes, known: 192 };
        assert_eq!(of_linux_4.rtt(), Some(Duration::from_micros(1_500)));
        assert!(!of_linux_4.came_in_order());
        assert!(
            TcpInfo {
                bytes,
                known: LENGTH
            }
            .came_in_order()
        );
        assert_eq!(TcpInfo { bytes, known: 0 }.rtt(), None);
    }
}
