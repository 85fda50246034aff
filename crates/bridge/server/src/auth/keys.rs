//! The keys file.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_credential_types::Credentials;
use serde::Deserialize;

use super::key::{Action, Key};
use super::scope::Scope;

/// What the variables begin with that a keys file may name.
const VARIABLES: &str = "TIDEWATCH_SECRET_";
/// How short a secret may be.
const SHORTEST_SECRET: usize = 16;
/// Stands for all databases.
const ALL: &str = "*";

/// The keys of a server.
#[derive(Debug)]
pub struct Keys {
    by_id: HashMap<String, Arc<Key>>,
}

/// A keys file that cannot be used: which file, and all that is wrong with it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// It cannot be read.
    #[error("the keys file {} cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read it.
    #[error(
        "the keys file {} has mode {mode:03o}, so that other users of this machine may read its \
         secrets; run `chmod 600 {}`", file.display(), file.display()
    )]
    Exposed {
        /// The file.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not of the right form.
    #[error("the keys file {}: {}", file.display(), faults.join("; "))]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Everything that is wrong, each with its place.
        faults: Vec<String>,
    },
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    key: Vec<Entry>,
}

/// One `[[key]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    access_key_id: String,
    secret_access_key: String,
    actions: Vec<Action>,
    #[serde(default)]
    databases: Vec<String>,
    #[serde(default)]
    tables: Vec<String>,
}

impl Keys {
    /// Reads a keys file, which only its owner may be able to read. Secrets may stand in variables
    /// of the environment.
    pub fn load(file: &Path) -> Result<Keys, KeysError> {
        let text = read(file)?;
        Keys::parse(&text, |name| std::env::var(name).ok()).map_err(|faults| KeysError::Invalid {
            file: file.to_owned(),
            faults,
        })
    }

    /// Reads the text of a keys file. `variable` looks up the variables that it names. Fails with
    /// everything that is wrong.
    pub fn parse(
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Keys, Vec<String>> {
        // The message would quote the line, which may hold a secret.
        let document: Document = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            vec![format!("line {line}: {}", error.message())]
        })?;
        let mut faults = Vec::new();
        let mut names = BTreeSet::new();
        let mut by_id = HashMap::new();
        for entry in document.key {
            let mut fault = |text: String| faults.push(format!("key `{}`: {text}", entry.name));
            if !is_name(&entry.name) {
                fault("a name has 1 to 64 letters, digits and `_+=,.@-`".to_owned());
            }
            if !names.insert(entry.name.clone()) {
                fault("another key has this name; choose a new one".to_owned());
            }
            if !is_id(&entry.access_key_id) {
                fault(format!(
                    "`access_key_id` is `{}`; it has 4 to 128 letters, digits and `_`",
                    entry.access_key_id
                ));
            }
            let secret = match secret(&entry.secret_access_key, &variable) {
                Ok(secret) => secret,
                Err(text) => {
                    fault(text);
                    String::new()
                }
            };
            if entry.actions.is_empty() {
                fault("`actions` is empty; name read, write or admin".to_owned());
            }
            let scope = match scope(&entry.databases, &entry.tables) {
                Ok(scope) => scope,
                Err(text) => {
                    fault(text);
                    Scope::Everything
                }
            };
            let key = Key {
                credentials: Credentials::new(
                    entry.access_key_id.clone(),
                    secret,
                    None,
                    None,
                    "keys file",
                ),
                actions: entry.actions.iter().copied().collect(),
                scope,
                name: entry.name.clone(),
            };
            if by_id
                .insert(entry.access_key_id.clone(), Arc::new(key))
                .is_some()
            {
                fault(format!(
                    "another key has the `access_key_id` {}; choose a new one",
                    entry.access_key_id
                ));
            }
        }
        if by_id.is_empty() {
            faults.push("it has no key, so nobody could call; add a [[key]]".to_owned());
        }
        match faults.is_empty() {
            true => Ok(Keys { by_id }),
            false => Err(faults),
        }
    }

    /// The key of an access key id.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Key>> {
        self.by_id.get(id).cloned()
    }
}

/// The mode is asked of the open file, so that it is that of the text which is read.
fn read(file: &Path) -> Result<String, KeysError> {
    let unreadable = |source| KeysError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let mut opened = File::open(file).map_err(unreadable)?;
    let mode = opened.metadata().map_err(unreadable)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeysError::Exposed {
            file: file.to_owned(),
            mode,
        });
    }
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// The secret itself, or what the variable holds that it names.
fn secret(written: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let reference = written
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let (secret, place) = match reference {
        None => (written.to_owned(), "`secret_access_key`".to_owned()),
        Some(reference) => {
            let name = reference
                .strip_prefix("env:")
                .filter(|name| name.starts_with(VARIABLES))
                .ok_or_else(|| {
                    format!(
                        "`secret_access_key` is a reference that is not of the form ${{env:{VARIABLES}NAME}}"
                    )
                })?;
            let secret = variable(name).ok_or_else(|| {
                format!("the environment variable {name} is not set; set it before starting")
            })?;
            (secret, format!("the environment variable {name}"))
        }
    };
    if secret.len() < SHORTEST_SECRET {
        return Err(format!(
            "{place} has {} characters; a secret has {SHORTEST_SECRET} or more, as from \
             `openssl rand -hex 20`",
            secret.len()
        ));
    }
    Ok(secret)
}

fn scope(databases: &[String], tables: &[String]) -> Result<Scope, String> {
    if databases.iter().any(|name| name == ALL) {
        return match (databases.len(), tables.len()) {
            (1, 0) => Ok(Scope::Everything),
            _ => Err("`databases` has `*`, so no other database or table can be named".to_owned()),
        };
    }
    if databases.is_empty() && tables.is_empty() {
        return Err(
            "neither `databases` nor `tables` names anything; write databases = [\"*\"] for all"
                .to_owned(),
        );
    }
    let mut pairs = BTreeSet::new();
    for table in tables {
        match table.split_once('/') {
            Some((database, name)) if is_resource(database) && is_resource(name) => {
                pairs.insert((database.to_owned(), name.to_owned()));
            }
            _ => {
                return Err(format!(
                    "`tables` has `{table}`, which is not of the form DATABASE/TABLE"
                ));
            }
        }
    }
    if let Some(name) = databases.iter().find(|name| !is_resource(name)) {
        return Err(format!(
            "`databases` has `{name}`, which can be no database; a single table is written as \
             DATABASE/TABLE in `tables`"
        ));
    }
    Ok(Scope::Only {
        databases: databases.iter().cloned().collect(),
        tables: pairs,
    })
}

/// The names that users of AWS can have.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn is_id(id: &str) -> bool {
    (4..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The names that databases and tables can have.
fn is_resource(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

#[cfg(test)]
mod tests;
