//! The messages on the results queue.
//!
//! Two kinds of JSON documents, each at most [`MESSAGE_LIMIT`] long unless a single item is longer:
//!
//! ```json
//! {"v":1,"kind":"results","location":"eu-west-1","bucket":7,"monitors":[entry, ...],"results":[...],"rows":[...]}
//! {"v":1,"kind":"rows","rows":[{"destination":"main","tenant":"acme", ...}, ...]}
//! ```
//!
//! `results` are probe results with all that was found, before any judgement, and the definitions
//! of their monitors as `tidewatch_definitions` writes them, so that whoever judges needs no table.
//! `rows` are records that only have to be written; they travel with results where there are some,
//! because the queue is paid by the message. Times are whole nanoseconds since the Unix
//! epoch, durations whole nanoseconds; what is absent was not found. A field that is not known is
//! ignored, so that an older reader understands a newer writer as far as it can.
//!
//! What the messages of a results queue hold is private to Tidewatch: the shape changes with the
//! version, and a reader refuses versions that it does not know.

mod certificates;
mod decode;
mod dns;
mod forms;
mod pack;
mod result;
mod row;
mod scalar;

pub use decode::{Decoded, MessageError, Refused, decode};
pub use pack::{MESSAGE_LIMIT, Packed, SINGLE_LIMIT, TooLarge, pack_results, pack_rows};

// The judging state keeps results and rows in the shape of the messages.
pub(crate) use result::{read as read_result, write as write_result};
pub(crate) use row::{read as read_row, write as write_row};

use std::sync::Arc;

use tidewatch_domain::ports::Destination;
use tidewatch_domain::{Location, Monitor, MonitorKey, ProbeResult, Record, Tenant};

/// The version of the messages.
const VERSION: u32 = 1;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Probe results, to be judged.
    Results(Results),
    /// Rows, to be written.
    Rows(Vec<Row>),
}

/// Results of probes from one location, of monitors that are judged together.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Where the probes ran.
    pub location: Location,
    /// The bucket in which the monitors are judged.
    pub bucket: u32,
    /// The monitors as they were probed, each once.
    pub monitors: Vec<Arc<Monitor>>,
    /// What was found; each of a monitor in `monitors`, each from `location`.
    pub results: Vec<ProbeResult>,
    /// Rows that travel along, to be written as they are.
    pub rows: Vec<Row>,
}

impl Results {
    /// The monitor of that key.
    pub fn monitor(&self, key: &MonitorKey) -> Option<&Arc<Monitor>> {
        self.monitors.iter().find(|monitor| monitor.key == *key)
    }
}

/// A record on its way to the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The table.
    pub destination: Destination,
    /// Whose store it goes to.
    pub tenant: Tenant,
    /// The record.
    pub record: Record,
}

#[cfg(test)]
mod tests;
