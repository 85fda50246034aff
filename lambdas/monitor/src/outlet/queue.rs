//! Results as messages, for the writer to judge.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tidewatch_aws::message::{Results, pack_results, pack_rows};
use tidewatch_aws::queue::Outgoing;
use tidewatch_domain::{Cause, ErrorClass, Location};
use tokio::time::{Instant, sleep, timeout_at};

use super::{HandedOn, Harvest, Outlet, OutletError, Sender, missed};

/// The pause before messages are sent again that the queue did not take.
const PAUSE: Duration = Duration::from_millis(500);

/// The results queue.
pub(crate) struct QueueOutlet {
    sender: Arc<dyn Sender>,
    location: Location,
}

/// Messages, and what fits into none.
#[derive(Debug, Default, PartialEq)]
struct Parcels {
    messages: Vec<Outgoing>,
    refused: usize,
}

impl QueueOutlet {
    /// The queue behind `sender`, for results of `location`.
    pub(crate) fn new(sender: Arc<dyn Sender>, location: Location) -> Self {
        QueueOutlet { sender, location }
    }

    /// As few messages as fit: the results of a bucket together, because they are judged together,
    /// and the rows along with the first of them.
    fn parcels(&self, harvest: Harvest) -> Parcels {
        let mut parcels = Parcels::default();
        let mut buckets: BTreeMap<u32, Vec<_>> = BTreeMap::new();
        for (job, result) in harvest.results {
            buckets.entry(job.bucket).or_default().push((job, result));
        }
        let mut rows = harvest.rows;
        if buckets.is_empty() && !rows.is_empty() {
            parcels.add(pack_rows(&rows).messages);
        }
        let mut spoiled = Vec::new();
        for (bucket, found) in buckets {
            let (jobs, results): (Vec<_>, Vec<_>) = found.into_iter().unzip();
            let mut monitors: Vec<_> = jobs.iter().map(|job| Arc::clone(&job.monitor)).collect();
            monitors.sort_by(|one, other| one.key.cmp(&other.key));
            monitors.dedup_by(|one, other| one.key == other.key);
            let packed = pack_results(&Results {
                location: self.location.clone(),
                bucket,
                monitors,
                results,
                rows: std::mem::take(&mut rows),
            });
            parcels.add(packed.messages);
            for item in packed.too_large {
                tracing::error!("{item}");
                parcels.refused += 1;
                // The slot shows all the same, with the reason.
                if let Some(job) = jobs.get(item.index) {
                    let cause = Cause::new(ErrorClass::Overloaded, item.to_string());
                    spoiled.push(missed(job, &self.location, &cause));
                }
            }
        }
        parcels.add(pack_rows(&spoiled).messages);
        parcels
    }
}

impl Parcels {
    fn add(&mut self, messages: Vec<String>) {
        self.messages
            .extend(messages.into_iter().map(Outgoing::now));
    }
}

#[async_trait]
impl Outlet for QueueOutlet {
    fn name(&self) -> &'static str {
        "queue"
    }

    async fn hand_on(&self, harvest: Harvest, until: Instant) -> Result<HandedOn, OutletError> {
        let Parcels {
            mut messages,
            refused,
        } = self.parcels(harvest);
        let all = messages.len();
        let mut handed_on = HandedOn {
            parcels: all,
            retries: 0,
            refused,
        };
        let mut reason = "the time of the invocation was over".to_owned();
        while !messages.is_empty() {
            let Ok(report) = timeout_at(until, self.sender.send(&messages)).await else {
                break;
            };
            handed_on.retries += report.retries;
            let failed: Vec<usize> = report
                .failed
                .iter()
                .map(|(position, _)| *position)
                .collect();
            if let Some((_, first)) = report.failed.into_iter().next() {
                reason = first;
            }
            let mut position = 0;
            messages.retain(|_| {
                let stays = failed.contains(&position);
                position += 1;
                stays
            });
            if messages.is_empty() || Instant::now() + PAUSE >= until {
                break;
            }
            handed_on.retries += messages.len();
            sleep(PAUSE).await;
        }
        if messages.is_empty() {
            return Ok(handed_on);
        }
        Err(OutletError {
            lost: messages.len(),
            all,
            reason,
        })
    }
}

#[cfg(test)]
mod tests;
