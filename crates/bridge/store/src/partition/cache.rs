//! Footers and page indexes of recently used files. Those of a day's file take megabytes, so
//! they are not kept for every file for ever.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use parquet::file::metadata::ParquetMetaData;

/// Bytes of metadata that are kept.
const LIMIT: usize = 64 << 20; // 64 MiB

/// Forgets what was not used for longest.
#[derive(Debug, Default)]
pub(crate) struct MetadataCache {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<u64, Entry>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    metadata: Arc<ParquetMetaData>,
    bytes: usize,
    used: u64,
}

impl MetadataCache {
    pub(crate) fn get(&self, partition: u64) -> Option<Arc<ParquetMetaData>> {
        let mut state = self.state.lock();
        state.uses += 1;
        let used = state.uses;
        let entry = state.entries.get_mut(&partition)?;
        entry.used = used;
        Some(entry.metadata.clone())
    }

    pub(crate) fn put(
        &self,
        partition: u64,
        metadata: Arc<ParquetMetaData>,
    ) -> Arc<ParquetMetaData> {
        let bytes = metadata.memory_size();
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
            metadata: metadata.clone(),
            bytes,
            used: state.uses,
        };
        state.bytes += bytes;
        state.entries.insert(partition, entry);
        metadata
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
