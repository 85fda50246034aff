//! The catalog of a folder, changed from outside by what `docs/file-format.md` says of it.

use std::fs;
use std::path::Path;

use redb::{Database, Key, ReadableDatabase, ReadableTable, TableDefinition, Value};
use sha2::{Digest, Sha256};

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const DATABASES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("databases");
const TABLES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("tables");
const COLUMNS: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("columns");
const MEASURES: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("measures");
const PARTITIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("partitions");
const SEAL: TableDefinition<'_, &str, u64> = TableDefinition::new("seal");

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where the tail of a file begins.
pub(super) fn tail(folder: &Path, number: u64) -> usize {
    let read = || -> Result<usize> {
        let catalog = Database::open(folder.join("catalog.redb"))?;
        let partitions = catalog.begin_read()?.open_table(PARTITIONS)?;
        let value = partitions.get(number)?.ok_or("no such file")?;
        let (_, end) = split(value.value());
        let (_bytes, rest) = varint(end);
        Ok(usize::try_from(varint(rest).0)?)
    };
    read().expect("the catalog of the folder can be read")
}

/// Says of a file that it has another length, and another sum of its tail.
pub(super) fn reseal(folder: &Path, number: u64, bytes: usize, tail: usize, sum: u32) {
    let write = || -> Result<u64> {
        let catalog = Database::open(folder.join("catalog.redb"))?;
        let change = catalog.begin_write()?;
        let mut hash;
        let count;
        {
            let mut partitions = change.open_table(PARTITIONS)?;
            let old = partitions
                .get(number)?
                .ok_or("no such file")?
                .value()
                .to_vec();
            let mut value = split(&old).0.to_vec();
            for part in [bytes as u64, tail as u64, u64::from(sum)] {
                put_varint(&mut value, part);
            }
            partitions.insert(number, value.as_slice())?;

            let mut seal = change.open_table(SEAL)?;
            count = seal.get("change")?.ok_or("no number of a change")?.value() + 1;
            hash = Sha256::new_with_prefix(count.to_le_bytes());
            add(&mut hash, &change.open_table(META)?)?;
            add(&mut hash, &change.open_table(DATABASES)?)?;
            add(&mut hash, &change.open_table(TABLES)?)?;
            add(&mut hash, &change.open_table(COLUMNS)?)?;
            add(&mut hash, &change.open_table(MEASURES)?)?;
            add(&mut hash, &partitions)?;
            let hash: [u8; 32] = hash.finalize().into();
            let (first, _) = hash.split_first_chunk().ok_or("a hash has 32 bytes")?;
            seal.insert("change", count)?;
            seal.insert("sum", u64::from_le_bytes(*first))?;
        }
        change.commit()?;
        Ok(count)
    };
    let count = write()
        .expect("the catalog of the folder can be changed")
        .to_le_bytes();
    let mark = [count.as_slice(), &crc32c::crc32c(&count).to_le_bytes()].concat();
    fs::write(folder.join("catalog.mark"), mark).expect("the folder is ours");
}

fn add<K: Key + 'static, V: Value + 'static>(
    hash: &mut Sha256,
    table: &impl ReadableTable<K, V>,
) -> Result<()> {
    add_bytes(hash, &table.len()?.to_le_bytes());
    for entry in table.iter()? {
        let (key, value) = entry?;
        add_bytes(hash, K::as_bytes(&key.value()).as_ref());
        add_bytes(hash, V::as_bytes(&value.value()).as_ref());
    }
    Ok(())
}

fn add_bytes(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// The entry of a file: what comes before its length, and its length, tail and sum.
fn split(value: &[u8]) -> (&[u8], &[u8]) {
    let after = |at: usize| value.len() - varint(&value[at..]).1.len();
    let table = after(1); // behind the version
    let rows = after(table + 1 + 8); // behind the kind of the span and its number
    value.split_at(rows + 8 + 8) // behind the first and the last time
}

fn varint(bytes: &[u8]) -> (u64, &[u8]) {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (value, &bytes[at + 1..]);
        }
    }
    (value, &[])
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
