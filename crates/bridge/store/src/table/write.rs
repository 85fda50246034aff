//! Taking records into a table: judged one after another, encoded for the log, appended to the
//! head.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use super::{Place, TableState};
use crate::catalog::PartitionKey;
use crate::head::Columns as Rows;
use crate::judge::{self, NEW, Verdict, Window};
use crate::log::entry;
use crate::partition;
use crate::record::{Record, Rejected, Rejection, Written};
use crate::row::Row;

/// Writes requests into the tables of one group commit.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) table: u32,
    pub(crate) window: Window,
    pub(crate) partition_key: &'a PartitionKey,
}

/// Rows of Parquet files that incoming records are to be compared with, by record: where they
/// lie, and their content.
type StoredRows = HashMap<usize, (Place, Arc<Rows>, usize)>;

/// Why one record is not stored.
#[derive(Debug)]
struct Refusal {
    kind: Rejection,
    reason: String,
    existing_version: Option<i64>,
}

impl Writer<'_> {
    /// Judges the records of a request in order, appends the accepted ones to `state` and
    /// encodes them into `log`. Nothing has changed when this fails.
    pub(crate) fn write(
        &self,
        state: &mut TableState,
        records: &[Record],
        series: &[u128],
        log: &mut Vec<u8>,
    ) -> io::Result<Written> {
        let stored = self.read_stored(state, records, series)?;
        let mut written = Written::default();
        let mut columns = judge::Columns::default();
        let section = log.len();
        entry::put_section(log, self.table);
        let empty = log.len();
        for (index, (record, series)) in records.iter().zip(series).enumerate() {
            let outcome = self.write_one(
                state,
                record,
                *series,
                stored.get(&index),
                &mut columns,
                log,
            );
            match outcome {
                Ok(()) if self.window.is_memory(record.time) => written.memory_store += 1,
                Ok(()) => written.magnetic_store += 1,
                Err(refusal) => written.rejected.push(Rejected {
                    index,
                    kind: refusal.kind,
                    reason: refusal.reason,
                    existing_version: refusal.existing_version,
                }),
            }
        }
        if log.len() == empty {
            log.truncate(section);
        } else {
            entry::put_end(log);
        }
        Ok(written)
    }

    fn write_one<'r>(
        &self,
        state: &mut TableState,
        record: &'r Record,
        series: u128,
        stored: Option<&(Place, Arc<Rows>, usize)>,
        columns: &mut judge::Columns<'r>,
        log: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let plain = |kind| {
            move |reason| Refusal {
                kind,
                reason,
                existing_version: None,
            }
        };
        self.window
            .check(record.time)
            .map_err(plain(Rejection::Window))?;
        columns
            .resolve(record, state.registry(), self.partition_key)
            .map_err(plain(Rejection::Columns))?;
        let found = state.find_in_memory(series, record.time);
        let existing = match (found, stored) {
            (Some(place @ Place::Active(at)), _) => Some((place, state.active.read(at))),
            (Some(place @ Place::Frozen(at)), _) => {
                let frozen = state.frozen.as_mut();
                frozen.map(|frozen| (place, frozen.read(at)))
            }
            (Some(Place::Stored { .. }), _) | (None, None) => None,
            (None, Some((place, rows, row))) => Some((*place, (rows.clone(), *row))),
        };
        if let Some((_, (rows, row))) = &existing {
            let version = rows.version(*row);
            let same = || {
                columns.new.is_empty() && rows.same_measures(*row, &columns.cells, state.registry())
            };
            match judge::versions(version, record.version, same) {
                Verdict::Repeat => return Ok(()),
                Verdict::Replace => {}
                Verdict::Reject(reason) => {
                    return Err(Refusal {
                        kind: Rejection::Version,
                        reason,
                        existing_version: Some(version),
                    });
                }
            }
        }
        register(state, record, columns, log);
        let row = Row {
            measure: columns.measure,
            time: record.time,
            version: record.version,
            series,
            cells: &columns.cells,
        };
        entry::put_row(log, &row);
        state.append(&row, existing.map(|(place, _)| place));
        Ok(())
    }

    /// Reads the rows of Parquet files that the records may be repeats or new versions of.
    fn read_stored(
        &self,
        state: &TableState,
        records: &[Record],
        series: &[u128],
    ) -> io::Result<StoredRows> {
        let mut wanted: BTreeMap<u64, BTreeMap<u32, Vec<usize>>> = BTreeMap::new();
        let last = state
            .partitions()
            .map(|stored| stored.partition.meta.max_time);
        let last = last.max().unwrap_or(i64::MIN);
        for (index, (record, series)) in records.iter().zip(series).enumerate() {
            if record.time > last || state.find_in_memory(*series, record.time).is_some() {
                continue;
            }
            let stored = state.find_stored(*series, record.time, |_, error| Err(error))?;
            if let Some((partition, row)) = stored {
                let rows = wanted.entry(partition).or_default();
                rows.entry(row).or_default().push(index);
            }
        }
        let mut found = StoredRows::new();
        for (partition, rows) in wanted {
            let Some(stored) = state.partitions.get(&partition) else {
                continue;
            };
            let numbers: Vec<u32> = rows.keys().copied().collect();
            let columns = partition::rows(&stored.partition, &numbers, state.registry())?;
            let columns = Arc::new(columns);
            for (at, (row, records)) in rows.into_iter().enumerate() {
                for record in records {
                    let place = Place::Stored { partition, row };
                    found.insert(record, (place, columns.clone(), at));
                }
            }
        }
        Ok(found)
    }
}

/// Gives numbers to what is new in an accepted record.
fn register(
    state: &mut TableState,
    record: &Record,
    columns: &mut judge::Columns<'_>,
    log: &mut Vec<u8>,
) {
    if columns.measure == NEW
        && let Some(of) = columns.measure_type
    {
        let name = record.measure_name.as_str();
        columns.measure = state.registry_mut().add_measure(name, of);
        entry::put_measure(log, columns.measure, name, of);
    }
    if columns.new.is_empty() {
        return;
    }
    let unnumbered = columns
        .cells
        .iter_mut()
        .filter(|(column, _)| *column == NEW);
    for ((column, _), (name, of, role)) in unnumbered.zip(columns.new.drain(..)) {
        *column = state.registry_mut().add_column(name, of, role);
        entry::put_column(log, *column, name, of, role);
    }
}
