//! Reading the log when a store is opened.

use std::path::{Path, PathBuf};

use super::frame::{self, FRAME_HEADER_LEN, HEADER_LEN};
use super::{remove_before, segment_name, segment_number};
use crate::codec::Malformed;
use crate::error::OpenError;
use crate::files::{At, FileLayer, OpenHow, read_all};

/// What was found in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// The number for the segment to go on with.
    pub(crate) next: u64,
    /// Bytes of the segments that stay.
    pub(crate) bytes: u64,
}

/// Hands the payload of every frame from segment `first` on to `apply`, in order.
///
/// A torn tail of the last segment is cut off and reported as a warning. Anything else that is
/// not sound is an error which names file and offset.
pub(crate) fn recover(
    files: &dyn FileLayer,
    folder: &Path,
    first: u64,
    mut apply: impl FnMut(&[u8]) -> Result<(), ApplyError>,
) -> Result<Recovered, OpenError> {
    remove_before(files, folder, first)?;
    let mut numbers: Vec<u64> = files
        .list(folder)
        .at("list", folder)?
        .iter()
        .filter_map(|name| segment_number(name))
        .collect();
    numbers.sort_unstable();
    if numbers.is_empty() && first > 1 {
        let file = folder.join(segment_name(first));
        let what = "the segment is missing".to_owned();
        return Err(OpenError::Damaged {
            file,
            offset: 0,
            what,
        });
    }
    let mut recovered = Recovered {
        next: first,
        bytes: 0,
    };
    for (position, number) in numbers.iter().copied().enumerate() {
        let segment = Segment {
            files,
            path: folder.join(segment_name(number)),
            number,
            last: position + 1 == numbers.len(),
        };
        if number != recovered.next {
            return Err(segment.damaged(0, format!("segment {} is missing", recovered.next)));
        }
        let kept = segment.replay(&mut apply)?;
        recovered.next = number + 1;
        recovered.bytes += kept;
    }
    Ok(recovered)
}

/// A sound frame could not be applied.
#[derive(Debug)]
pub(crate) enum ApplyError {
    /// Its payload makes no sense.
    Malformed(Malformed),
    /// Something else failed on the way.
    Other(OpenError),
}

impl From<Malformed> for ApplyError {
    fn from(error: Malformed) -> Self {
        ApplyError::Malformed(error)
    }
}

impl From<OpenError> for ApplyError {
    fn from(error: OpenError) -> Self {
        ApplyError::Other(error)
    }
}

struct Segment<'a> {
    files: &'a dyn FileLayer,
    path: PathBuf,
    number: u64,
    last: bool,
}

impl Segment<'_> {
    fn replay(
        &self,
        apply: &mut impl FnMut(&[u8]) -> Result<(), ApplyError>,
    ) -> Result<u64, OpenError> {
        let bytes = read_all(self.files, &self.path).at("read", &self.path)?;
        if let Err(what) = frame::check_header(&bytes, self.number) {
            // Starting a segment is not atomic; nothing was acknowledged from one without header.
            let unstarted = bytes.len() < HEADER_LEN || bytes.iter().all(|byte| *byte == 0);
            if !(self.last && unstarted) {
                return Err(self.damaged(0, what));
            }
            self.cut(0, bytes.len())?;
            let path = &self.path;
            let handle = self.files.open(path, OpenHow::ReadWrite).at("open", path)?;
            let header = frame::segment_header(self.number);
            handle.write_at(0, &header).at("write", path)?;
            handle.sync().at("sync", path)?;
            return Ok(HEADER_LEN as u64);
        }
        let mut at = HEADER_LEN;
        while at < bytes.len() {
            let Some(payload) = frame::payload(&bytes[at..]) else {
                let behind = &bytes[at + 1..];
                let torn = self.last && !frame::any_frame(behind);
                if !torn || frame::is_one_bit_off(&bytes[at..]) {
                    return Err(self.damaged(at, "a frame's checksum does not match".to_owned()));
                }
                self.cut(at, bytes.len())?;
                break;
            };
            apply(payload).map_err(|error| match error {
                ApplyError::Malformed(error) => {
                    self.damaged(at + FRAME_HEADER_LEN + error.at, error.what.to_owned())
                }
                ApplyError::Other(error) => error,
            })?;
            at += FRAME_HEADER_LEN + payload.len();
        }
        if self.last {
            self.sync()?;
        }
        Ok(at as u64)
    }

    /// The process before may have died, or failed, between writing and syncing. What was read
    /// counts from now on: repeats of it are acknowledged, and another segment follows.
    fn sync(&self) -> Result<(), OpenError> {
        let path = &self.path;
        let handle = self.files.open(path, OpenHow::ReadWrite).at("open", path)?;
        Ok(handle.sync().at("sync", path)?)
    }

    fn cut(&self, at: usize, len: usize) -> Result<(), OpenError> {
        let path = &self.path;
        tracing::warn!(
            file = %path.display(),
            offset = at,
            bytes = len - at,
            "cut a torn tail off the log segment `{}`; it was never acknowledged",
            path.display(),
        );
        let handle = self.files.open(path, OpenHow::ReadWrite).at("open", path)?;
        handle.set_len(at as u64).at("cut", path)?;
        handle.sync().at("sync", path)?;
        Ok(())
    }

    fn damaged(&self, at: usize, what: String) -> OpenError {
        OpenError::Damaged {
            file: self.path.clone(),
            offset: at as u64,
            what,
        }
    }
}
