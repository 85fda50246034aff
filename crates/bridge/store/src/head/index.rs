//! Finding the row of an identity.

use hashbrown::HashTable;

use super::RowAt;

/// Numbers for series, valid within one head.
#[derive(Debug, Default)]
pub(super) struct SeriesTable {
    hashes: Vec<u128>,
    numbers: HashTable<u32>,
}

impl SeriesTable {
    pub(super) fn find(&self, hash: u128) -> Option<u32> {
        let hashes = &self.hashes;
        self.numbers
            .find(hash as u64, |number| hashes[*number as usize] == hash)
            .copied()
    }

    pub(super) fn intern(&mut self, hash: u128) -> u32 {
        if let Some(number) = self.find(hash) {
            return number;
        }
        let number = self.hashes.len() as u32;
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.numbers.insert_unique(hash as u64, number, |number| {
            hashes[*number as usize] as u64
        });
        number
    }
}

/// From series and time to the newest row.
#[derive(Debug, Default)]
pub(super) struct RowIndex {
    entries: HashTable<Entry>,
}

#[derive(Debug)]
struct Entry {
    time: i64,
    series: u32,
    at: RowAt,
}

impl RowIndex {
    pub(super) fn find(&self, series: u32, time: i64) -> Option<RowAt> {
        self.entries
            .find(mix(series, time), |entry| entry.is(series, time))
            .map(|entry| entry.at)
    }

    pub(super) fn insert(&mut self, series: u32, time: i64, at: RowAt) {
        let hash = mix(series, time);
        if let Some(entry) = self.entries.find_mut(hash, |entry| entry.is(series, time)) {
            entry.at = at;
            return;
        }
        let entry = Entry { time, series, at };
        self.entries
            .insert_unique(hash, entry, |entry| mix(entry.series, entry.time));
    }
}

impl Entry {
    fn is(&self, series: u32, time: i64) -> bool {
        self.series == series && self.time == time
    }
}

/// Times are multiples of round numbers and series are small: every bit has to count.
fn mix(series: u32, time: i64) -> u64 {
    let a = (time as u64) ^ 0x9e37_79b9_7f4a_7c15;
    let b = (u64::from(series) << 1 | 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let product = u128::from(a).wrapping_mul(u128::from(b));
    let folded = (product as u64) ^ ((product >> 64) as u64);
    (folded ^ (folded >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb)
}
