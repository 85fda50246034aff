//! Results as rows, straight to the store: where there is no writer, nobody judges.

use std::time::Duration;

use async_trait::async_trait;
use tidewatch_aws::message::Row;
use tidewatch_aws::timestream::TimestreamSink;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::probe_row;
use tidewatch_domain::{ProbeResult, Summary};
use tokio::time::{Instant, sleep, timeout_at};

use super::{HandedOn, Harvest, Outlet, OutletError};
use crate::jobs::Job;

/// The pause before rows are written again that the store did not take.
const PAUSE: Duration = Duration::from_millis(500);

/// The stores of the tenants.
#[derive(Debug)]
pub(crate) struct StoreOutlet {
    sink: TimestreamSink,
}

impl StoreOutlet {
    /// Writes by `sink`.
    pub(crate) fn new(sink: TimestreamSink) -> Self {
        StoreOutlet { sink }
    }
}

#[async_trait]
impl Outlet for StoreOutlet {
    fn name(&self) -> &'static str {
        "store"
    }

    async fn hand_on(&self, harvest: Harvest, until: Instant) -> Result<HandedOn, OutletError> {
        let mut rows = harvest.rows;
        rows.extend(harvest.results.iter().map(row));
        let all = rows.len();
        let mut handed_on = HandedOn {
            parcels: all,
            ..HandedOn::default()
        };
        let mut reason = "the time of the invocation was over".to_owned();
        while !rows.is_empty() {
            let Ok(written) = timeout_at(until, self.sink.write_rows(&rows)).await else {
                break;
            };
            handed_on.refused += written.rejected.len();
            for (position, why) in &written.rejected {
                tracing::error!(
                    row = ?rows.get(*position).map(|row| &row.record),
                    "the store refused a row: {why}"
                );
            }
            let failed: Vec<usize> = written
                .failed
                .iter()
                .map(|(position, _)| *position)
                .collect();
            if let Some((_, first)) = written.failed.into_iter().next() {
                reason = first;
            }
            let mut position = 0;
            rows.retain(|_| {
                let stays = failed.contains(&position);
                position += 1;
                stays
            });
            if rows.is_empty() || Instant::now() + PAUSE >= until {
                break;
            }
            handed_on.retries += rows.len();
            sleep(PAUSE).await;
        }
        if rows.is_empty() {
            return Ok(handed_on);
        }
        Err(OutletError {
            lost: rows.len(),
            all,
            reason,
        })
    }
}

/// The probe row of a result, as it was measured.
fn row((job, result): &(Job, ProbeResult)) -> Row {
    let summary = Summary::of(&job.monitor, result);
    Row {
        destination: Destination::Main,
        tenant: job.monitor.key.tenant.clone(),
        record: probe_row(&job.monitor, result, &summary),
    }
}
