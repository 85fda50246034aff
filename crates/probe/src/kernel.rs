//! What the kernel knows about a connection and this process does not.
//!
//! A process that is short of CPU looks at its sockets late. The kernel does not: it stamps every
//! packet when it comes in, and it times the TCP handshake by itself. On Linux both are asked for
//! here; elsewhere, and in sandboxes that do not answer, the values are absent.

#[cfg(target_os = "linux")]
mod stamps;
#[cfg(target_os = "linux")]
mod tcp_info;

#[cfg(target_os = "linux")]
pub(crate) use stamps::{keep_stamping, receive, stamp};
#[cfg(target_os = "linux")]
pub(crate) use tcp_info::TcpInfo;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{TcpInfo, keep_stamping, receive, stamp};

use std::time::Duration;

/// What a look at a socket brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// How many bytes.
    pub(crate) bytes: usize,
    /// How long the last of them had been waiting; `None` where the kernel did not stamp it, or
    /// its clock was set in between.
    pub(crate) waited: Option<Duration>,
}

/// Whether bytes are taken from the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// They are.
    Take,
    /// They stay, for the next look.
    Peek,
}
