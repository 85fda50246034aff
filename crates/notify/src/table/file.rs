//! The table of incidents as files in a folder: one for each item, replaced as a whole.
//!
//! A file is called by the SHA-256 of its key, because keys may hold any character. It begins with
//! a line of JSON, `{"v":1,"key":..,"version":..,"expires":..}`, and the item's text follows.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tidewatch_domain::Timestamp;

use super::{IncidentTable, Item, TableError};
use crate::instant;

/// A table in a folder of this machine, for one process.
#[derive(Clone, Debug)]
pub struct FileTable {
    folder: Arc<PathBuf>,
    /// Changes happen one after another: comparing the version and replacing the file are one.
    changing: Arc<Mutex<()>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    v: u32,
    key: String,
    version: u64,
    #[serde(with = "instant")]
    expires: Timestamp,
}

impl FileTable {
    /// Opens the table, creates the folder where it is missing, and removes what has expired.
    pub fn open(folder: &Path, now: Timestamp) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for found in fs::read_dir(folder)? {
            let path = found?.path();
            let expired = match path.extension().and_then(|extension| extension.to_str()) {
                Some("part") => true,
                Some("item") => read(&path)?.is_some_and(|(head, _)| head.expires < now),
                _ => false,
            };
            if expired {
                fs::remove_file(&path)?;
            }
        }
        Ok(FileTable {
            folder: Arc::new(folder.to_owned()),
            changing: Arc::new(Mutex::new(())),
        })
    }

    fn path(&self, key: &str) -> PathBuf {
        let name = HEXLOWER.encode(&Sha256::digest(key)[..16]);
        self.folder.join(format!("{name}.item"))
    }

    fn save_now(
        &self,
        key: &str,
        expected: u64,
        text: &str,
        expires: Timestamp,
    ) -> Result<(), TableError> {
        let path = self.path(key);
        let _changing = self.changing.lock();
        let found = read(&path).map_err(|error| failed(&path, &error))?;
        if found.map_or(0, |(head, _)| head.version) != expected {
            return Err(TableError::Conflict(key.to_owned()));
        }
        let head = Head {
            v: 1,
            key: key.to_owned(),
            version: expected + 1,
            expires,
        };
        let head = serde_json::to_string(&head).expect("a head is a map with text keys");
        let part = path.with_extension("part");
        File::create(&part)
            .and_then(|mut file| {
                file.write_all(format!("{head}\n{text}").as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&part, &path))
            .and_then(|()| File::open(self.folder.as_path())?.sync_all())
            .map_err(|error| failed(&path, &error))
    }
}

#[async_trait]
impl IncidentTable for FileTable {
    async fn load(&self, key: &str) -> Result<Option<Item>, TableError> {
        let path = self.path(key);
        let read = tokio::task::spawn_blocking({
            let path = path.clone();
            move || read(&path)
        });
        let found = read
            .await
            .map_err(|error| TableError::Failed(error.to_string()))?
            .map_err(|error| failed(&path, &error))?;
        Ok(found.map(|(head, text)| Item {
            version: head.version,
            text,
        }))
    }

    async fn save(
        &self,
        key: &str,
        expected: u64,
        text: &str,
        expires: Timestamp,
    ) -> Result<(), TableError> {
        let table = self.clone();
        let (key, text) = (key.to_owned(), text.to_owned());
        tokio::task::spawn_blocking(move || table.save_now(&key, expected, &text, expires))
            .await
            .map_err(|error| TableError::Failed(error.to_string()))?
    }
}

fn read(path: &Path) -> io::Result<Option<(Head, String)>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let (head, text) = text
        .split_once('\n')
        .ok_or_else(|| io::Error::other("the file has no first line; remove it"))?;
    let head: Head = serde_json::from_str(head).map_err(io::Error::other)?;
    Ok(Some((head, text.to_owned())))
}

fn failed(path: &Path, error: &io::Error) -> TableError {
    TableError::Failed(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path, now: i64) -> FileTable {
        FileTable::open(folder, Timestamp::from_secs(now)).unwrap()
    }

    #[tokio::test]
    async fn an_item_is_changed_only_by_who_read_it_last() {
        let folder = tempfile::tempdir().unwrap();
        let table = open(folder.path(), 0);
        let expires = Timestamp::from_secs(1_000);
        assert_eq!(table.load("acme/shop").await, Ok(None));
        table
            .save("acme/shop", 0, "one\nline", expires)
            .await
            .unwrap();
        let conflict = TableError::Conflict("acme/shop".to_owned());
        assert_eq!(
            table.save("acme/shop", 0, "two", expires).await,
            Err(conflict)
        );
        let item = table.load("acme/shop").await.unwrap().unwrap();
        assert_eq!((item.version, item.text.as_str()), (1, "one\nline"));
        table.save("acme/shop", 1, "two", expires).await.unwrap();
        drop(table);
        let item = open(folder.path(), 0).load("acme/shop").await.unwrap();
        assert_eq!(item.map(|item| item.version), Some(2));
    }

    #[tokio::test]
    async fn what_expired_is_removed_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let table = open(folder.path(), 0);
        for (key, expires) in [("old", 10), ("new", 1_000)] {
            let expires = Timestamp::from_secs(expires);
            table.save(key, 0, "", expires).await.unwrap();
        }
        let table = open(folder.path(), 500);
        assert_eq!(table.load("old").await, Ok(None));
        assert!(table.load("new").await.unwrap().is_some());
    }
}
