//! A file as Parquet's readers and writers want it.

use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;

use ::bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::files::FileHandle;

/// A file to read.
#[derive(Debug, Clone)]
pub(crate) struct FileBytes {
    handle: Arc<dyn FileHandle>,
    len: u64,
}

impl FileBytes {
    pub(crate) fn new(handle: Arc<dyn FileHandle>) -> io::Result<FileBytes> {
        let len = handle.len()?;
        Ok(FileBytes { handle, len })
    }

    pub(crate) fn read(&self, start: u64, length: usize) -> Result<Bytes> {
        // Checked here so that a damaged offset cannot ask for absurd amounts of memory.
        if start
            .checked_add(length as u64)
            .is_none_or(|end| end > self.len)
        {
            return Err(ParquetError::EOF(format!(
                "{length} bytes at {start} lie outside the file's {} bytes",
                self.len
            )));
        }
        let mut bytes = vec![0; length];
        self.handle.read_at(start, &mut bytes)?;
        Ok(bytes.into())
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
        Ok(BufReader::new(FileCursor {
            bytes: self.clone(),
            at: start,
        }))
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
        let left = self.bytes.len.saturating_sub(self.at);
        let count = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.bytes.handle.read_at(self.at, &mut out[..count])?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Writes a file from its beginning.
#[derive(Debug)]
pub(super) struct FileSink {
    pub(super) handle: Arc<dyn FileHandle>,
    pub(super) at: u64,
}

impl Write for FileSink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.handle.write_at(self.at, data)?;
        self.at += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
