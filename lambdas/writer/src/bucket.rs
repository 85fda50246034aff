//! One bucket from the state before a batch to the state after it.
//!
//! The order makes that nothing is lost and nothing told twice, wherever the function is killed:
//!
//! 1. load the state, and deliver what an earlier run decided and did not get out; ask the store
//!    for what it says of monitors that the state does not know;
//! 2. judge;
//! 3. commit the new state together with the decisions (state rows, rows that a later judgement
//!    changed, alerts), on the condition that nobody else has committed meanwhile;
//! 4. write the rows and queue the alerts;
//! 5. note that the decisions are delivered; only then are the messages acknowledged.
//!
//! Killed before 3, nothing has happened. Killed after it, the messages come again: judged again
//! they change nothing, the rows of their probes have the identity and the values that they had
//! the first time, and the decisions are found in the state. A decision that is not durable is
//! never seen by anybody, and a batch that comes in other pieces the second time cannot decide
//! otherwise.

use std::collections::{HashMap, HashSet};

use tidewatch_aws::state_table::{Committed, StateError};
use tidewatch_domain::assess::LedgerSnapshot;
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::{MonitorKey, Timestamp};

use crate::delivery::{Delivery, Undelivered};
use crate::judging::{Judged, Options, Work, judge};
use crate::memory::Memory;
use crate::ports::States;

/// How often a bucket is judged again because another writer was quicker.
const RACES: usize = 8;

/// A bucket's results were not taken in; they may be handed in again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BucketError {
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
    /// What follows.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
    /// Others were quicker every time.
    #[error("{RACES} times another writer was quicker to commit the state")]
    LostRaces,
}

/// Takes the results of a bucket to their rows.
pub(crate) async fn process(
    states: &dyn States,
    delivery: &Delivery,
    memory: &Memory,
    bucket: &str,
    work: &Work,
    options: Options,
    now: Timestamp,
) -> Result<(), BucketError> {
    let mut earlier = HashMap::new();
    for _ in 0..RACES {
        let loaded = states.load(bucket).await?;
        for key in &loaded.refused {
            tracing::error!(
                tenant = key.tenant.as_str(),
                monitor = key.monitor_id.as_str(),
                bucket,
                "the definition in the judging state is not valid any more; the monitor begins anew"
            );
        }
        if !loaded.delivered {
            delivery.decisions(&loaded.state.outbox).await?;
        }
        let unknown = unknown(&loaded.state.ledger, work, &earlier);
        if !unknown.is_empty() {
            let verdicts = memory.last_verdicts(&unknown).await;
            earlier.extend(unknown.into_iter().map(|key| {
                let verdict = verdicts.get(&key).cloned();
                (key, verdict)
            }));
        }
        let Judged {
            state,
            changed,
            rows,
        } = judge(loaded.state.ledger, work, &earlier, options, now);
        let mut version = loaded.version;
        if changed {
            match states.commit(bucket, loaded.version, &state).await? {
                Committed::Done => version += 1,
                Committed::LostRace => continue,
            }
        }
        let mut all = rows;
        all.extend(state.outbox.rows.iter().cloned());
        delivery.rows(&all).await?;
        delivery.alerts(&state.outbox.alerts).await?;
        if !loaded.delivered || !state.outbox.is_empty() {
            note(states, bucket, version).await;
        }
        return Ok(());
    }
    Err(BucketError::LostRaces)
}

/// The monitors that there are results of and that neither the state nor `earlier` knows.
fn unknown(
    ledger: &LedgerSnapshot,
    work: &Work,
    earlier: &HashMap<MonitorKey, Option<Verdict>>,
) -> Vec<MonitorKey> {
    let known: HashSet<&MonitorKey> = ledger.cases.iter().map(|case| &case.monitor.key).collect();
    let keys: HashSet<&MonitorKey> = work
        .results
        .iter()
        .map(|probed| &probed.monitor.key)
        .filter(|key| !known.contains(key) && !earlier.contains_key(*key))
        .collect();
    keys.into_iter().cloned().collect()
}

/// Notes that decisions are delivered. Where that fails, they are delivered once more, which
/// changes nothing.
async fn note(states: &dyn States, bucket: &str, version: u64) {
    if let Err(error) = states.mark_delivered(bucket, version).await {
        tracing::warn!(
            bucket,
            "that decisions are delivered cannot be noted: {error}"
        );
    }
}

#[cfg(test)]
mod tests;
