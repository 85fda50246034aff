//! The core of Tidewatch: what a monitor is, what a probe found, what that means, and how it is
//! written down as rows.
//!
//! Everything here is a pure function or a plain type. This crate does no I/O, reads no clock and
//! knows no outside format: `now` is always an argument, outside shapes live in the crates that
//! own them, and whatever has to touch the world is a trait in [`ports`].

pub mod address;
pub mod assess;
pub mod cause;
pub mod incident;
pub mod judge;
pub mod monitor;
pub mod name;
pub mod plan;
pub mod ports;
pub mod probe;
pub mod record;
pub mod rollup;
pub mod rows;
pub mod schedule;
pub mod schema;
pub mod summary;
pub mod time;

pub use cause::{Cause, ErrorClass, ErrorOwner};
pub use monitor::{Kind, Monitor};
pub use name::{Location, MonitorId, MonitorKey, Tenant};
pub use probe::{Attempt, Phases, ProbeResult};
pub use record::{Record, Value};
pub use summary::{Outcome, Summary};
pub use time::Timestamp;
