//! The bridge: a server for the Amazon Timestream Write and Query APIs over the embedded store.
//!
//! [`Bridge`] has one method for each operation, typed with the shapes of `tidewatch-wire`, and
//! [`Bridge::router`] serves the same operations over HTTP to unmodified AWS clients. The crate
//! glues the store, which keeps rows and knows no SQL, to the engine, which runs SQL and knows no
//! files; it adds what belongs to neither: request validation, paging, cancelling, tags.
//!
//! Without keys the server belongs to whoever reaches it, so the router may only be served on a
//! loopback address; with [`Keys`] every request is signed and each key sees its own databases.
//! [`Tls`] serves it to other machines.

mod account;
mod arn;
mod auth;
mod backup;
mod bridge;
mod databases;
mod endpoints;
mod failure;
mod http;
mod identifiers;
mod metrics;
mod paging;
mod prepare;
mod query;
mod settings;
mod state;
mod tables;
mod tags;
mod tls;
mod write;

pub use auth::{Keys, KeysError};
pub use backup::BackedUp;
pub use bridge::{Bridge, StartError};
pub use settings::{Settings, Transport};
pub use state::StateError;
pub use tls::{Tls, TlsError, TlsListener};
