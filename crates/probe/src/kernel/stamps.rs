//! Receive stamps: when bytes came in, by the kernel's clock.
//!
//! `SO_TIMESTAMPNS` makes `recvmsg` on a TCP socket tell when the packet with the last byte that
//! it returns came in (since Linux 4.13; Documentation/networking/timestamping.rst). The stamp is
//! of `CLOCK_REALTIME`, which can be set: it never leaves this file. What leaves is how long the
//! byte had been waiting, the difference to the same clock right after the call.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;
use std::time::Duration;

use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg, setsockopt, socket,
};
use nix::sys::time::TimeSpec;
use rustix::time::{ClockId, clock_gettime};

use super::{Look, Received};

/// Room for the control message with a stamp, and some more: with too little room there would be
/// no stamp. Aligned as the kernel's headers of control messages are.
#[repr(align(8))]
struct Control([u8; 64]);

/// Asks the kernel to stamp what comes in for `socket`; whether it will.
pub(crate) fn stamp(socket: &impl AsFd) -> bool {
    setsockopt(socket, ReceiveTimestampns, &true).is_ok()
}

/// Keeps the kernel stamping for as long as the process lives.
///
/// It stamps packets only while some socket wants it, and switching that on and off patches the
/// running kernel's code. Without one socket that always wants it, each attempt would switch
/// twice, and its first packets could come in before the switch.
pub(crate) fn keep_stamping() {
    static KEEPER: OnceLock<Option<OwnedFd>> = OnceLock::new();
    KEEPER.get_or_init(|| {
        let keeper = socket(
            AddressFamily::Inet,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC,
            None,
        )
        .ok()?;
        stamp(&keeper).then_some(keeper)
    });
}

/// Looks for bytes in `socket`, which must not block.
pub(crate) fn receive(
    socket: &impl AsRawFd,
    buffer: &mut [u8],
    look: Look,
) -> io::Result<Received> {
    let mut control = Control([0; 64]);
    let mut slices = [IoSliceMut::new(buffer)];
    let flags = match look {
        Look::Take => MsgFlags::empty(),
        Look::Peek => MsgFlags::MSG_PEEK,
    };
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut control.0), flags)?;
    let stamp = message.cmsgs().ok().and_then(|mut controls| {
        controls.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(stamp) => Some(stamp),
            _ => None,
        })
    });
    Ok(Received {
        bytes: message.bytes,
        waited: stamp.and_then(since),
    })
}

/// How long ago `stamp` was; `None` when that is in the future.
fn since(stamp: TimeSpec) -> Option<Duration> {
    let now = clock_gettime(ClockId::Realtime);
    let length = |seconds: i64, nanos: i64| {
        Some(Duration::new(
            u64::try_from(seconds).ok()?,
            u32::try_from(nanos).ok()?,
        ))
    };
    length(now.tv_sec, now.tv_nsec)?.checked_sub(length(stamp.tv_sec(), stamp.tv_nsec())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::time::Instant;

    fn pair() -> (TcpStream, TcpStream) {
        keep_stamping();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (far, _) = listener.accept().unwrap();
        assert!(stamp(&near));
        (near, far)
    }

    #[test]
    fn bytes_that_waited_say_how_long() {
        let (near, mut far) = pair();
        let before = Instant::now();
        far.write_all(b"abc").unwrap();
        let sent = Instant::now();
        let mut one = [0; 1];
        let peeked = receive(&near, &mut one, Look::Peek).unwrap();
        assert_eq!((peeked.bytes, one), (1, *b"a"));
        // Without being looked at, the bytes wait on.
        while sent.elapsed() < Duration::from_millis(5) {
            std::thread::yield_now();
        }
        let mut all = [0; 16];
        let taken = receive(&near, &mut all, Look::Take).unwrap();
        assert_eq!((taken.bytes, &all[..3]), (3, &b"abc"[..]));
        let (first, second) = (peeked.waited.unwrap(), taken.waited.unwrap());
        assert!(second >= Duration::from_millis(5), "{second:?}");
        assert!(
            second <= before.elapsed() && first < second,
            "{first:?} {second:?}"
        );
    }

    #[test]
    fn nothing_and_the_end_have_no_stamp() {
        let (near, far) = pair();
        near.set_nonblocking(true).unwrap();
        let nothing = receive(&near, &mut [0; 8], Look::Take).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        drop(far);
        near.set_nonblocking(false).unwrap();
        let end = receive(&near, &mut [0; 8], Look::Take).unwrap();
        assert_eq!(
            end,
            Received {
                bytes: 0,
                waited: None
            }
        );
    }

    #[test]
    fn a_stamp_of_the_future_is_none() {
        let now = clock_gettime(ClockId::Realtime);
        assert_eq!(since(TimeSpec::new(now.tv_sec + 60, 0)), None);
        assert!(since(TimeSpec::new(now.tv_sec - 60, 0)).unwrap() >= Duration::from_secs(60));
    }
}
