//! Which rows of a file no longer count, kept beside a file that cannot be written anew.
//!
//! A file with replaced rows is written anew by the next flush, so that nobody need remember them.
//! One that cannot be read stays as it is, and then its replaced rows have to be known after a
//! restart, when the rows in their place are in other files. `docs/file-format.md` describes it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::codec::{Reader, put_varint};
use crate::error::OpenError;
use crate::files::{At, FileError, FileLayer, OpenHow, read_all};

/// What the name of such a file ends with, after that of the file with the rows.
pub(crate) const ENDING: &str = ".replaced";

/// The file beside the one at `path`.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ENDING);
    PathBuf::from(name)
}

/// Writes the numbers of the replaced rows of the file at `path`; durable when it returns.
pub(crate) fn write(
    files: &dyn FileLayer,
    path: &Path,
    rows: &BTreeSet<u32>,
) -> Result<(), FileError> {
    let mut bytes = Vec::new();
    put_varint(&mut bytes, rows.len() as u64);
    let mut next = 0;
    for row in rows {
        put_varint(&mut bytes, u64::from(row - next));
        next = row + 1;
    }
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    let target = beside(path);
    let mut draft = target.clone().into_os_string();
    draft.push(".tmp");
    let draft = PathBuf::from(draft);
    let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
    handle.write_at(0, &bytes).at("write", &draft)?;
    handle.sync().at("sync", &draft)?;
    files.rename(&draft, &target).at("rename", &draft)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    files.sync_dir(folder).at("sync", folder)
}

/// Reads the file beside the one at `path`, which must be there.
pub(crate) fn read(files: &dyn FileLayer, path: &Path) -> Result<BTreeSet<u32>, OpenError> {
    let path = beside(path);
    let bytes = read_all(files, &path).at("read", &path)?;
    let sound = bytes.split_last_chunk::<4>().filter(|(numbers, sum)| {
        let expected = crc32c::crc32c(numbers).to_le_bytes();
        **sum == expected
    });
    let rows = sound.and_then(|(numbers, _)| parse(numbers));
    rows.ok_or_else(|| OpenError::Damaged {
        file: path,
        offset: 0,
        what: "the checksum does not match".to_owned(),
    })
}

fn parse(numbers: &[u8]) -> Option<BTreeSet<u32>> {
    let mut reader = Reader::new(numbers);
    let mut rows = BTreeSet::new();
    let mut next = 0_u32;
    for _ in 0..reader.count().ok()? {
        let row = next.checked_add(reader.varint_u32().ok()?)?;
        rows.insert(row);
        next = row.checked_add(1)?;
    }
    reader.is_empty().then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::simulated::SimulatedFiles;

    #[test]
    fn rows_come_back_and_a_flipped_bit_is_named() {
        let files = SimulatedFiles::default();
        let folder = Path::new("/store");
        files.create_dir(folder).unwrap();
        let path = folder.join("a.parquet");
        for rows in [vec![], vec![0], vec![0, 1, 7, 4_000_000_000]] {
            let rows = BTreeSet::from_iter(rows);
            write(&files, &path, &rows).unwrap();
            assert_eq!(read(&files, &path).unwrap(), rows);
        }
        let name = beside(&path);
        let whole = files.bytes(&name);
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            files.overwrite(&name, bytes);
            let error = read(&files, &path).unwrap_err().to_string();
            assert!(error.contains("a.parquet.replaced"), "{error}");
        }
    }
}
