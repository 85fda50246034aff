//! Moving rows from memory to Parquet files, merging files, dropping what is past its retention.
//!
//! One pass does all of it: set the rows in memory aside, write new files, record them in the
//! catalog (the moment that counts), let tables use them, cut the log. A pass that fails before
//! that moment has changed nothing; the next one takes the same rows again.

mod merge;
mod plan;
mod rows;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::catalog::{FlushRecord, PartitionKey, TableFlush};
use crate::error::StoreError;
use crate::judge::Window;
use crate::log;
use crate::partition::Partition;
use crate::shared::Shared;
use crate::store::CommitterHandle;
use crate::table::{FrozenTable, Replacement};

/// Whether the passage of time alone has made work for a pass.
pub(crate) fn is_due(shared: &Shared) -> bool {
    let now = shared.options.clock.now();
    shared.catalog.tables().iter().any(|table| {
        let kept_from = Window::kept_from(&table.definition.read(), &shared.options, now);
        let state = table.state.lock();
        plan::has_expired(state.partitions(), kept_from)
            || plan::has_finished_day(state.partitions(), now, |day| state.may_hold(day))
    })
}

/// Runs one pass. Blocks; only one may run at a time.
pub(crate) fn run(shared: &Arc<Shared>, committer: &CommitterHandle) -> Result<(), StoreError> {
    if let Some(reason) = shared.health.read_only() {
        return Err(StoreError::ReadOnly { reason });
    }
    let (first_segment, tables) = committer.run(|committer| {
        let first_segment = committer.freeze()?;
        let freeze = |table: &Arc<crate::table::TableHandle>| {
            let mut state = table.state.lock();
            state.freeze();
            state.frozen(table.clone())
        };
        let tables = committer.shared.catalog.tables();
        Ok::<_, StoreError>((first_segment, tables.iter().map(freeze).collect::<Vec<_>>()))
    })??;
    let mut replacements = Vec::with_capacity(tables.len());
    for table in tables {
        match write_table(shared, table) {
            Ok(replacement) => replacements.push(replacement),
            Err(error) => {
                discard_added(&replacements);
                return Err(error);
            }
        }
    }
    let changed = |replacement: &Replacement| {
        !replacement.added.is_empty() || !replacement.removed.is_empty()
    };
    if first_segment.is_some() || replacements.iter().any(changed) {
        record(shared, first_segment, &replacements)?;
    }
    install(shared, committer, replacements)?;
    if let Some(first) = first_segment {
        cut_log(shared, first);
    }
    Ok(())
}

fn write_table(shared: &Arc<Shared>, table: FrozenTable) -> Result<Replacement, StoreError> {
    let now = shared.options.clock.now();
    let definition = table.handle.definition.read().clone();
    let kept_from = Window::kept_from(&definition, &shared.options, now);
    let plan = plan::Plan::new(&table, kept_from, now);
    let mut replacement = Replacement {
        handle: table.handle.clone(),
        published: table.published.clone(),
        added: Vec::new(),
        removed: plan.expired,
    };
    for job in plan.jobs {
        match write_readable(shared, &table, &definition.partition_key, job) {
            Ok((added, merged)) => {
                // The index is read now, so that the committer need not wait for it later.
                if let Some(added) = &added {
                    warm(added)?;
                }
                replacement.added.extend(added);
                replacement.removed.extend(merged);
            }
            Err(error) => {
                discard_added(std::slice::from_ref(&replacement));
                return Err(error);
            }
        }
    }
    // What stays as it is must not show its replaced rows when the rows in their place are no
    // longer in the log.
    for stored in table.partitions {
        if stored.partition.is_aside()
            && let Err(error) = stored.partition.record_replaced(&stored.dead)
        {
            discard_added(std::slice::from_ref(&replacement));
            return Err(error.into());
        }
    }
    Ok(replacement)
}

/// The file that a job made, and those whose rows it took over.
type Written = (Option<Arc<Partition>>, Vec<Arc<Partition>>);

/// Does a job without the files that turn out to be unreadable, so that one damaged file keeps no
/// row from being moved out of memory but for its own.
fn write_readable(
    shared: &Arc<Shared>,
    table: &FrozenTable,
    key: &PartitionKey,
    mut job: plan::Job,
) -> Result<Written, StoreError> {
    loop {
        let inputs: Vec<Arc<Partition>> = job
            .inputs
            .iter()
            .map(|stored| stored.partition.clone())
            .collect();
        match merge::run(shared, table, key, job.clone()) {
            Ok(added) => return Ok((added, inputs)),
            Err(_) if inputs.iter().any(|input| input.is_aside()) => {
                if !job.without_unreadable() {
                    return Ok((None, Vec::new()));
                }
            }
            Err(error) => return Err(error),
        }
    }
}

fn warm(partition: &Partition) -> Result<(), StoreError> {
    partition
        .find(0, partition.meta.min_time)
        .map_err(|source| StoreError::Io {
            action: "read back",
            path: partition.path().to_owned(),
            source,
        })?;
    Ok(())
}

fn discard_added(replacements: &[Replacement]) {
    for partition in replacements.iter().flat_map(|each| &each.added) {
        partition.discard();
    }
}

fn record(
    shared: &Shared,
    first_segment: Option<u64>,
    replacements: &[Replacement],
) -> Result<(), StoreError> {
    let tables = replacements.iter().map(|replacement| TableFlush {
        id: replacement.handle.id,
        registry: replacement.published.registry(),
        added: replacement
            .added
            .iter()
            .map(|each| each.meta.clone())
            .collect(),
        removed: replacement
            .removed
            .iter()
            .map(|each| each.meta.id)
            .collect(),
    });
    let flush = FlushRecord {
        first_segment,
        next_partition: shared.next_partition.load(Relaxed),
        tables: tables.collect(),
    };
    Ok(shared.catalog.record_flush(&flush)?)
}

fn install(
    shared: &Arc<Shared>,
    committer: &CommitterHandle,
    replacements: Vec<Replacement>,
) -> Result<(), StoreError> {
    let (dropped, replacements) = committer.run(move |committer| {
        let counters = &committer.shared.counters;
        let mut dropped = Vec::new();
        for replacement in &replacements {
            let mut state = replacement.handle.state.lock();
            let before = state.head_bytes();
            match state.install(replacement) {
                Ok(head) => dropped.push(head),
                Err(error) => committer.shared.health.fail(format!(
                    "a file that was just written could not be read: {error}"
                )),
            }
            let freed = before - state.head_bytes();
            counters.head_bytes.fetch_sub(freed, Relaxed);
        }
        committer.thaw();
        (dropped, replacements)
    })?;
    drop(dropped); // not on the committer's time
    for replacement in &replacements {
        for partition in &replacement.removed {
            partition.discard();
        }
        if replacement.handle.is_deleted() {
            discard_added(std::slice::from_ref(replacement));
        }
    }
    match shared.health.read_only() {
        Some(reason) => Err(StoreError::ReadOnly { reason }),
        None => Ok(()),
    }
}

/// Removes the segments whose rows are in files. What fails here is done at the next opening.
fn cut_log(shared: &Shared, first: u64) {
    let folder = &shared.layout.log;
    let counters = &shared.counters;
    if let Err(error) = log::remove_before(shared.files.as_ref(), folder, first) {
        tracing::warn!(
            error = %error.source,
            file = %error.path.display(),
            "could not remove an old segment of the write-ahead log",
        );
        return;
    }
    counters.first_segment.store(first, Relaxed);
    match log::bytes(shared.files.as_ref(), folder) {
        Ok(bytes) => counters.log_bytes.store(bytes, Relaxed),
        Err(error) => tracing::warn!(
            error = %error.source,
            file = %error.path.display(),
            "could not measure the write-ahead log",
        ),
    }
}
