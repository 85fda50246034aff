//! Footers and page indexes of recently used files. Those of a day's file take megabytes, so
//! they are not kept for every file for ever.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;

use super::Known;

/// Bytes of metadata that are kept.
const LIMIT: usize = 64 << 20; // 64 MiB

/// Forgets what was not used for longest.
#[derive(Debug, Default)]
pub(crate) struct MetadataCache {
    state: Mutex<State>,
    /// Reads of any file that met bytes other than those written.
    damaged: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<u64, Entry>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    known: Arc<Known>,
    bytes: usize,
    used: u64,
}

impl MetadataCache {
    pub(crate) fn get(&self, partition: u64) -> Option<Arc<Known>> {
        let mut state = self.state.lock();
        state.uses += 1;
        let used = state.uses;
        let entry = state.entries.get_mut(&partition)?;
        entry.used = used;
        Some(entry.known.clone())
    }

    pub(crate) fn put(&self, partition: u64, known: Arc<Known>) -> Arc<Known> {
        let bytes = known.parquet.metadata().memory_size() + known.sums.memory_size();
        let mut state = self.state.lock();
        state.remove(partition);
        state.uses += 1;
        while state.bytes + bytes > LIMIT {
            let oldest = state.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(partition, _)| *partition) else {
                break;
            };
            state.remove(oldest);
        }
        let entry = Entry {
            known: known.clone(),
            bytes,
            used: state.uses,
        };
        state.bytes += bytes;
        state.entries.insert(partition, entry);
        known
    }

    /// Notes that bytes of a file are not those that were written, and says so.
    pub(super) fn damaged(&self, path: &Path, offset: u64) -> io::Error {
        self.damaged.fetch_add(1, Relaxed);
        let error = io::Error::other(format!(
            "`{}` is damaged at byte {offset}: the checksum does not match; restore the folder \
             from a backup",
            path.display()
        ));
        tracing::error!(file = %path.display(), offset, "{error}");
        error
    }

    pub(crate) fn damaged_reads(&self) -> u64 {
        self.damaged.load(Relaxed)
    }

    pub(crate) fn forget(&self, partition: u64) {
        self.state.lock().remove(partition);
    }
}

impl State {
    fn remove(&mut self, partition: u64) {
        if let Some(entry) = self.entries.remove(&partition) {
            self.bytes -= entry.bytes;
        }
    }
}
