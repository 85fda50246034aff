//! Alert rules on this machine: evaluated, silenced, told, as a Grafana would.
//!
//! [`files`] has the rules. The [`Evaluator`] asks the bridge in this process for their data,
//! the [`Desk`] remembers what comes of it, and the [`Teller`] hands what is due to the queue of
//! alerts. The [`Heartbeat`] tells the outside that all of it works.

mod desk;
mod evaluator;
mod files;
mod heartbeat;
mod keep;
mod source;
#[cfg(test)]
pub(crate) mod story;
mod teller;

pub(crate) use desk::{
    Alerting, Desk, GroupView, Open, Refusal, SilenceRequest, Standing, is_acknowledgement,
};
pub(crate) use evaluator::Evaluator;
pub(crate) use files::{load, shipped};
pub(crate) use heartbeat::{Call, Heartbeat, LastCall};
pub(crate) use source::{BridgeSource, columns, row};
pub(crate) use teller::Teller;
