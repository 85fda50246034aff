//! A copy of an open store.
//!
//! Only the catalog and the place up to which the log goes have to belong together, and they are
//! taken between two groups of writes. Everything else never changes: Parquet files, and segments
//! of the log up to that place. Flushes wait until the copy is complete, because they cut the log.

use std::path::Path;
use std::sync::Arc;

use crate::error::StoreError;
use crate::files::{At, FileError, FileLayer, OpenHow};
use crate::log;
use crate::partition::{Partition, replaced};
use crate::recover;
use crate::shared::{Layout, Shared};
use crate::store::CommitterHandle;

/// Bytes that are copied at a time.
const CHUNK: usize = 1 << 20; // 1 MiB

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Files of all kinds.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Copies the store into `folder`, which must be empty or not be there. Blocks; no flush may run.
pub(super) fn run(
    shared: &Arc<Shared>,
    committer: &CommitterHandle,
    folder: &Path,
) -> Result<Backup, StoreError> {
    let target = Layout::new(folder);
    prepare(shared.files.as_ref(), &target)?;
    let mut copy = Copying::new(shared.files.as_ref());
    let (folder, catalog) = (target.root.clone(), target.catalog.clone());
    let moment = committer.run(move |committer| {
        let shared = &committer.shared;
        // Before the catalog: a table that is deleted in between leaves files that are too many,
        // which the next opening removes.
        let tables = shared.catalog.tables();
        let partitions = tables.iter().flat_map(|table| {
            let state = table.state.lock();
            let partitions = state.partitions().map(|stored| stored.partition.clone());
            partitions.collect::<Vec<_>>()
        });
        let moment = Moment {
            partitions: partitions.collect(),
            segment: committer.segment(),
        };
        shared.catalog.copy_into(&folder, &catalog)?;
        Ok::<_, StoreError>(moment)
    })??;
    copy.count(&target.catalog)?;
    copy.count(&target.mark)?;
    for partition in &moment.partitions {
        let to = target.partitions.join(partition.meta.file_name());
        copy.file(partition.path(), &to, partition.meta.bytes)?;
        if !partition.recorded().is_empty() {
            copy.whole(&replaced::beside(partition.path()), &replaced::beside(&to))?;
        }
    }
    let (last, len) = moment.segment;
    for (number, path) in log::segments(shared.files.as_ref(), &shared.layout.log)? {
        let end = match number.cmp(&last) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => Some(len),
            std::cmp::Ordering::Greater => continue,
        };
        let to = target.log.join(path.file_name().unwrap_or_default());
        match end {
            Some(len) => copy.file(&path, &to, len)?,
            None => copy.whole(&path, &to)?,
        }
    }
    for folder in [&target.partitions, &target.log, &target.root] {
        shared.files.sync_dir(folder).at("sync", folder)?;
    }
    recover::write_format(shared.files.as_ref(), &target)?;
    copy.count(&target.format)?;
    Ok(copy.made)
}

/// What a copy is of.
struct Moment {
    /// Held, so that no file is removed before it is copied.
    partitions: Vec<Arc<Partition>>,
    /// The last segment of the log, and how much of it was written.
    segment: (u64, u64),
}

/// Creates the folders of a copy, and marks it as not finished.
pub(super) fn prepare(files: &dyn FileLayer, target: &Layout) -> Result<(), StoreError> {
    for folder in [&target.root, &target.log, &target.partitions] {
        files.create_dir(folder).at("create", folder)?;
        if let Some(name) = files.list(folder).at("list", folder)?.first() {
            return Err(StoreError::Io {
                action: "copy into",
                path: folder.clone(),
                source: std::io::Error::other(format!(
                    "it has the file `{name}`; name an empty folder, or one that is not there"
                )),
            });
        }
    }
    let handle = files
        .open(&target.format, OpenHow::Fresh)
        .at("create", &target.format)?;
    handle
        .write_at(0, recover::UNFINISHED)
        .at("write", &target.format)?;
    handle.sync().at("sync", &target.format)?;
    Ok(files.sync_dir(&target.root).at("sync", &target.root)?)
}

/// Copies files, and counts them.
pub(super) struct Copying<'a> {
    files: &'a dyn FileLayer,
    pub(super) made: Backup,
}

impl Copying<'_> {
    pub(super) fn new(files: &dyn FileLayer) -> Copying<'_> {
        Copying {
            files,
            made: Backup { files: 0, bytes: 0 },
        }
    }

    /// Copies the first `len` bytes of a file.
    fn file(&mut self, from: &Path, to: &Path, len: u64) -> Result<(), FileError> {
        let source = self.files.open(from, OpenHow::Read).at("open", from)?;
        let target = self.files.open(to, OpenHow::Fresh).at("create", to)?;
        let mut chunk = vec![0; CHUNK];
        let mut at = 0;
        while at < len {
            let size = usize::try_from(len - at).map_or(CHUNK, |left| left.min(CHUNK));
            source.read_at(at, &mut chunk[..size]).at("read", from)?;
            target.write_at(at, &chunk[..size]).at("write", to)?;
            at += size as u64;
        }
        target.sync().at("sync", to)?;
        self.made.files += 1;
        self.made.bytes += len;
        Ok(())
    }

    pub(super) fn whole(&mut self, from: &Path, to: &Path) -> Result<(), FileError> {
        let handle = self.files.open(from, OpenHow::Read).at("open", from)?;
        let len = handle.len().at("measure", from)?;
        self.file(from, to, len)
    }

    /// Counts a file that came about otherwise.
    pub(super) fn count(&mut self, path: &Path) -> Result<(), FileError> {
        let handle = self.files.open(path, OpenHow::Read).at("open", path)?;
        self.made.files += 1;
        self.made.bytes += handle.len().at("measure", path)?;
        Ok(())
    }
}
