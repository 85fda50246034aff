//! What the API keeps besides rows: tags and account settings, in one redb file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

/// The file's name in the data folder.
const FILE: &str = "bridge.redb";
/// (resource path, key) to value.
const TAGS: TableDefinition<(&str, &str), &str> = TableDefinition::new("tags");
/// Name to value.
const ACCOUNT: TableDefinition<&str, &str> = TableDefinition::new("account");

/// The file with tags and account settings failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", file.display())]
pub struct StateError {
    action: &'static str,
    file: PathBuf,
    source: Box<redb::Error>,
}

/// The open file. Its methods block on the disk for a moment.
#[derive(Clone, Debug)]
pub(crate) struct State {
    database: Arc<Database>,
    file: PathBuf,
}

impl State {
    /// Opens the file in `folder`, or creates it.
    pub(crate) fn open(folder: &Path) -> Result<State, StateError> {
        let file = folder.join(FILE);
        let open = || {
            let database = Database::create(&file)?;
            let transaction = database.begin_write()?;
            transaction.open_table(TAGS)?;
            transaction.open_table(ACCOUNT)?;
            transaction.commit()?;
            Ok(database)
        };
        match open() {
            Ok(database) => Ok(State {
                database: Arc::new(database),
                file,
            }),
            Err(source) => Err(StateError {
                action: "open",
                file,
                source: Box::new(source),
            }),
        }
    }

    /// Copies everything into a file of the same name in another folder.
    pub(crate) fn copy_into(&self, folder: &Path) -> Result<(), StateError> {
        let copy = State::open(folder)?;
        self.explained("copy", || {
            let read = self.database.begin_read()?;
            let write = copy.database.begin_write()?;
            {
                let mut tags = write.open_table(TAGS)?;
                for entry in read.open_table(TAGS)?.iter()? {
                    let (key, value) = entry?;
                    tags.insert(key.value(), value.value())?;
                }
                let mut account = write.open_table(ACCOUNT)?;
                for entry in read.open_table(ACCOUNT)?.iter()? {
                    let (key, value) = entry?;
                    account.insert(key.value(), value.value())?;
                }
            }
            write.commit()?;
            Ok(())
        })
    }

    /// The tags of a resource, sorted by key.
    pub(crate) fn tags(&self, resource: &str) -> Result<Vec<(String, String)>, StateError> {
        self.explained("read", || {
            let table = self.database.begin_read()?.open_table(TAGS)?;
            let mut tags = Vec::new();
            for entry in table.range((resource, "")..)? {
                let (key, value) = entry?;
                let (owner, key) = key.value();
                if owner != resource {
                    break;
                }
                tags.push((key.to_owned(), value.value().to_owned()));
            }
            Ok(tags)
        })
    }

    /// Sets tags of a resource and keeps its others.
    pub(crate) fn set_tags(
        &self,
        resource: &str,
        tags: &[(String, String)],
    ) -> Result<(), StateError> {
        self.change(|transaction| {
            let mut table = transaction.open_table(TAGS)?;
            for (key, value) in tags {
                table.insert((resource, key.as_str()), value.as_str())?;
            }
            Ok(())
        })
    }

    /// Removes tags of a resource; absent ones are no error.
    pub(crate) fn remove_tags(&self, resource: &str, keys: &[String]) -> Result<(), StateError> {
        self.change(|transaction| {
            let mut table = transaction.open_table(TAGS)?;
            for key in keys {
                table.remove((resource, key.as_str()))?;
            }
            Ok(())
        })
    }

    /// Leaves a resource with exactly these tags.
    pub(crate) fn replace_tags(
        &self,
        resource: &str,
        tags: &[(String, String)],
    ) -> Result<(), StateError> {
        let stale: Vec<String> = self
            .tags(resource)?
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        if stale.is_empty() && tags.is_empty() {
            return Ok(());
        }
        self.change(|transaction| {
            let mut table = transaction.open_table(TAGS)?;
            for key in &stale {
                table.remove((resource, key.as_str()))?;
            }
            for (key, value) in tags {
                table.insert((resource, key.as_str()), value.as_str())?;
            }
            Ok(())
        })
    }

    /// An account setting, if it was ever set.
    pub(crate) fn account_setting(&self, name: &str) -> Result<Option<String>, StateError> {
        self.explained("read", || {
            let table = self.database.begin_read()?.open_table(ACCOUNT)?;
            Ok(table.get(name)?.map(|value| value.value().to_owned()))
        })
    }

    /// Sets account settings.
    pub(crate) fn set_account_settings(
        &self,
        settings: &[(&str, String)],
    ) -> Result<(), StateError> {
        self.change(|transaction| {
            let mut table = transaction.open_table(ACCOUNT)?;
            for (name, value) in settings {
                table.insert(name, value.as_str())?;
            }
            Ok(())
        })
    }

    /// Durable when it returns.
    fn change(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<(), StateError> {
        self.explained("change", || {
            let transaction = self.database.begin_write()?;
            work(&transaction)?;
            transaction.commit()?;
            Ok(())
        })
    }

    fn explained<T>(
        &self,
        action: &'static str,
        work: impl FnOnce() -> Result<T, redb::Error>,
    ) -> Result<T, StateError> {
        work().map_err(|source| StateError {
            action,
            file: self.file.clone(),
            source: Box::new(source),
        })
    }
}
