//! Whether every file holds what the catalog says. The log was read when the store was opened.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::partition::{self, Partition};
use crate::shared::Shared;

/// Rows that are decoded at a time.
const BATCH: usize = 8192;

/// What a look through all files found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// Parquet files that were read.
    pub files: usize,
    /// Rows in them.
    pub rows: u64,
    /// What is wrong.
    pub faults: Vec<FileFault>,
}

/// A file that does not hold what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// Reads every value and the index of every Parquet file. Blocks.
pub(super) fn run(shared: &Shared) -> Check {
    let mut check = Check::default();
    for table in shared.catalog.tables() {
        let partitions: Vec<Arc<Partition>> = {
            let state = table.state.lock();
            state
                .partitions()
                .map(|stored| stored.partition.clone())
                .collect()
        };
        for partition in partitions {
            check.files += 1;
            let content = partition::decoding(|| read(&partition));
            let fault = match content.map_err(|error| error.to_string()) {
                Ok(rows) => {
                    check.rows += rows;
                    // The rows are sound, so that they can be merged all the same.
                    partition.check_index().err().map(|error| error.to_string())
                }
                Err(what) => {
                    partition.put_aside(&what);
                    Some(what)
                }
            };
            check.faults.extend(fault.map(|what| FileFault {
                file: partition.path().to_owned(),
                what,
            }));
        }
    }
    check
}

/// Reads a file to its end; gives its rows.
fn read(partition: &Partition) -> io::Result<u64> {
    let reader = partition::open(partition)?.with_batch_size(BATCH).build();
    let mut rows = 0;
    for batch in reader.map_err(io::Error::other)? {
        rows += batch.map_err(io::Error::other)?.num_rows() as u64;
    }
    if rows != partition.meta.rows {
        return Err(io::Error::other(format!(
            "it has {rows} rows instead of {}",
            partition.meta.rows
        )));
    }
    Ok(rows)
}
