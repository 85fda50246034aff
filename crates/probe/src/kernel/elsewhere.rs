//! The same questions where they cannot be asked.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

use super::{Look, Received};

/// An account that no connection has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TcpInfo {}

impl TcpInfo {
    pub(crate) fn of(_: &TcpStream) -> Option<Self> {
        None
    }

    pub(crate) fn rtt(&self) -> Option<Duration> {
        match *self {}
    }

    pub(crate) fn came_in_order(&self) -> bool {
        match *self {}
    }
}

pub(crate) fn stamp<S>(_: &S) -> bool {
    false
}

pub(crate) fn keep_stamping() {}

pub(crate) fn receive<S>(_: &S, _: &mut [u8], _: Look) -> io::Result<Received> {
    Err(io::ErrorKind::Unsupported.into())
}
