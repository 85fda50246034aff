//! The Watchdog always fires; each time that it arrives, alerting has worked from end to end.
//! Nobody is told. What is told, by somebody else, is its absence.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tidewatch_domain::Timestamp;

use crate::instant;

/// Takes signs of life of alerting.
pub trait Heartbeat: Send + Sync {
    /// The Watchdog arrived at `received`.
    fn beat(&self, received: Timestamp);
}

/// Keeps the time of the last sign of life in a file: one line, RFC 3339.
#[derive(Clone, Debug)]
pub struct LastSeen {
    path: PathBuf,
}

impl LastSeen {
    /// Keeps it in `path`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        LastSeen { path: path.into() }
    }

    /// When the Watchdog was last seen; `None` where it never was.
    pub fn last(path: &Path) -> io::Result<Option<Timestamp>> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(instant::parse(text.trim())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&self, received: Timestamp) -> io::Result<()> {
        let part = self.path.with_extension("part");
        let mut file = File::create(&part)?;
        writeln!(file, "{}", instant::format(received))?;
        fs::rename(&part, &self.path)
    }
}

impl Heartbeat for LastSeen {
    fn beat(&self, received: Timestamp) {
        if let Err(error) = self.write(received) {
            tracing::error!(
                path = %self.path.display(),
                %error,
                "the time of the last heartbeat cannot be written"
            );
        }
    }
}

/// For those who count heartbeats elsewhere.
impl<F: Fn(Timestamp) + Send + Sync> Heartbeat for F {
    fn beat(&self, received: Timestamp) {
        self(received);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sign_of_life_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heartbeat");
        assert_eq!(LastSeen::last(&path).unwrap(), None);
        for seconds in [5, 7] {
            LastSeen::at(&path).beat(Timestamp::from_secs(seconds));
        }
        assert_eq!(
            LastSeen::last(&path).unwrap(),
            Some(Timestamp::from_secs(7))
        );
    }
}
