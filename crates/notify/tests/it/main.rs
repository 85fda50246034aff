//! Tests on the surface of the crate: requests in over real sockets, messages out through real
//! channels.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod channels;
mod golden;
mod intake;
mod mail;
mod requests;
mod service;
mod stage;
