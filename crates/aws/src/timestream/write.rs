//! Writing rows into the stores of tenants.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use aws_sdk_timestreamwrite::Client;
use aws_sdk_timestreamwrite::error::SdkError;
use aws_sdk_timestreamwrite::operation::write_records::WriteRecordsError;
use aws_smithy_types::error::display::DisplayErrorContext;
use futures::StreamExt;
use futures::stream;
use tidewatch_domain::ports::{Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::schema::{ATTEMPTS_SUFFIX, dimension};
use tidewatch_domain::{Record, Tenant, Timestamp};

use super::request::{BATCH, request};
use crate::environment::{Store, Tenants};
use crate::message::Row;

/// Requests that are under way at the same time.
const AT_ONCE: usize = 8;

/// What became of rows, each of them told by its position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows stored.
    pub accepted: usize,
    /// Rows that were there already, as they are after a repeat of a slot.
    pub duplicates: usize,
    /// Rows that will never be taken, and why.
    pub rejected: Vec<(usize, String)>,
    /// Rows that may be taken later, and why they were not now.
    pub failed: Vec<(usize, String)>,
}

/// Writes rows by WriteRecords, each into the store of its tenant.
#[derive(Clone, Debug)]
pub struct TimestreamSink {
    client: Client,
    tenants: Tenants,
}

/// The rows of one table, by position.
type Chunk = (Target, Vec<usize>);

/// A table, and whether only one tenant's rows go there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    database: String,
    table: String,
    is_own: bool,
}

impl TimestreamSink {
    /// A sink that finds the stores of tenants in `tenants`.
    pub fn new(client: Client, tenants: Tenants) -> Self {
        TimestreamSink { client, tenants }
    }

    /// Writes `rows` and tells what became of each. On return those that are neither rejected nor
    /// failed are durable.
    ///
    /// Of rows with the same identity the later ones are written after the earlier ones.
    pub async fn write_rows(&self, rows: &[Row]) -> Written {
        let mut written = Written::default();
        for round in rounds(rows) {
            let chunks = self.chunks(rows, round);
            let outcomes = stream::iter(chunks)
                .map(|chunk| self.write_chunk(rows, chunk))
                .buffer_unordered(AT_ONCE)
                .collect::<Vec<_>>()
                .await;
            for outcome in outcomes {
                written.add(outcome);
            }
        }
        written.rejected.sort_by_key(|(position, _)| *position);
        written.failed.sort_by_key(|(position, _)| *position);
        written
    }

    /// What goes into one request each: rows of one table, those with much in common together.
    fn chunks(&self, rows: &[Row], round: Vec<usize>) -> Vec<Chunk> {
        let mut tables: BTreeMap<Target, Vec<usize>> = BTreeMap::new();
        for position in round {
            let target = self.target(&rows[position]);
            tables.entry(target).or_default().push(position);
        }
        let mut chunks = Vec::new();
        for (target, mut positions) in tables {
            positions.sort_by(|one, other| {
                let key = |position: usize| {
                    let record = &rows[position].record;
                    (record.measure_name, record.version, record.time)
                };
                key(*one).cmp(&key(*other))
            });
            let pieces = positions.chunks(BATCH);
            chunks.extend(pieces.map(|piece| (target.clone(), piece.to_vec())));
        }
        chunks
    }

    fn target(&self, row: &Row) -> Target {
        let Store { database, table } = &self.tenants.of(&row.tenant).store;
        let suffix = match row.destination {
            Destination::Main => "",
            Destination::Attempts => ATTEMPTS_SUFFIX,
        };
        Target {
            database: database.clone(),
            table: format!("{table}{suffix}"),
            is_own: self.tenants.others().store != self.tenants.of(&row.tenant).store,
        }
    }

    /// Writes rows in one request. Where the request as a whole is refused for what it says, it is
    /// cut in two until the row is found that it is refused for.
    async fn write_chunk(&self, rows: &[Row], (target, positions): Chunk) -> Written {
        let mut written = Written::default();
        let mut open = vec![positions];
        while let Some(positions) = open.pop() {
            match self.send(rows, &target, &positions).await {
                Sent::Taken(one) => written.add(one),
                Sent::Refused(_) if positions.len() > 1 => {
                    let (left, right) = positions.split_at(positions.len() / 2);
                    open.push(right.to_vec());
                    open.push(left.to_vec());
                }
                Sent::Refused(reason) => {
                    let rejected = positions.iter().map(|position| (*position, reason.clone()));
                    written.rejected.extend(rejected);
                }
            }
        }
        written
    }

    async fn send(&self, rows: &[Row], target: &Target, positions: &[usize]) -> Sent {
        let records: Vec<Record> = positions
            .iter()
            .map(|index| rows[*index].record.clone().fitted())
            .collect();
        let (common, records) = request(&records);
        let answer = self
            .client
            .write_records()
            .database_name(&target.database)
            .table_name(&target.table)
            .common_attributes(common)
            .set_records(Some(records))
            .send()
            .await;
        let Err(error) = answer else {
            return Sent::Taken(Written {
                accepted: positions.len(),
                ..Written::default()
            });
        };
        let reason = DisplayErrorContext(&error).to_string();
        let all = |reason: String| -> Vec<(usize, String)> {
            positions
                .iter()
                .map(|position| (*position, reason.clone()))
                .collect()
        };
        match error {
            SdkError::ServiceError(context) => match context.err() {
                WriteRecordsError::RejectedRecordsException(exception) => {
                    Sent::Taken(partly_taken(exception.rejected_records(), positions))
                }
                error @ WriteRecordsError::ValidationException(_) => {
                    Sent::Refused(error.meta().message().unwrap_or_default().to_owned())
                }
                // Where the store that all share cannot be written, nothing is wrong with the rows.
                WriteRecordsError::ResourceNotFoundException(_)
                | WriteRecordsError::AccessDeniedException(_)
                    if target.is_own =>
                {
                    Sent::Taken(Written {
                        rejected: all(format!(
                            "{}.{} is the store of this tenant alone and cannot be written: {reason}",
                            target.database, target.table
                        )),
                        ..Written::default()
                    })
                }
                _ => Sent::failed(all(reason)),
            },
            _ => Sent::failed(all(reason)),
        }
    }
}

/// What became of one request.
enum Sent {
    /// Every row has its answer.
    Taken(Written),
    /// The request is not one that the service takes.
    Refused(String),
}

impl Sent {
    fn failed(failed: Vec<(usize, String)>) -> Self {
        Sent::Taken(Written {
            failed,
            ..Written::default()
        })
    }
}

/// The rows that are not named were taken. A rejection that names an existing version is a repeat.
fn partly_taken(
    refused: &[aws_sdk_timestreamwrite::types::RejectedRecord],
    positions: &[usize],
) -> Written {
    let mut written = Written {
        accepted: positions.len().saturating_sub(refused.len()),
        ..Written::default()
    };
    for record in refused {
        if record.existing_version().is_some() {
            written.duplicates += 1;
            continue;
        }
        let index = usize::try_from(record.record_index()).ok();
        if let Some(position) = index.and_then(|index| positions.get(index)) {
            let reason = record.reason().unwrap_or("the store gives no reason");
            written.rejected.push((*position, reason.to_owned()));
        }
    }
    written
}

impl Written {
    fn add(&mut self, other: Written) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.rejected.extend(other.rejected);
        self.failed.extend(other.failed);
    }
}

/// The positions of rows in rounds, none of which has two rows of one identity.
fn rounds(rows: &[Row]) -> Vec<Vec<usize>> {
    type Identity<'r> = (&'r [(&'static str, String)], &'static str, Timestamp, bool);
    let mut seen: HashMap<Identity<'_>, usize> = HashMap::new();
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for (position, row) in rows.iter().enumerate() {
        let record = &row.record;
        let is_main = row.destination == Destination::Main;
        let identity = (
            record.dimensions.as_slice(),
            record.measure_name,
            record.time,
            is_main,
        );
        let number = seen.entry(identity).or_default();
        match rounds.get_mut(*number) {
            Some(round) => round.push(position),
            None => rounds.push(vec![position]),
        }
        *number += 1;
    }
    rounds
}

#[async_trait]
impl RecordSink for TimestreamSink {
    async fn write(
        &self,
        destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError> {
        let rows: Vec<Row> = records
            .into_iter()
            .map(|record| Row {
                destination,
                tenant: tenant_of(&record),
                record,
            })
            .collect();
        let written = self.write_rows(&rows).await;
        match written.failed.into_iter().next() {
            Some((_, message)) => Err(SinkError {
                message,
                retryable: true,
            }),
            None => Ok(WriteReport {
                accepted: written.accepted,
                duplicates: written.duplicates,
                rejected: written.rejected,
            }),
        }
    }
}

/// Whose row it is; those without a tenant are Tidewatch's own.
fn tenant_of(record: &Record) -> Tenant {
    record
        .dimensions
        .iter()
        .find(|(name, _)| *name == dimension::TENANT)
        .and_then(|(_, value)| Tenant::try_new(value.as_str()).ok())
        .unwrap_or_else(Tenant::system)
}

#[cfg(test)]
mod tests;
