//! What shows that the catalog is the one that was last written, and whole.
//!
//! redb keeps sums of its pages, but looks at them after a crash only, and then takes the change
//! before the last for a page that is not sound. So every change has a number and a sum over all
//! that is in the catalog, and the number is noted once more in a file of its own: a catalog that
//! lost something has another sum, one that went back has too low a number.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Key, ReadableTable, Value};
use sha2::{Digest, Sha256};

use super::DiskError;
use crate::error::OpenError;
use crate::files::{At, FileError, FileLayer, OpenHow, read_all};

/// Adds up what is in the catalog.
pub(super) struct Sum(Sha256);

impl Sum {
    /// Begins with the number of the change.
    pub(super) fn of_change(number: u64) -> Sum {
        Sum(Sha256::new_with_prefix(number.to_le_bytes()))
    }

    /// Adds all keys and values of a table.
    pub(super) fn add<K: Key + 'static, V: Value + 'static>(
        &mut self,
        table: &impl ReadableTable<K, V>,
    ) -> Result<(), DiskError> {
        self.add_bytes(&table.len()?.to_le_bytes());
        for entry in table.iter()? {
            let (key, value) = entry?;
            self.add_bytes(K::as_bytes(&key.value()).as_ref());
            self.add_bytes(V::as_bytes(&value.value()).as_ref());
        }
        Ok(())
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// The first eight bytes of the SHA-256.
    pub(super) fn finish(self) -> u64 {
        let hash: [u8; 32] = self.0.finalize().into();
        let (first, _) = hash.split_first_chunk().expect("a hash has 32 bytes");
        u64::from_le_bytes(*first)
    }
}

/// Name of the file that has the number of the last change.
pub(crate) const MARK: &str = "catalog.mark";

/// The file that has the number of the last change.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) files: Arc<dyn FileLayer>,
    folder: PathBuf,
    path: PathBuf,
}

impl Mark {
    pub(super) fn new(files: Arc<dyn FileLayer>, folder: &Path) -> Mark {
        Mark {
            files,
            folder: folder.to_owned(),
            path: folder.join(MARK),
        }
    }

    /// The number in the file; `None` when there is no such file.
    pub(super) fn read(&self) -> Result<Option<u64>, OpenError> {
        let names = self.files.list(&self.folder).at("list", &self.folder)?;
        if !names.iter().any(|name| name == MARK) {
            return Ok(None);
        }
        let bytes = read_all(self.files.as_ref(), &self.path).at("read", &self.path)?;
        let number = bytes.split_first_chunk::<8>().filter(|(number, sum)| {
            crc32c::crc32c(number.as_slice()).to_le_bytes().as_slice() == *sum
        });
        match number {
            Some((number, _)) => Ok(Some(u64::from_le_bytes(*number))),
            None => Err(OpenError::Damaged {
                file: self.path.clone(),
                offset: 0,
                what: "its checksum does not match".to_owned(),
            }),
        }
    }

    /// Notes the number of a change that is on disk, durably.
    pub(super) fn write(&self, number: u64) -> Result<(), FileError> {
        let draft = self.folder.join("catalog.mark.tmp");
        let files = self.files.as_ref();
        let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
        let number = number.to_le_bytes();
        let sum = crc32c::crc32c(&number).to_le_bytes();
        let bytes = [number.as_slice(), &sum].concat();
        handle.write_at(0, &bytes).at("write", &draft)?;
        handle.sync().at("sync", &draft)?;
        files.rename(&draft, &self.path).at("rename", &draft)?;
        files.sync_dir(&self.folder).at("sync", &self.folder)
    }

    /// Compares the number of the catalog with the one that was noted.
    pub(super) fn compare(&self, number: u64, noted: Option<u64>) -> Result<(), OpenError> {
        // The number is noted after the change; before the first there is nothing to lose.
        let what = match noted {
            Some(noted) if noted <= number => return Ok(()),
            None if number <= 1 => return Ok(()),
            Some(noted) => {
                format!("the catalog is at change {number}, this says that {noted} were made")
            }
            None => format!("it is missing, and the catalog is at change {number}"),
        };
        Err(OpenError::Damaged {
            file: self.path.clone(),
            offset: 0,
            what,
        })
    }
}
