//! Writing records: merge with the common attributes, validation, limits, rejections.

mod limits;
mod merge;
mod value;

use std::sync::atomic::Ordering;

use tidewatch_store::{Record, Written};
use tidewatch_wire::{
    ApiError, RecordsIngested, RejectedRecord, Request, WriteRecordsRequest, WriteRecordsResponse,
};

use crate::{Bridge, failure};

impl Bridge {
    /// Writes records. When it returns, the accepted ones are on disk and visible to queries.
    ///
    /// A request that cannot be understood fails as a whole with a `ValidationException` and
    /// writes nothing. Records that break a limit, lie outside the table's retention or conflict
    /// with stored ones are refused one by one: `RejectedRecordsException` names them, and the
    /// others are stored.
    pub async fn write_records(
        &self,
        request: WriteRecordsRequest,
    ) -> Result<WriteRecordsResponse, ApiError> {
        request.validate()?;
        let database = request.database_name.unwrap_or_default();
        let table = request.table_name.unwrap_or_default();
        let common = request.common_attributes.unwrap_or_default();
        let mut batch = Batch::default();
        for (index, record) in request.records.unwrap_or_default().into_iter().enumerate() {
            batch.add(index, merge::merge(record, &common, index)?);
        }
        self.shared
            .metrics
            .records
            .limit
            .fetch_add(batch.rejected.len() as u64, Ordering::Relaxed);
        if batch.records.is_empty() {
            self.store()
                .describe_table(&database, &table)
                .map_err(failure::catalog)?;
            return Err(ApiError::rejected(batch.rejected));
        }
        let records = std::mem::take(&mut batch.records);
        let written = self
            .store()
            .write(&database, &table, records)
            .await
            .map_err(failure::write)?;
        let counters = &self.shared.metrics.records;
        for (counter, records) in [
            (&counters.memory_store, written.memory_store),
            (&counters.magnetic_store, written.magnetic_store),
        ] {
            counter.fetch_add(records as u64, Ordering::Relaxed);
        }
        for rejected in &written.rejected {
            counters.rejected(rejected.kind);
        }
        batch.answer(written)
    }
}

/// The records of a request, sorted into those for the store and those refused before it.
#[derive(Debug, Default)]
struct Batch {
    records: Vec<Record>,
    /// Where each of `records` stands in the request.
    places: Vec<usize>,
    rejected: Vec<RejectedRecord>,
}

impl Batch {
    fn add(&mut self, index: usize, record: Record) {
        match limits::check(&record) {
            Ok(()) => {
                self.records.push(record);
                self.places.push(index);
            }
            Err(reason) => self.reject(index, reason, None),
        }
    }

    fn reject(&mut self, index: usize, reason: String, existing_version: Option<i64>) {
        let record_index = i64::try_from(index).unwrap_or(i64::MAX);
        self.rejected.push(RejectedRecord {
            record_index,
            reason,
            existing_version,
        });
    }

    fn answer(mut self, written: Written) -> Result<WriteRecordsResponse, ApiError> {
        for rejected in written.rejected {
            if let Some(place) = self.places.get(rejected.index) {
                self.reject(*place, rejected.reason, rejected.existing_version);
            }
        }
        if !self.rejected.is_empty() {
            self.rejected.sort_by_key(|rejected| rejected.record_index);
            return Err(ApiError::rejected(self.rejected));
        }
        let count = |records: usize| i64::try_from(records).unwrap_or(i64::MAX);
        let records_ingested = RecordsIngested {
            total: count(written.memory_store + written.magnetic_store),
            memory_store: count(written.memory_store),
            magnetic_store: count(written.magnetic_store),
        };
        Ok(WriteRecordsResponse {
            records_ingested: Some(records_ingested),
        })
    }
}
