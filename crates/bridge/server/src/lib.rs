//! The bridge: a server for the Amazon Timestream Write and Query APIs over the embedded store.
//!
//! [`Bridge`] has one method for each operation, typed with the shapes of `tidewatch-wire`, and
//! [`Bridge::router`] serves the same operations over HTTP to unmodified AWS clients. The crate
//! glues the store, which keeps rows and knows no SQL, to the engine, which runs SQL and knows no
//! files; it adds what belongs to neither: request validation, paging, cancelling, tags.
//!
//! Signatures of requests are accepted and not looked at, so the router may only be served on a
//! loopback address.

mod account;
mod arn;
mod bridge;
mod databases;
mod endpoints;
mod failure;
mod http;
mod identifiers;
mod paging;
mod prepare;
mod query;
mod settings;
mod state;
mod tables;
mod tags;
mod write;

pub use bridge::{Bridge, StartError};
pub use settings::Settings;
pub use state::StateError;
