//! A file as Parquet's readers and writers want it.

use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use ::bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::sums::{BLOCK, Summing};
use super::{Known, MetadataCache, Partition};
use crate::files::FileHandle;

/// The rows and the identity index of a file; every byte is compared with its sum.
#[derive(Debug, Clone)]
pub(crate) struct FileBytes {
    handle: Arc<dyn FileHandle>,
    path: Arc<Path>,
    known: Arc<Known>,
    cache: Arc<MetadataCache>,
    /// Where the blocks end and the tail begins.
    end: u64,
    len: u64,
}

impl FileBytes {
    /// The bytes of `partition`, of which `known` is known.
    pub(super) fn new(partition: &Partition, known: Arc<Known>) -> io::Result<FileBytes> {
        Ok(FileBytes {
            handle: partition.open()?,
            path: partition.path.clone(),
            known,
            cache: partition.cache.clone(),
            end: partition.meta.tail.at,
            len: partition.meta.bytes,
        })
    }

    pub(crate) fn read(&self, start: u64, length: usize) -> Result<Bytes> {
        // Checked here so that a damaged offset cannot ask for absurd amounts of memory.
        let end = start
            .checked_add(length as u64)
            .filter(|end| *end <= self.end);
        let Some(end) = end else {
            return Err(ParquetError::EOF(format!(
                "{length} bytes at {start} lie outside the {} bytes of rows in `{}`",
                self.end,
                self.path.display()
            )));
        };
        let block = BLOCK as u64;
        let first = start / block;
        let from = first * block;
        let to = (end.div_ceil(block) * block).min(self.end);
        let mut bytes = vec![0; usize::try_from(to - from)?];
        self.handle.read_at(from, &mut bytes)?;
        for (number, content) in (usize::try_from(first)?..).zip(bytes.chunks(BLOCK)) {
            if !self.known.sums.is_sound(number, content) {
                let error = self.cache.damaged(&self.path, number as u64 * block);
                return Err(ParquetError::External(Box::new(error)));
            }
        }
        let skip = usize::try_from(start - from)?;
        Ok(Bytes::from(bytes).slice(skip..skip + length))
    }
}

impl Length for FileBytes {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for FileBytes {
    type T = BufReader<FileCursor>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let cursor = FileCursor {
            bytes: self.clone(),
            at: start,
        };
        Ok(BufReader::with_capacity(BLOCK, cursor))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.read(start, length)
    }
}

/// Reads a file from a position on.
#[derive(Debug)]
pub(crate) struct FileCursor {
    bytes: FileBytes,
    at: u64,
}

impl Read for FileCursor {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.bytes.end.saturating_sub(self.at);
        let count = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.bytes.read(self.at, count).map_err(io::Error::other)?;
        out[..count].copy_from_slice(&read);
        self.at += count as u64;
        Ok(count)
    }
}

/// Writes a file from its beginning, and adds up what it writes.
#[derive(Debug)]
pub(super) struct FileSink {
    handle: Arc<dyn FileHandle>,
    at: u64,
    blocks: Summing,
    /// Where the tail began, and its sum so far.
    tail: Option<(u64, u32)>,
}

impl FileSink {
    pub(super) fn new(handle: Arc<dyn FileHandle>) -> FileSink {
        FileSink {
            handle,
            at: 0,
            blocks: Summing::default(),
            tail: None,
        }
    }

    /// Bytes that were written.
    pub(super) fn len(&self) -> u64 {
        self.at
    }

    /// Ends the blocks; what is written from now on is the tail. Returns the sums of the blocks.
    pub(super) fn begin_tail(&mut self) -> Vec<u8> {
        self.tail = Some((self.at, 0));
        self.blocks.finish()
    }

    /// Offset and sum of the tail, if it was begun.
    pub(super) fn tail(&self) -> Option<(u64, u32)> {
        self.tail
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.handle.sync()
    }
}

impl Write for FileSink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.handle.write_at(self.at, data)?;
        self.at += data.len() as u64;
        match &mut self.tail {
            Some((_, sum)) => *sum = crc32c::crc32c_append(*sum, data),
            None => self.blocks.add(data),
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
