//! Timestream for LiveAnalytics, or a bridge that speaks its protocol.
//!
//! Both are reached by the same clients; [`Connection`] knows what is different: with an endpoint
//! of one's own there is no endpoint discovery, there may be keys of its own, and a private
//! authority to trust.

mod access;
mod connection;
mod query;
mod request;
mod write;

pub use access::{AccessError, StoreAccess};
pub use connection::{ConnectError, Connection, Keys};
pub use query::{QueryError, QueryResult, TimestreamQuery};
pub use write::{TimestreamSink, Written};
