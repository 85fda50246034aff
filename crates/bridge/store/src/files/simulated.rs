//! A file system in memory that fails on demand and forgets what was not synced.

use std::any::Any;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::{FileHandle, FileLayer, OpenHow};

/// How operations fail once the chosen one is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// That operation alone.
    Once,
    /// It and all after it, as when the power goes. A write is cut in half.
    FromThenOn,
}

/// What a crash leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The process dies: everything that was written stays.
    Process,
    /// The power goes: only what was synced stays.
    Power,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct SimulatedFiles {
    disk: Arc<Mutex<Disk>>,
}

#[derive(Debug, Default)]
struct Disk {
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    locked: HashSet<PathBuf>,
    operations: u64,
    fail: Option<(u64, Failure)>,
    /// Handles and locks from before a crash do nothing any more.
    age: u64,
}

#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    /// How to get back to what was synced, latest first.
    undo: Vec<Undo>,
}

#[derive(Debug)]
struct Undo {
    len: usize,
    offset: usize,
    bytes: Vec<u8>,
}

impl SimulatedFiles {
    /// Operations that change something, so far.
    pub(crate) fn operations(&self) -> u64 {
        self.disk.lock().operations
    }

    /// Lets the operation with this number fail; the first is 0.
    pub(crate) fn fail(&self, operation: u64, how: Failure) {
        self.disk.lock().fail = Some((operation, how));
    }

    /// Whether the operation that is to fail was reached.
    pub(crate) fn has_failed(&self) -> bool {
        let disk = self.disk.lock();
        disk.fail.is_some_and(|(at, _)| disk.operations > at)
    }

    /// Ends everything that uses these files and leaves what a crash leaves.
    pub(crate) fn crash(&self, crash: Crash) {
        let mut disk = self.disk.lock();
        disk.age += 1;
        disk.locked.clear();
        disk.fail = None;
        if crash == Crash::Power {
            disk.names = disk.synced_names.clone();
            for file in &mut disk.files {
                for undo in file.undo.drain(..).rev() {
                    file.bytes.resize(undo.len, 0);
                    let end = undo.offset + undo.bytes.len();
                    file.bytes[undo.offset..end].copy_from_slice(&undo.bytes);
                }
            }
        }
    }

    /// The names of all files below a folder.
    pub(crate) fn names(&self, folder: &Path) -> Vec<PathBuf> {
        let disk = self.disk.lock();
        let names = disk.names.keys().filter(|name| name.starts_with(folder));
        names.cloned().collect()
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: &Path) -> Vec<u8> {
        let disk = self.disk.lock();
        disk.files[disk.names[path]].bytes.clone()
    }

    /// Another disk with the same content, all of it synced.
    pub(crate) fn copy(&self) -> SimulatedFiles {
        let disk = self.disk.lock();
        let file = |file: &Content| Content {
            bytes: file.bytes.clone(),
            undo: Vec::new(),
        };
        let copy = Disk {
            files: disk.files.iter().map(file).collect(),
            names: disk.names.clone(),
            synced_names: disk.names.clone(),
            ..Disk::default()
        };
        SimulatedFiles {
            disk: Arc::new(Mutex::new(copy)),
        }
    }

    /// Puts other bytes into a file, as a bad disk would.
    pub(crate) fn overwrite(&self, path: &Path, bytes: Vec<u8>) {
        let mut disk = self.disk.lock();
        let file = disk.names[path];
        disk.files[file] = Content {
            bytes,
            undo: Vec::new(),
        };
    }

    fn change<T>(&self, change: impl FnOnce(&mut Disk) -> io::Result<T>) -> io::Result<T> {
        let mut disk = self.disk.lock();
        disk.step()?;
        change(&mut disk)
    }
}

impl Disk {
    fn step(&mut self) -> io::Result<()> {
        let operation = self.operations;
        self.operations += 1;
        let fails = match self.fail {
            Some((at, Failure::Once)) => operation == at,
            Some((at, Failure::FromThenOn)) => operation >= at,
            None => false,
        };
        if fails {
            return Err(io::Error::other(format!("operation {operation} failed")));
        }
        Ok(())
    }

    fn found(&self, path: &Path) -> io::Result<usize> {
        let found = self.names.get(path).copied();
        found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Content {
    fn write(&mut self, offset: usize, data: &[u8]) {
        let len = self.bytes.len();
        let end = offset + data.len();
        self.undo.push(Undo {
            len,
            offset: offset.min(len),
            bytes: self.bytes[offset.min(len)..end.min(len)].to_vec(),
        });
        self.bytes.resize(len.max(end), 0);
        self.bytes[offset..end].copy_from_slice(data);
    }

    fn set_len(&mut self, new: usize) {
        let len = self.bytes.len();
        self.undo.push(Undo {
            len,
            offset: new.min(len),
            bytes: self.bytes[new.min(len)..].to_vec(),
        });
        self.bytes.resize(new, 0);
    }
}

impl FileLayer for SimulatedFiles {
    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn open(&self, path: &Path, how: OpenHow) -> io::Result<Arc<dyn FileHandle>> {
        let open = |disk: &mut Disk| {
            let file = match (disk.names.get(path), how) {
                (Some(file), OpenHow::Fresh) => {
                    let file = *file;
                    disk.files[file].set_len(0);
                    file
                }
                (Some(file), _) => *file,
                (None, OpenHow::Read) => return disk.found(path),
                (None, _) => {
                    disk.files.push(Content::default());
                    let file = disk.files.len() - 1;
                    disk.names.insert(path.to_owned(), file);
                    file
                }
            };
            Ok(file)
        };
        let file = if how == OpenHow::Read {
            open(&mut self.disk.lock())?
        } else {
            self.change(open)?
        };
        Ok(Arc::new(SimulatedFile {
            age: self.disk.lock().age,
            files: self.clone(),
            file,
        }))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let disk = self.disk.lock();
        let inside = disk
            .names
            .keys()
            .filter(|path| path.parent() == Some(folder));
        let names = inside.filter_map(|path| path.file_name());
        Ok(names
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.change(|disk| {
            let file = disk.found(from)?;
            disk.names.remove(from);
            disk.names.insert(to.to_owned(), file);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.change(|disk| {
            disk.found(path)?;
            disk.names.remove(path);
            Ok(())
        })
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        self.change(|disk| {
            let outside = |path: &PathBuf| path.parent() != Some(folder);
            disk.synced_names.retain(|path, _| outside(path));
            let inside = disk.names.iter().filter(|(path, _)| !outside(path));
            let inside: Vec<_> = inside.map(|(path, file)| (path.clone(), *file)).collect();
            disk.synced_names.extend(inside);
            Ok(())
        })
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        let mut disk = self.disk.lock();
        if !disk.locked.insert(path.to_owned()) {
            return Ok(None);
        }
        if !disk.names.contains_key(path) {
            disk.files.push(Content::default());
            let file = disk.files.len() - 1;
            disk.names.insert(path.to_owned(), file);
        }
        Ok(Some(Box::new(Lock {
            age: disk.age,
            files: self.clone(),
            path: path.to_owned(),
        })))
    }
}

struct Lock {
    age: u64,
    files: SimulatedFiles,
    path: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let mut disk = self.files.disk.lock();
        if disk.age == self.age {
            disk.locked.remove(&self.path);
        }
    }
}

#[derive(Debug)]
struct SimulatedFile {
    age: u64,
    files: SimulatedFiles,
    file: usize,
}

impl SimulatedFile {
    fn change(&self, change: impl FnOnce(&mut Content)) -> io::Result<()> {
        self.files.change(|disk| {
            if disk.age != self.age {
                return Err(io::Error::other("the machine has crashed"));
            }
            change(&mut disk.files[self.file]);
            Ok(())
        })
    }
}

impl FileHandle for SimulatedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.files.disk.lock().files[self.file].bytes.len() as u64)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.files.disk.lock();
        let bytes = &disk.files[self.file].bytes;
        let offset = offset as usize;
        let found = bytes.get(offset..offset + out.len());
        out.copy_from_slice(found.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let torn = {
            let disk = self.files.disk.lock();
            disk.fail == Some((disk.operations, Failure::FromThenOn)) && disk.age == self.age
        };
        if torn {
            let mut disk = self.files.disk.lock();
            disk.files[self.file].write(offset as usize, &data[..data.len() / 2]);
        }
        self.change(|content| content.write(offset as usize, data))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(|content| content.set_len(len as usize))
    }

    fn sync(&self) -> io::Result<()> {
        self.change(|content| content.undo.clear())
    }
}
