//! The check engine: it runs the probes of monitors and tells what was found.
//!
//! [`Engine`] implements [`Prober`](tidewatch_domain::ports::Prober). It measures and never
//! judges: whether a probe was good, whether a monitor is down, is decided in `tidewatch-domain`
//! from the facts that come out of here. Whatever happens to a target is a result with a cause.
//!
//! What makes the numbers mean something:
//!
//! * One attempt talks to one address over a connection that was opened for it. There is no pool,
//!   no silent second try and no race between address families behind its back.
//! * The phases are differences of one row of instants on the monotonic clock, so that they add
//!   up to the total exactly.
//! * Assertions are evaluated and certificates are read after the last instant was taken.
//!
//! A kind of check is one module that implements `kind::Session`, and one line in `kind::open`.
//! This crate is not an HTTP client for other purposes.

mod address;
mod assert;
mod budget;
mod connect;
mod dial;
mod dns;
mod engine;
mod failure;
mod handshake;
mod http;
mod jitter;
mod kernel;
mod kind;
mod lag;
mod options;
mod reach;
mod redact;
mod resolve;
mod sampling;
mod secrets;
mod socket;
mod starttls;
mod talk;
mod tcp;
mod timeline;
mod tls;

pub use address::{AddressPolicy, Reach};
pub use engine::Engine;
pub use options::{EngineError, EngineOptions, NameServer};
