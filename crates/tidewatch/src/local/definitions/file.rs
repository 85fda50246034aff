//! A definitions file.

use std::path::PathBuf;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tidewatch_definitions::{Format, Mode};
use tokio::sync::mpsc;

use super::{LastGood, LoadError, Loaded};

/// How long a file must be quiet before it is read again: editors write in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// A definitions file and the last good version of each of its entries.
#[derive(Debug)]
pub(crate) struct DefinitionsFile {
    path: PathBuf,
    format: Format,
    /// What was read last; empty before.
    text: String,
    last_good: LastGood,
}

impl DefinitionsFile {
    /// A file by its path; the ending tells the format.
    pub(super) fn new(path: PathBuf) -> Result<Self, LoadError> {
        let Some(format) = Format::of_path(&path.to_string_lossy()) else {
            return Err(LoadError {
                message: format!(
                    "definitions {} are in no known format; name the file .json, .yaml or .yml",
                    path.display()
                ),
            });
        };
        Ok(DefinitionsFile {
            path,
            format,
            text: String::new(),
            last_good: LastGood::default(),
        })
    }

    /// Reads the file.
    pub(super) fn load(&mut self) -> Result<Loaded, LoadError> {
        self.text = self.content()?;
        Ok(self.understood())
    }

    /// Reads the file again; `None` where it says what it said before. Editors touch a file more
    /// often than they change it.
    fn load_if_changed(&mut self) -> Result<Option<Loaded>, LoadError> {
        let text = self.content()?;
        if text == self.text {
            return Ok(None);
        }
        self.text = text;
        Ok(Some(self.understood()))
    }

    fn content(&self) -> Result<String, LoadError> {
        std::fs::read_to_string(&self.path).map_err(|error| LoadError {
            message: format!(
                "definitions {} cannot be read: {error}; name the file with --definitions",
                self.path.display()
            ),
        })
    }

    /// The monitors of the text.
    fn understood(&mut self) -> Loaded {
        let file = self.path.display().to_string();
        let read = tidewatch_definitions::read(&self.text, &file, self.format, Mode::Local);
        self.last_good.take(read)
    }

    /// Watches the file and sends what it says whenever its content changes.
    ///
    /// The watcher ends with the receiver. Where the system cannot watch files, that is said once
    /// and the file is not read again.
    pub(super) fn watch(self) -> mpsc::Receiver<Loaded> {
        let mut file = self;
        let (updates, receiver) = mpsc::channel(1);
        let (events, mut changed) = mpsc::unbounded_channel();
        let name = file.path.file_name().map(ToOwned::to_owned);
        let handler = move |event: notify::Result<notify::Event>| {
            let concerns_us = event.is_ok_and(|event| {
                !event.kind.is_access()
                    && event
                        .paths
                        .iter()
                        .any(|path| path.file_name() == name.as_deref())
            });
            if concerns_us {
                // The receiving task is gone only while the program ends.
                let _ = events.send(());
            }
        };
        // The folder is watched, not the file: editors replace files by renaming.
        let folder = match file.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let watcher =
            RecommendedWatcher::new(handler, notify::Config::default()).and_then(|mut watcher| {
                watcher.watch(&folder, RecursiveMode::NonRecursive)?;
                Ok(watcher)
            });
        let watcher = match watcher {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(
                    "{} is not watched, edits take effect after a restart: {error}",
                    file.path.display()
                );
                return receiver;
            }
        };
        tokio::spawn(async move {
            let _watcher = watcher;
            while changed.recv().await.is_some() {
                while tokio::time::timeout(QUIET, changed.recv())
                    .await
                    .is_ok_and(|event| event.is_some())
                {}
                // Thousands of entries take a while: not on a thread that runs probes.
                let reading = tokio::task::spawn_blocking(move || {
                    let loaded = file.load_if_changed();
                    (file, loaded)
                });
                let Ok((read, loaded)) = reading.await else {
                    tracing::error!("reading the definitions panicked; the monitors run as before");
                    return;
                };
                file = read;
                match loaded {
                    Ok(None) => {}
                    Ok(Some(loaded)) => {
                        if updates.send(loaded).await.is_err() {
                            return;
                        }
                    }
                    Err(error) => tracing::warn!("{error}; the monitors run as before"),
                }
            }
        });
        receiver
    }
}

#[cfg(test)]
mod tests;
