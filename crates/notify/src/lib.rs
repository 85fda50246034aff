//! From an alert to a person.
//!
//! * [`payload`] reads Grafana's webhook; [`state_change`] makes such alerts of the judge's
//!   verdicts.
//! * [`envelope`] and [`queue`]: what was taken in is durable before anybody is told so.
//! * [`consumer`] gathers alerts into incidents, with the rules of `tidewatch_domain::incident`,
//!   keeps them in a [`table`], and hands [messages](message) to [channels](channel).
//!
//! * [`intake`] takes alerts in over HTTP: [`auth`] says from whom, [`sns`] by way of a topic.
//! * [`service`] puts all of it together on one machine, as [`settings`] say.
//!
//! Adapters for AWS (SQS, DynamoDB, SNS) implement the same ports in `tidewatch-aws`.

pub mod auth;
mod causes;
pub mod channel;
pub mod consumer;
pub mod envelope;
pub mod heartbeat;
mod instant;
pub mod intake;
pub mod message;
pub mod payload;
pub mod queue;
pub mod service;
pub mod settings;
pub mod sns;
pub mod state_change;
mod stored;
pub mod table;
pub mod topics;
pub mod trial;
pub mod worker;
