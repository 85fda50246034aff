//! The write-ahead log: numbered segment files of checksummed frames. One frame holds everything
//! one group commit accepted, so that a group is on disk as a whole or not at all.
//!
//! The log does not know what rows mean; [`entry`] encodes them. It never repairs anything but
//! the tail of the last segment, which only a write that was never acknowledged can have torn.

pub(crate) mod entry;
mod frame;
mod recover;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::{At, FileError, FileHandle, FileLayer, OpenHow};

pub(crate) use frame::FrameBuffer;
pub(crate) use recover::{ApplyError, recover};

/// The end of the log, where frames are added.
#[derive(Debug)]
pub(crate) struct Log {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    number: u64,
    handle: Arc<dyn FileHandle>,
    len: u64,
}

impl Log {
    /// Starts segment `number` in `folder`; what may be in the way under that name is discarded.
    pub(crate) fn start(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        number: u64,
    ) -> Result<Log, FileError> {
        let (handle, len) = start_segment(files.as_ref(), folder, number)?;
        Ok(Log {
            files,
            folder: folder.to_owned(),
            number,
            handle,
            len,
        })
    }

    /// The number of the segment that is written to.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Bytes in the segment that is written to.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Adds a frame and makes it durable. After an error nobody knows what reached the disk:
    /// the log must not be written to again.
    pub(crate) fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        self.handle.write_at(self.len, frame)?;
        self.handle.sync()?;
        self.len += frame.len() as u64;
        Ok(())
    }

    /// Goes on in a new segment and returns its number.
    pub(crate) fn roll(&mut self) -> Result<u64, FileError> {
        let number = self.number + 1;
        let (handle, len) = start_segment(self.files.as_ref(), &self.folder, number)?;
        self.number = number;
        self.handle = handle;
        self.len = len;
        Ok(number)
    }
}

/// Removes the segments below `first`; a crash in between leaves some, which the next open
/// removes.
pub(crate) fn remove_before(
    files: &dyn FileLayer,
    folder: &Path,
    first: u64,
) -> Result<(), FileError> {
    for name in files.list(folder).at("list", folder)? {
        if segment_number(&name).is_some_and(|number| number < first) {
            let path = folder.join(name);
            files.remove(&path).at("remove", &path)?;
        }
    }
    Ok(())
}

/// The segments in a folder, by number.
pub(crate) fn segments(
    files: &dyn FileLayer,
    folder: &Path,
) -> Result<Vec<(u64, PathBuf)>, FileError> {
    let names = files.list(folder).at("list", folder)?;
    Ok(names
        .into_iter()
        .filter_map(|name| Some((segment_number(&name)?, folder.join(name))))
        .collect())
}

/// Bytes of all segments.
pub(crate) fn bytes(files: &dyn FileLayer, folder: &Path) -> Result<u64, FileError> {
    let mut bytes = 0;
    for (_, path) in segments(files, folder)? {
        let handle = files.open(&path, OpenHow::Read).at("open", &path)?;
        bytes += handle.len().at("measure", &path)?;
    }
    Ok(bytes)
}

fn start_segment(
    files: &dyn FileLayer,
    folder: &Path,
    number: u64,
) -> Result<(Arc<dyn FileHandle>, u64), FileError> {
    let path = folder.join(segment_name(number));
    let handle = files.open(&path, OpenHow::Fresh).at("create", &path)?;
    let header = frame::segment_header(number);
    handle.write_at(0, &header).at("write", &path)?;
    handle.sync().at("sync", &path)?;
    files.sync_dir(folder).at("sync", folder)?;
    Ok((handle, header.len() as u64))
}

fn segment_name(number: u64) -> String {
    format!("{number:016}.log")
}

fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    (digits.len() == 16).then(|| digits.parse().ok())?
}
