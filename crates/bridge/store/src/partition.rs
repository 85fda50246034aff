//! Parquet files: what is known of one, and what can be asked of it.
//!
//! A file never changes. When it is no longer wanted, its name goes once the last snapshot that
//! may read it is gone.

mod bytes;
mod cache;
mod identities;
mod identity;
mod read;
mod rebuild;
pub(crate) mod replaced;
mod span;
mod sums;
mod write;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::error::OpenError;
use crate::files::{FileError, FileHandle, FileLayer, OpenHow};
pub(crate) use bytes::FileBytes;
pub(crate) use cache::MetadataCache;
pub(crate) use identity::{Disorder, IdentityIndex, IdentityIndexBuilder};
pub(crate) use read::{batches, decoding, open, row_selection, rows};
pub(crate) use span::{DAY, HOUR, Span};
pub(crate) use sums::TailSum;
use sums::{BlockSums, Tail};
pub(crate) use write::{Finished, PartitionWriter};

/// Key of the Parquet metadata that says where the identity index lies: `offset,length`.
const INDEX_KEY: &str = "tidewatch.identity_index";

/// What the catalog knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartitionMeta {
    /// Unique within the store, ascending with age.
    pub(crate) id: u64,
    /// The table's number.
    pub(crate) table: u32,
    /// The stretch of time whose rows it may hold.
    pub(crate) span: Span,
    pub(crate) rows: u64,
    /// The earliest time in it.
    pub(crate) min_time: i64,
    /// The latest time in it.
    pub(crate) max_time: i64,
    pub(crate) bytes: u64,
    /// What the end of the file is compared with.
    pub(crate) tail: TailSum,
}

impl PartitionMeta {
    pub(crate) fn file_name(&self) -> String {
        format!(
            "{:05}-{}-{:010}.parquet",
            self.table,
            self.span.label(),
            self.id
        )
    }
}

/// What is needed of a file before any of its rows can be read.
#[derive(Debug)]
pub(crate) struct Known {
    /// Footer and page indexes, and the schema that they come to.
    parquet: ArrowReaderMetadata,
    sums: BlockSums,
}

/// A Parquet file of a table.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) meta: PartitionMeta,
    files: Arc<dyn FileLayer>,
    path: Arc<Path>,
    cache: Arc<MetadataCache>,
    index: OnceLock<Arc<IdentityIndex>>,
    /// Set when it could not be read for being merged with other files.
    aside: AtomicBool,
    /// Why nothing of it may be read.
    closed: OnceLock<String>,
    /// Its replaced rows that are written down beside it.
    recorded: Mutex<Arc<BTreeSet<u32>>>,
    unwanted: AtomicBool,
}

impl Partition {
    pub(crate) fn new(
        meta: PartitionMeta,
        files: Arc<dyn FileLayer>,
        folder: &Path,
        cache: Arc<MetadataCache>,
    ) -> Partition {
        Partition {
            path: folder.join(meta.file_name()).into(),
            meta,
            files,
            cache,
            index: OnceLock::new(),
            aside: AtomicBool::new(false),
            closed: OnceLock::new(),
            recorded: Mutex::default(),
            unwanted: AtomicBool::new(false),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the file as it is from now on until the store is opened anew, because it could not be
    /// read.
    pub(crate) fn put_aside(&self, error: &dyn std::fmt::Display) {
        if !self.aside.swap(true, Ordering::AcqRel) {
            tracing::error!(
                file = %self.path.display(),
                "`{}` cannot be merged with other files and stays as it is: {error}; \
                 `tidewatch data check` tells what is damaged, a backup has it whole",
                self.path.display()
            );
        }
    }

    /// Whether the file is to be left as it is.
    pub(crate) fn is_aside(&self) -> bool {
        self.aside.load(Ordering::Acquire)
    }

    /// Has every reader told of `error` from now on: which rows of the file were replaced cannot be
    /// found out because of it.
    pub(crate) fn close(&self, error: &str) {
        let _ = self.closed.set(error.to_owned());
    }

    /// Writes down beside the file which of its rows were replaced, unless that was done.
    pub(crate) fn record_replaced(&self, rows: &Arc<BTreeSet<u32>>) -> Result<(), FileError> {
        let mut recorded = self.recorded.lock();
        if recorded.len() < rows.len() {
            replaced::write(self.files.as_ref(), &self.path, rows)?;
            *recorded = rows.clone();
        }
        Ok(())
    }

    /// Reads what was written down beside the file.
    pub(crate) fn recall_replaced(&self) -> Result<(), OpenError> {
        *self.recorded.lock() = Arc::new(replaced::read(self.files.as_ref(), &self.path)?);
        Ok(())
    }

    /// Its replaced rows that are written down beside it.
    pub(crate) fn recorded(&self) -> Arc<BTreeSet<u32>> {
        self.recorded.lock().clone()
    }

    /// Has the file removed as soon as nobody holds this partition any more.
    pub(crate) fn discard(&self) {
        self.unwanted.store(true, Ordering::Release);
    }

    pub(crate) fn open(&self) -> io::Result<Arc<dyn FileHandle>> {
        self.files.open(&self.path, OpenHow::Read)
    }

    /// Footer and page index.
    pub(crate) fn metadata(&self) -> io::Result<Arc<ParquetMetaData>> {
        Ok(self.known()?.parquet.metadata().clone())
    }

    /// Footer and page index with the schema, as readers want them.
    fn reader_metadata(&self) -> io::Result<ArrowReaderMetadata> {
        Ok(self.known()?.parquet.clone())
    }

    /// Rows and identity index; what is read of them is compared with its sums.
    pub(crate) fn bytes(&self) -> io::Result<FileBytes> {
        FileBytes::new(self, self.known()?)
    }

    fn known(&self) -> io::Result<Arc<Known>> {
        if let Some(error) = self.closed.get() {
            return Err(io::Error::other(error.clone()));
        }
        if let Some(found) = self.cache.get(self.meta.id) {
            return Ok(found);
        }
        let handle = self.open()?;
        let tail = Tail::read(handle.as_ref(), self.meta.bytes, self.meta.tail)?
            .ok_or_else(|| self.cache.damaged(&self.path, self.meta.tail.at))?;
        let parquet = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&tail)
            .map_err(|error| self.unreadable(error))?;
        // arrow-ipc panics at types that it does not know.
        let options = ArrowReaderOptions::new();
        let parquet = decoding(|| {
            ArrowReaderMetadata::try_new(Arc::new(parquet), options).map_err(io::Error::other)
        });
        let known = Known {
            parquet: parquet.map_err(|error| self.unreadable(error))?,
            sums: tail.block_sums(),
        };
        Ok(self.cache.put(self.meta.id, Arc::new(known)))
    }

    /// The number of the row with this identity.
    pub(crate) fn find(&self, series: u128, time: i64) -> io::Result<Option<u32>> {
        if time < self.meta.min_time || time > self.meta.max_time {
            return Ok(None);
        }
        let index = match self.index.get() {
            Some(index) => index.clone(),
            None => {
                let index = match self.read_index() {
                    Ok(index) => index,
                    Err(error) => self.rebuild_index(error)?,
                };
                self.index.get_or_init(|| Arc::new(index)).clone()
            }
        };
        let found = index.find(series, time);
        found.map_err(|error| self.unreadable(error))
    }

    /// Says which file it is whose bytes are those that were written, and mean nothing.
    fn unreadable(&self, error: impl Display) -> io::Error {
        io::Error::other(format!("`{}` cannot be read: {error}", self.path.display()))
    }

    /// Reads the identity index from the disk, whether or not it is known.
    pub(crate) fn check_index(&self) -> io::Result<()> {
        self.read_index().map(|_index| ())
    }

    /// Makes the index anew that could not be read because of `error`.
    fn rebuild_index(&self, error: io::Error) -> io::Result<IdentityIndex> {
        let Ok(index) = decoding(|| rebuild::index_of_rows(self)) else {
            return Err(error);
        };
        tracing::error!(
            file = %self.path.display(),
            "the identity index of `{}` cannot be read and was made anew from its rows: {error}",
            self.path.display()
        );
        Ok(index)
    }

    fn read_index(&self) -> io::Result<IdentityIndex> {
        let missing = || self.unreadable("the file has no identity index");
        let metadata = self.metadata()?;
        let place = metadata
            .file_metadata()
            .key_value_metadata()
            .and_then(|pairs| pairs.iter().find(|pair| pair.key == INDEX_KEY))
            .and_then(|pair| pair.value.as_deref())
            .and_then(|value| value.split_once(','))
            .ok_or_else(missing)?;
        let offset: u64 = place.0.parse().map_err(|_| missing())?;
        let len: usize = place.1.parse().map_err(|_| missing())?;
        let read = self.bytes()?.read(offset, len).map_err(io::Error::other)?;
        IdentityIndex::parse(read).map_err(|error| self.unreadable(error))
    }
}

impl Drop for Partition {
    fn drop(&mut self) {
        if *self.unwanted.get_mut() {
            // What cannot be removed now is removed when the store is next opened.
            if let Err(error) = self.files.remove(&self.path) {
                tracing::debug!(%error, file = %self.path.display(), "left an unwanted file behind");
            }
            if !self.recorded.get_mut().is_empty() {
                let beside = replaced::beside(&self.path);
                if let Err(error) = self.files.remove(&beside) {
                    tracing::debug!(%error, file = %beside.display(), "left an unwanted file behind");
                }
            }
            self.cache.forget(self.meta.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::TimestampNanosecondArray;
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringViewArray};

    use super::*;
    use crate::files::simulated::SimulatedFiles;
    use crate::files::{At, read_all};
    use crate::row::SeriesHasher;
    use crate::schema::{Registry, VERSION};

    /// Writes a file of one row.
    fn written(files: &Arc<dyn FileLayer>) -> PartitionMeta {
        let columns: [(&str, ArrayRef); 3] = [
            ("measure_name", Arc::new(StringViewArray::from(vec!["m"]))),
            ("time", Arc::new(TimestampNanosecondArray::from(vec![7]))),
            (VERSION, Arc::new(Int64Array::from(vec![1]))),
        ];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let (folder, hasher) = (Path::new("/"), SeriesHasher::default());
        let writer =
            PartitionWriter::new(files.clone(), folder, &rows.schema(), &[0, 1], &[], hasher);
        let mut writer = writer.unwrap();
        writer.write(&rows).unwrap();
        let meta = |finished: Finished| PartitionMeta {
            id: 7,
            table: 1,
            span: Span::from_code(1, 0).unwrap(),
            rows: finished.rows,
            min_time: finished.min_time,
            max_time: finished.max_time,
            bytes: finished.bytes,
            tail: finished.tail,
        };
        let finished = writer.finish(|finished| meta(finished).file_name());
        meta(finished.unwrap().unwrap())
    }

    /// arrow-ipc panics at types that it does not know: the fuzzer found one.
    #[test]
    fn a_schema_that_means_nothing_is_an_error() {
        let simulated = SimulatedFiles::default();
        let files: Arc<dyn FileLayer> = Arc::new(simulated.clone());
        let meta = written(&files);
        let path = Path::new("/").join(meta.file_name());
        let sound = read_all(files.as_ref(), &path).unwrap();
        let key = b"ARROW:schema";
        let begin = sound
            .windows(key.len())
            .position(|bytes| bytes == key)
            .unwrap()
            + key.len();
        let mut faults = Vec::new();
        for at in begin + 8..begin + 300 {
            let mut bytes = sound.clone();
            bytes[at] = b'A';
            let tail = usize::try_from(meta.tail.at).unwrap();
            let meta = PartitionMeta {
                tail: TailSum {
                    at: meta.tail.at,
                    crc: crc32c::crc32c(&bytes[tail..]),
                },
                ..meta.clone()
            };
            simulated.overwrite(&path, bytes);
            let partition = Partition::new(meta, files.clone(), Path::new("/"), Arc::default());
            faults.extend(rows(&partition, &[0], &Registry::default()).err());
        }
        let panicked = |fault: &io::Error| fault.to_string().contains("means nothing");
        assert!(faults.iter().any(panicked), "{faults:?}");
    }

    #[test]
    fn a_file_whose_bytes_mean_nothing_is_named() {
        let content = b"sound by its sum, but no Parquet file";
        let files: Arc<dyn FileLayer> = Arc::new(SimulatedFiles::default());
        let meta = PartitionMeta {
            id: 7,
            table: 1,
            span: Span::from_code(1, 0).unwrap(),
            rows: 1,
            min_time: 0,
            max_time: 0,
            bytes: content.len() as u64,
            tail: TailSum {
                at: 0,
                crc: crc32c::crc32c(content),
            },
        };
        let folder = Path::new("/");
        let path = folder.join(meta.file_name());
        let handle = files.open(&path, OpenHow::Fresh).at("create", &path);
        handle.unwrap().write_at(0, content).unwrap();
        let partition = Partition::new(meta, files, folder, Arc::default());
        let error = partition.find(0, 0).unwrap_err().to_string();
        assert!(
            error.contains("00001-19700101T00-0000000007.parquet` cannot be read: "),
            "{error}"
        );
    }
}
