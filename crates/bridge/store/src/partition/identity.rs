//! Which identities a file holds, and in which row: the index that late rows and repeats are
//! judged by.
//!
//! The rows of a series lie together, by ascending time, so the index needs one entry for every
//! [`BLOCK_ROWS`] of them, with the times behind it as run lengths. A series probed at a regular
//! interval takes about 40 bytes an hour.

use std::io;

use bytes::Bytes;

use crate::codec::{Reader, put_varint};

const MAGIC: [u8; 4] = *b"TWIX";
const VERSION: u32 = 1;
/// Magic, version, number of entries.
const HEADER_LEN: usize = 12;
/// Series, first time, first row, offset of the times.
const ENTRY_LEN: usize = 32;
const CRC_LEN: usize = 4;
const BLOCK_ROWS: usize = 128;

/// The index of a file, as its bytes.
#[derive(Debug)]
pub(crate) struct IdentityIndex {
    bytes: Bytes,
    entries: usize,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    series: u128,
    first_time: i64,
    first_row: u32,
    /// Offset in the part behind the entries.
    times: u32,
}

impl IdentityIndex {
    /// Takes over bytes written by [`IdentityIndexBuilder`], after a check of their sum.
    pub(crate) fn parse(bytes: Bytes) -> io::Result<IdentityIndex> {
        let damaged = || io::Error::other("the identity index is damaged");
        let (body, crc) = bytes
            .split_last_chunk::<CRC_LEN>()
            .filter(|(body, _)| body.len() >= HEADER_LEN)
            .ok_or_else(damaged)?;
        if crc32c::crc32c(body).to_le_bytes() != *crc || body[..4] != MAGIC {
            return Err(damaged());
        }
        if body[4..8] != VERSION.to_le_bytes() {
            return Err(io::Error::other(
                "the identity index was written by a newer program",
            ));
        }
        let mut count = [0; 4];
        count.copy_from_slice(&body[8..12]);
        let entries = u32::from_le_bytes(count) as usize;
        if (body.len() - HEADER_LEN) / ENTRY_LEN < entries {
            return Err(damaged());
        }
        Ok(IdentityIndex { bytes, entries })
    }

    /// The row of an identity.
    pub(crate) fn find(&self, series: u128, time: i64) -> io::Result<Option<u32>> {
        let (mut low, mut high) = (0, self.entries);
        while low < high {
            let middle = (low + high) / 2;
            let entry = self.entry(middle)?;
            if (entry.series, entry.first_time) <= (series, time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(at) = low.checked_sub(1) else {
            return Ok(None);
        };
        let entry = self.entry(at)?;
        if entry.series != series {
            return Ok(None);
        }
        self.find_in_block(entry, time)
    }

    fn entry(&self, at: usize) -> io::Result<Entry> {
        let mut reader = Reader::new(&self.bytes);
        reader
            .take(HEADER_LEN + at * ENTRY_LEN)
            .map_err(io::Error::other)?;
        let mut read = || {
            Ok(Entry {
                series: u128::from_le_bytes(reader.array()?),
                first_time: reader.i64()?,
                first_row: u32::from_le_bytes(reader.array()?),
                times: u32::from_le_bytes(reader.array()?),
            })
        };
        read().map_err(|error: crate::codec::Malformed| io::Error::other(error))
    }

    fn find_in_block(&self, entry: Entry, wanted: i64) -> io::Result<Option<u32>> {
        let start = HEADER_LEN + self.entries * ENTRY_LEN + entry.times as usize;
        let end = self.bytes.len() - CRC_LEN;
        let times = self.bytes.get(start..end).unwrap_or_default();
        let mut reader = Reader::new(times);
        let mut walk = || {
            // The distance from the first time fits 64 bits without sign, as `wanted` is later.
            let wanted = wanted.wrapping_sub(entry.first_time) as u64;
            let mut left = reader.varint()?;
            let (mut at, mut row) = (0u64, entry.first_row);
            loop {
                if at == wanted {
                    return Ok(Some(row));
                }
                if left == 0 {
                    return Ok(None);
                }
                let step = reader.varint()?;
                let repeat = reader.varint()?.min(left);
                let ahead = wanted - at;
                if step == 0 || repeat == 0 {
                    return Err(reader.malformed("a step of nothing"));
                }
                let run = step.saturating_mul(repeat);
                if ahead <= run {
                    let inside = ahead.is_multiple_of(step);
                    return Ok(inside.then_some(row.wrapping_add((ahead / step) as u32)));
                }
                at += run;
                row = row.wrapping_add(repeat as u32);
                left -= repeat;
            }
        };
        walk().map_err(io::Error::other)
    }
}

/// Rows that no file may have: only bytes that this program did not write come to them.
#[derive(Debug, thiserror::Error)]
#[error("rows of one series do not ascend in time")]
pub(crate) struct Disorder;

/// Builds an [`IdentityIndex`] from the rows of a file in their order.
#[derive(Debug, Default)]
pub(crate) struct IdentityIndexBuilder {
    entries: Vec<Entry>,
    times: Vec<u8>,
    series: u128,
    block: Vec<i64>,
    rows: u32,
}

impl IdentityIndexBuilder {
    /// Adds the next row. The rows of a series come together, by ascending time.
    pub(crate) fn push(&mut self, series: u128, time: i64) -> Result<(), Disorder> {
        if series == self.series && self.block.last().is_some_and(|last| *last >= time) {
            return Err(Disorder);
        }
        if self.block.len() == BLOCK_ROWS || series != self.series {
            self.end_block();
            self.series = series;
        }
        self.block.push(time);
        self.rows += 1;
        Ok(())
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    fn end_block(&mut self) {
        let Some(first_time) = self.block.first().copied() else {
            return;
        };
        self.entries.push(Entry {
            series: self.series,
            first_time,
            first_row: self.rows - self.block.len() as u32,
            times: self.times.len() as u32,
        });
        put_varint(&mut self.times, self.block.len() as u64 - 1);
        let steps = self
            .block
            .windows(2)
            .map(|pair| pair[1].wrapping_sub(pair[0]) as u64);
        let mut run = (0, 0);
        for step in steps {
            if step == run.0 {
                run.1 += 1;
                continue;
            }
            put_run(&mut self.times, run);
            run = (step, 1);
        }
        put_run(&mut self.times, run);
        self.block.clear();
    }

    /// The bytes of the index.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.end_block();
        self.entries
            .sort_unstable_by_key(|entry| (entry.series, entry.first_time));
        let mut bytes = Vec::with_capacity(
            HEADER_LEN + self.entries.len() * ENTRY_LEN + self.times.len() + CRC_LEN,
        );
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(self.entries.len() as u32).to_le_bytes());
        for entry in &self.entries {
            bytes.extend_from_slice(&entry.series.to_le_bytes());
            bytes.extend_from_slice(&entry.first_time.to_le_bytes());
            bytes.extend_from_slice(&entry.first_row.to_le_bytes());
            bytes.extend_from_slice(&entry.times.to_le_bytes());
        }
        bytes.extend_from_slice(&self.times);
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }
}

fn put_run(out: &mut Vec<u8>, (step, repeat): (u64, u64)) {
    if repeat > 0 {
        put_varint(out, step);
        put_varint(out, repeat);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
        #[test]
        fn every_row_is_found_and_nothing_else(
            rows in proptest::collection::btree_set((0u128..4, -300i64..300), 0..600),
            step in prop_oneof![Just(1i64), Just(60_000_000_000), Just(i64::MAX / 300)],
        ) {
            let mut builder = IdentityIndexBuilder::default();
            let mut expected = BTreeMap::new();
            for (row, (series, slot)) in rows.iter().enumerate() {
                builder.push(*series, slot * step).unwrap();
                expected.insert((*series, slot * step), row as u32);
            }
            let index = IdentityIndex::parse(builder.finish().into()).unwrap();
            for series in 0..5 {
                for slot in -301i64..=301 {
                    for time in [slot.saturating_mul(step), slot.saturating_mul(step).saturating_add(1)] {
                        let found = index.find(series, time).unwrap();
                        prop_assert_eq!(found, expected.get(&(series, time)).copied());
                    }
                }
            }
        }
    }

    #[test]
    fn regular_series_are_small() {
        let mut builder = IdentityIndexBuilder::default();
        for series in 0..100 {
            for minute in 0..60 {
                builder.push(series, minute * 60_000_000_000).unwrap();
            }
        }
        assert!(builder.finish().len() < 100 * 45);
    }

    #[test]
    fn rows_that_do_not_ascend_are_refused() {
        let mut builder = IdentityIndexBuilder::default();
        builder.push(7, 5).unwrap();
        for time in [5, 4] {
            builder.push(7, time).unwrap_err();
        }
        builder.push(8, 4).unwrap();
        assert_eq!(builder.rows(), 2);
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let mut builder = IdentityIndexBuilder::default();
        builder.push(7, 1).unwrap();
        let mut bytes = builder.finish();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            assert!(
                IdentityIndex::parse(bytes.clone().into()).is_err(),
                "byte {at}"
            );
            bytes[at] ^= 1;
        }
        assert!(IdentityIndex::parse(bytes.into()).is_ok());
    }
}
