//! Adapters on the AWS SDK, one module for each service.
//!
//! [`sdk`] has what all clients share, [`environment`] reads the settings of the functions. What
//! comes from outside is checked here; decisions are `tidewatch_domain`'s.

pub mod account;
pub mod alert_queue;
mod calls;
pub mod clients;
pub mod clock;
pub mod cost;
pub mod environment;
pub mod incident_table;
pub mod message;
pub mod monitors_table;
pub mod queue;
pub mod rejected;
pub mod rules;
pub mod sdk;
pub mod secrets;
pub mod state_table;
pub mod timestream;
pub mod topics;
