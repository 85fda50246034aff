//! Sums of the bytes of a file, so that a flipped bit is noticed by whoever reads it.
//!
//! Parquet knows sums of pages, but none of its footer, and its writer sets none. So the rows and
//! the identity index have a sum for every block, which lie behind them; those sums, the page
//! indexes and the footer are the tail, whose sum is in the catalog.

use std::io;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use crate::files::FileHandle;

/// Bytes that have a sum together.
pub(super) const BLOCK: usize = 16 * 1024;
const SUM_LEN: usize = 4;

/// Where the tail of a file begins, and its sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TailSum {
    /// Offset of the first byte behind the identity index.
    pub(crate) at: u64,
    /// CRC32C from there to the end of the file.
    pub(crate) crc: u32,
}

/// The sums of the blocks of a file, one after another.
#[derive(Debug, Clone)]
pub(crate) struct BlockSums {
    sums: Bytes,
}

impl BlockSums {
    pub(super) fn memory_size(&self) -> usize {
        self.sums.len()
    }

    /// Whether the bytes of block `number` are those that were written.
    pub(super) fn is_sound(&self, number: usize, block: &[u8]) -> bool {
        let at = number.saturating_mul(SUM_LEN);
        let sum = self.sums.get(at..at.saturating_add(SUM_LEN));
        sum == Some(&crc32c::crc32c(block).to_le_bytes()[..])
    }
}

/// Adds up what is written to a file.
#[derive(Debug, Default)]
pub(super) struct Summing {
    sums: Vec<u8>,
    /// Sum and length of the block that is not full yet.
    open: (u32, usize),
}

impl Summing {
    pub(super) fn add(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let (sum, len) = self.open;
            let (now, later) = data.split_at(data.len().min(BLOCK - len));
            self.open = (crc32c::crc32c_append(sum, now), len + now.len());
            if self.open.1 == BLOCK {
                self.end_block();
            }
            data = later;
        }
    }

    /// The sums of all blocks so far; the last one may be short.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        if self.open.1 > 0 {
            self.end_block();
        }
        std::mem::take(&mut self.sums)
    }

    /// The sum of what came since the last block ended, which is less than one.
    fn end_block(&mut self) {
        let (sum, _) = std::mem::take(&mut self.open);
        self.sums.extend_from_slice(&sum.to_le_bytes());
    }
}

/// The tail of a file, which was compared with its sum.
#[derive(Debug)]
pub(super) struct Tail {
    at: u64,
    bytes: Bytes,
}

impl Tail {
    /// Reads the tail of a file of `len` bytes; `None` when its sum is another.
    pub(super) fn read(
        handle: &dyn FileHandle,
        len: u64,
        sum: TailSum,
    ) -> io::Result<Option<Tail>> {
        let size = len.checked_sub(sum.at).map(usize::try_from);
        let Some(Ok(size)) = size else {
            return Ok(None);
        };
        let mut bytes = vec![0; size];
        handle.read_at(sum.at, &mut bytes)?;
        let sound = crc32c::crc32c(&bytes) == sum.crc;
        Ok(sound.then(|| Tail {
            at: sum.at,
            bytes: bytes.into(),
        }))
    }

    /// The sums of the blocks before the tail, with which it begins.
    pub(super) fn block_sums(&self) -> BlockSums {
        let blocks = self.at.div_ceil(BLOCK as u64);
        let len = usize::try_from(blocks).map_or(usize::MAX, |all| all.saturating_mul(SUM_LEN));
        let sums = self.bytes.slice(..len.min(self.bytes.len()));
        BlockSums {
            // A copy, so that the rest of the tail is not kept in memory with it.
            sums: Bytes::copy_from_slice(&sums),
        }
    }
}

impl Length for Tail {
    fn len(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }
}

impl ChunkReader for Tail {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let length = self.len().saturating_sub(start);
        let rest = self.get_bytes(start, usize::try_from(length)?)?;
        Ok(bytes::Buf::reader(rest))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let begin = start.checked_sub(self.at).map(usize::try_from);
        let range = match begin {
            Some(Ok(begin)) => begin.checked_add(length).map(|end| begin..end),
            _ => None,
        };
        let range = range.filter(|range| range.end <= self.bytes.len());
        let range = range.ok_or_else(|| {
            ParquetError::EOF(format!("{length} bytes at {start} lie outside the tail"))
        })?;
        Ok(self.bytes.slice(range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_the_same_however_they_come() {
        let data: Vec<u8> = (0..3 * BLOCK + 17).map(|n| (n * 7 % 251) as u8).collect();
        let mut at_once = Summing::default();
        at_once.add(&data);
        let expected = at_once.finish();
        assert_eq!(expected.len(), 4 * SUM_LEN);
        for size in [1, 100, BLOCK - 1, BLOCK, BLOCK + 1] {
            let mut in_pieces = Summing::default();
            data.chunks(size).for_each(|piece| in_pieces.add(piece));
            assert_eq!(in_pieces.finish(), expected, "{size}");
        }
        let sums = BlockSums {
            sums: expected.into(),
        };
        for (number, block) in data.chunks(BLOCK).enumerate() {
            assert!(sums.is_sound(number, block));
            assert!(!sums.is_sound(number + 1, block));
            assert!(!sums.is_sound(number, &block[1..]));
        }
        assert!(!sums.is_sound(4, b""));
        assert!(!sums.is_sound(usize::MAX, b""));
    }
}
