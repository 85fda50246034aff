//! From a backup to a data folder.
//!
//! Files are copied as they are, and then the copy is opened and read to its end. Only after that
//! it gets the marker that makes it a store: whatever interrupts this leaves a folder that nobody
//! opens.

use std::path::{Path, PathBuf};

use super::backup::{Copying, prepare};
use super::{Backup, check};
use crate::error::{OpenError, RestoreError, StoreError};
use crate::files::{At, FileLayer};
use crate::options::Options;
use crate::recover;
use crate::shared::Layout;

/// The marker while the copy is looked through.
const PROOF: &str = "FORMAT.proof";

/// Copies the backup in `from` into `to`, which is empty or not there, and looks through the
/// copy. Blocks.
pub(super) fn run(from: &Path, to: &Path, options: Options) -> Result<Backup, RestoreError> {
    let files = options.files.clone();
    let files = files.as_ref();
    let (source, target) = (Layout::new(from), Layout::new(to));
    let _locked = lock(files, &source)?;
    recover::check_marker(files, &source)?;
    prepare(files, &target)?;
    let lock = files.lock(&target.lock).at("lock", &target.lock);
    let _target_locked = lock.map_err(StoreError::from)?;

    let mut copy = Copying::new(files);
    for (folder, into) in [
        (&source.root, &target.root),
        (&source.partitions, &target.partitions),
        (&source.log, &target.log),
    ] {
        let names = files.list(folder).at("list", folder);
        for name in names.map_err(StoreError::from)? {
            if is_content(&name) {
                let done = copy.whole(&folder.join(&name), &into.join(&name));
                done.map_err(StoreError::from)?;
            }
        }
        let synced = files.sync_dir(into).at("sync", into);
        synced.map_err(StoreError::from)?;
    }
    prove(files, &target, options.clone(), from)?;
    let proof = target.root.join(PROOF);
    let named = files
        .rename(&proof, &target.format)
        .at("rename", &proof)
        .and_then(|()| files.sync_dir(&target.root).at("sync", &target.root));
    named.map_err(StoreError::from)?;
    copy.count(&target.format).map_err(StoreError::from)?;
    Ok(copy.made)
}

/// Keeps others from the backup, where anybody ever opened it: it may lie on a disk that cannot be
/// written to.
fn lock(
    files: &dyn FileLayer,
    source: &Layout,
) -> Result<Option<Box<dyn std::any::Any + Send + Sync>>, RestoreError> {
    let names = files.list(&source.root).at("list", &source.root);
    let names = names.map_err(StoreError::from)?;
    if !names.iter().any(|name| name == "LOCK") {
        return Ok(None);
    }
    let locked = files.lock(&source.lock).at("lock", &source.lock);
    match locked.map_err(StoreError::from)? {
        Some(lock) => Ok(Some(lock)),
        None => Err(RestoreError::Backup(OpenError::InUse {
            folder: source.root.clone(),
            pid: None,
        })),
    }
}

/// Whether a file is one that the copy needs: not a marker, a lock or a draft.
fn is_content(name: &str) -> bool {
    !matches!(name, "FORMAT" | "LOCK") && !name.ends_with(".tmp")
}

/// Opens the copy under another marker and reads all of it.
fn prove(
    files: &dyn FileLayer,
    target: &Layout,
    options: Options,
    from: &Path,
) -> Result<(), RestoreError> {
    let mut layout = target.clone();
    layout.format = target.root.join(PROOF);
    recover::write_format(files, &layout).map_err(StoreError::from)?;
    let (shared, _log) = recover::open(layout, options)?;
    let check = check::run(&shared);
    match check.faults.into_iter().next() {
        None => Ok(()),
        Some(fault) => Err(RestoreError::Damaged {
            file: within(from, &target.root, &fault.file),
            what: fault.what,
        }),
    }
}

/// The file of the backup that `file` is a copy of.
fn within(from: &Path, to: &Path, file: &Path) -> PathBuf {
    file.strip_prefix(to)
        .map_or_else(|_| file.to_owned(), |inside| from.join(inside))
}
