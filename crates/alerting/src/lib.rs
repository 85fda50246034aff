//! Grafana's alert rules without a Grafana: reads the files that Grafana reads, evaluates the
//! rules as Grafana does, keeps the states of their alerts, groups them and builds the webhook's
//! payload. No I/O but the reading of the rules' files; the caller has the clock and the data.
//!
//! Data flows one way: [`rule`] -> [`evaluate`] (queries through [`source`], frames, expressions)
//! -> [`state`] -> [`silence`] and [`group`] -> [`payload`].

mod document;
pub mod evaluate;
pub mod expression;
pub mod fault;
pub mod fingerprint;
pub mod frame;
mod go;
pub mod group;
mod instant;
pub mod interpolate;
pub mod macros;
pub mod number;
pub mod payload;
pub mod rule;
pub mod schedule;
pub mod silence;
pub mod source;
pub mod state;
pub mod template;
pub mod unit;
