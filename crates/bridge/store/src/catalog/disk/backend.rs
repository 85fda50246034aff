//! redb's view of a file of the [`crate::files::FileLayer`].

use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use crate::files::FileHandle;

#[derive(Debug)]
pub(super) struct Backend {
    handle: Arc<dyn FileHandle>,
}

impl Backend {
    pub(super) fn new(handle: Arc<dyn FileHandle>) -> Backend {
        Backend { handle }
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.handle.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.handle.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.handle.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.handle.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.handle.write_at(offset, data)
    }
}
