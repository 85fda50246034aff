//! The use case at the centre: a probe has finished; what does it mean, and which rows does it
//! leave? Local mode and the writer Lambda both go through here.
//!
//! The [`Ledger`] remembers what judging needs between probes: a case for each monitor, and a
//! guard for each location. One probe can lead to several assessments: of itself, of earlier
//! failures that the guard had doubted, and of monitors below whose call depended on this one.

mod case;
pub mod earlier;
mod ledger;
mod snapshot;

pub use ledger::Ledger;
pub use snapshot::{CaseSnapshot, DoubtedProbe, LedgerSnapshot};

use std::sync::Arc;

use crate::judge::Verdict;
use crate::monitor::Monitor;
use crate::ports::Destination;
use crate::probe::ProbeResult;
use crate::record::Record;
use crate::summary::Summary;
use crate::time::Timestamp;

/// Which attempts leave rows of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptRows {
    /// All.
    All,
    /// Those that failed.
    Failures,
    /// None.
    Off,
}

/// What became of a monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The monitor.
    pub monitor: Arc<Monitor>,
    /// The probe that was judged, or judged anew; `None` where only the verdict was concerned.
    pub probe: Option<JudgedProbe>,
    /// The rows to write.
    pub rows: Vec<(Destination, Record)>,
    /// The verdict before and after, where it changed.
    pub change: Option<(Verdict, Verdict)>,
}

/// A probe and what it came to.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedProbe {
    /// Its slot.
    pub slot: Timestamp,
    /// What it came to.
    pub summary: Summary,
    /// The status code of the last answer.
    pub status_code: Option<u16>,
}

impl JudgedProbe {
    fn new(result: &ProbeResult, summary: Summary) -> Self {
        JudgedProbe {
            slot: result.slot,
            summary,
            status_code: result
                .samples
                .iter()
                .rev()
                .find_map(|attempt| attempt.status_code),
        }
    }
}

#[cfg(test)]
pub(crate) mod stage;
#[cfg(test)]
mod tests;
