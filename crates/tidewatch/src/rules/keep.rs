//! A small file that is replaced as a whole: what it said before, or what it says now, never a part.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tidewatch_domain::Timestamp;

/// A file that survives a crash at any moment.
#[derive(Clone, Debug)]
pub(crate) struct KeptFile {
    path: PathBuf,
}

impl KeptFile {
    /// The file `path`, in a folder that exists.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        KeptFile { path: path.into() }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says; `None` where it was never written.
    pub(crate) fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Replaces what it says; on return that is durable.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let part = self.path.with_extension("part");
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &self.path)?;
        // The rename itself is durable once the folder is.
        let folder = self.path.parent().unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    /// Moves it out of the way under a name with `now` in it, which is returned.
    pub(crate) fn set_aside(&self, now: Timestamp) -> io::Result<PathBuf> {
        let aside = self
            .path
            .with_extension(format!("unreadable-{}", now.as_millis()));
        fs::rename(&self.path, &aside)?;
        Ok(aside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_writing_counts_and_what_is_set_aside_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeptFile::at(folder.path().join("rules.json"));
        assert_eq!(file.read().unwrap(), None);
        file.write(b"one").unwrap();
        file.write(b"two").unwrap();
        assert_eq!(file.read().unwrap().as_deref(), Some(b"two".as_slice()));
        let aside = file.set_aside(Timestamp::from_millis(7)).unwrap();
        assert_eq!(aside, folder.path().join("rules.unreadable-7"));
        assert_eq!(file.read().unwrap(), None);
        assert_eq!(fs::read(aside).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
