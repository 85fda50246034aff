//! A running statement.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
use futures::{FutureExt, StreamExt};

use crate::error::{at_run_time, panicked};
use crate::result::rows;
use crate::{Column, Datum, SqlError};

/// What kind of statement it is; metadata statements are not metered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// `SHOW` and `DESCRIBE`.
    Metadata,
    /// `SELECT`.
    Data,
}

/// A statement that runs while its rows are asked for; dropping it stops the work.
pub struct Execution {
    /// What kind of statement it is.
    pub kind: StatementKind,
    /// The columns of every row.
    pub columns: Vec<Column>,
    source: Source,
}

enum Source {
    Rows(Vec<Vec<Datum>>),
    Plan {
        batches: SendableRecordBatchStream,
        plan: Arc<dyn ExecutionPlan>,
    },
}

impl Execution {
    pub(crate) fn metadata(columns: Vec<Column>, rows: Vec<Vec<Datum>>) -> Self {
        Self {
            kind: StatementKind::Metadata,
            columns,
            source: Source::Rows(rows),
        }
    }

    pub(crate) fn data(
        columns: Vec<Column>,
        batches: SendableRecordBatchStream,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Self {
        Self {
            kind: StatementKind::Data,
            columns,
            source: Source::Plan { batches, plan },
        }
    }

    /// The next rows, at least one, or `None` at the end.
    ///
    /// After an error there is nothing more to ask for.
    pub async fn next_rows(&mut self) -> Result<Option<Vec<Vec<Datum>>>, SqlError> {
        let batches = match &mut self.source {
            Source::Rows(rows) => {
                let rows = std::mem::take(rows);
                return Ok((!rows.is_empty()).then_some(rows));
            }
            Source::Plan { batches, .. } => batches,
        };
        loop {
            let next = AssertUnwindSafe(batches.next()).catch_unwind().await;
            match next.map_err(|panic| panicked(panic.as_ref()))? {
                None => return Ok(None),
                Some(Err(error)) => return Err(at_run_time(&error)),
                Some(Ok(batch)) if batch.num_rows() == 0 => {}
                Some(Ok(batch)) => return rows(&batch).map(Some),
            }
        }
    }

    /// Bytes of column data that the tables have handed out so far, as far as their plans count
    /// them: what was read from Parquet files is, rows held in memory are not.
    pub fn bytes_scanned(&self) -> u64 {
        match &self.source {
            Source::Rows(_) => 0,
            Source::Plan { plan, .. } => scanned(plan.as_ref()),
        }
    }
}

fn scanned(plan: &dyn ExecutionPlan) -> u64 {
    let children = plan.children();
    if !children.is_empty() {
        return children
            .into_iter()
            .map(|child| scanned(child.as_ref()))
            .sum();
    }
    let Some(metrics) = plan.metrics() else {
        return 0;
    };
    ["bytes_scanned", "output_bytes"]
        .into_iter()
        .find_map(|name| metrics.sum_by_name(name))
        .map_or(0, |value| value.as_usize() as u64)
}

impl std::fmt::Debug for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Execution")
            .field("kind", &self.kind)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}
