//! Tests on the surface of the crate: texts in, monitors and messages out.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod arbitrary;
mod dns;
mod documentation;
mod formats;
mod invalid;
mod promises;
mod relations;
mod round_trip;
mod shipped;
mod sockets;
mod timeouts;
mod valid;
