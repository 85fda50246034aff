//! A queue in a folder.
//!
//! ```text
//! waiting/000001795330800123-00-<id>-<nonce>.json     due (ms), failed attempts, payload's hash
//! waiting/.<the same>.part                            being written; removed at the next start
//! dead/<the same>.json  dead/<the same>.reason.txt    given up, with the reason
//! ```
//!
//! An entry is written to a `.part` file, synced, renamed, and the folder synced: whoever was told
//! that it is taken finds it after `kill -9` and after power loss. Taking out is not synced: an
//! entry that comes back after a crash is a repeat, which the consumer recognises. Everything that
//! changes about an entry is in its name, so that it changes by one rename.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;
use tokio::sync::Notify;

use super::{AlertQueue, QueueError};
use crate::causes::with_causes;
use crate::envelope::Envelope;

/// A queue in a folder of this machine. One process may have it open.
#[derive(Debug)]
pub struct FolderQueue {
    waiting: PathBuf,
    dead: PathBuf,
    clock: Arc<dyn Clock>,
    /// Tells entries of the same instant and payload apart.
    nonce: AtomicU64,
    /// Rings when something was put in.
    arrival: Notify,
    /// Held while the queue is open.
    _lock: File,
}

/// An envelope with its place in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    name: Name,
    /// The envelope.
    pub envelope: Envelope,
}

impl Entry {
    /// How often it was handed out in vain.
    pub fn attempts(&self) -> u32 {
        self.name.attempts
    }
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Somebody else has it.
    #[error("the alert queue {0} is in use by another process; stop it, or choose another folder")]
    InUse(PathBuf),
    /// The operating system said no.
    #[error("the alert queue {path} cannot be used")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl FolderQueue {
    /// Opens the queue, and creates the folder where it is missing.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, FolderError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Io { path, source }
        };
        let waiting = folder.join("waiting");
        let dead = folder.join("dead");
        for each in [&waiting, &dead] {
            fs::create_dir_all(each).map_err(io(each))?;
        }
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path).map_err(io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(FolderError::InUse(folder.to_owned())),
            Err(fs::TryLockError::Error(source)) => return Err(io(&lock_path)(source)),
        }
        for found in fs::read_dir(&waiting).map_err(io(&waiting))? {
            let path = found.map_err(io(&waiting))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "part")
            {
                fs::remove_file(&path).map_err(io(&path))?;
            }
        }
        sync_folder(&waiting).map_err(io(&waiting))?;
        sync_folder(folder).map_err(io(folder))?;
        let nonce = AtomicU64::new(u64::try_from(clock.now().as_nanos()).unwrap_or(0));
        Ok(FolderQueue {
            waiting,
            dead,
            clock,
            nonce,
            arrival: Notify::new(),
            _lock: lock,
        })
    }

    /// Rings when something was put in since the last time somebody waited here.
    pub async fn arrival(&self) {
        self.arrival.notified().await;
    }

    /// The entries that are due, the oldest first, at most `most`; and when the next one is due.
    ///
    /// What cannot be read goes to the dead letters with the reason.
    pub fn due(&self, most: usize) -> Result<(Vec<Entry>, Option<Timestamp>), FolderError> {
        let now = self.clock.now();
        let mut names = self.names()?;
        names.sort_unstable();
        let mut entries = Vec::new();
        for name in names {
            if name.due > now || entries.len() == most {
                return Ok((entries, Some(name.due)));
            }
            let path = self.waiting.join(name.to_text());
            let read = fs::read(&path)
                .map_err(|error| error.to_string())
                .and_then(|bytes| Envelope::read(&bytes).map_err(|error| with_causes(&error)));
            match read {
                Ok(envelope) => entries.push(Entry { name, envelope }),
                Err(reason) => self.bury(&name, &reason)?,
            }
        }
        Ok((entries, None))
    }

    /// How many entries wait, due or not.
    pub fn depth(&self) -> Result<usize, FolderError> {
        Ok(self.names()?.len())
    }

    /// Takes an entry out: it is done.
    pub fn done(&self, entry: &Entry) -> Result<(), FolderError> {
        let path = self.waiting.join(entry.name.to_text());
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(FolderError::Io { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Puts an entry back, to come out again after `delay`, one failed attempt older.
    pub fn retry(&self, entry: &Entry, delay: Duration) -> Result<(), FolderError> {
        let later = Name {
            due: self.clock.now().plus(delay),
            attempts: entry.name.attempts + 1,
            rest: entry.name.rest.clone(),
        };
        let path = self.waiting.join(entry.name.to_text());
        fs::rename(&path, self.waiting.join(later.to_text()))
            .map_err(|source| FolderError::Io { path, source })
    }

    /// Gives an entry up: it lies in `dead`, beside a file with the reason.
    pub fn give_up(&self, entry: &Entry, reason: &str) -> Result<(), FolderError> {
        self.bury(&entry.name, reason)
    }

    fn bury(&self, name: &Name, reason: &str) -> Result<(), FolderError> {
        let text = name.to_text();
        let note = self
            .dead
            .join(format!("{}.reason.txt", text.trim_end_matches(".json")));
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Io { path, source }
        };
        fs::write(&note, format!("{reason}\n")).map_err(io(&note))?;
        let path = self.waiting.join(&text);
        fs::rename(&path, self.dead.join(&text)).map_err(io(&path))?;
        sync_folder(&self.dead).map_err(io(&self.dead))
    }

    /// The names of the entries; other files are left alone.
    fn names(&self) -> Result<Vec<Name>, FolderError> {
        let io = |source| FolderError::Io {
            path: self.waiting.clone(),
            source,
        };
        let mut names = Vec::new();
        for found in fs::read_dir(&self.waiting).map_err(io)? {
            if let Some(name) = found.map_err(io)?.file_name().to_str().and_then(Name::read) {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let part = self.waiting.join(format!(".{name}.part"));
        let mut file = File::create_new(&part)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&part, self.waiting.join(name)));
        if written.is_err() {
            // The entry is refused; what is left of it would only take up room.
            let _ = fs::remove_file(&part);
        }
        written.and_then(|()| sync_folder(&self.waiting))
    }
}

#[async_trait]
impl AlertQueue for Arc<FolderQueue> {
    async fn put(&self, envelope: &Envelope, delay: Duration) -> Result<(), QueueError> {
        let nonce = self.nonce.fetch_add(1, Ordering::Relaxed);
        let name = Name {
            due: self.clock.now().plus(delay),
            attempts: 0,
            rest: format!("{}-{nonce:x}", envelope.id),
        };
        let text = envelope.to_json();
        let queue = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || queue.write(&name.to_text(), &text));
        match written.await {
            Ok(Ok(())) => {
                self.arrival.notify_one();
                Ok(())
            }
            Ok(Err(error)) => Err(QueueError(format!("{}: {error}", self.waiting.display()))),
            Err(error) => Err(QueueError(error.to_string())),
        }
    }
}

/// What an entry's file is called; ordered by the time when it is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    due: Timestamp,
    attempts: u32,
    rest: String,
}

impl Name {
    fn to_text(&self) -> String {
        format!(
            "{:018}-{:02}-{}.json",
            self.due.as_millis().max(0),
            self.attempts,
            self.rest
        )
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.strip_suffix(".json")?.splitn(3, '-');
        Some(Name {
            due: Timestamp::from_millis(parts.next()?.parse().ok()?),
            attempts: parts.next()?.parse().ok()?,
            rest: parts.next()?.to_owned(),
        })
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
