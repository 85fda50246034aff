//! Lets DataFusion's Parquet source read our files: by partition rather than by path, with the
//! metadata we already have.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use crate::partition::{FileBytes, Partition};

/// Finds the partition of a [`PartitionedFile`] among its extensions.
#[derive(Debug)]
pub(super) struct ReaderFactory;

impl ParquetFileReaderFactory for ReaderFactory {
    fn create_reader(
        &self,
        _partition_index: usize,
        file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        _metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let partition = file.extension::<Arc<Partition>>().cloned();
        let partition = partition.ok_or_else(|| {
            let path = file.path();
            DataFusionError::Internal(format!("`{path}` is not a file of the store"))
        })?;
        Ok(Box::new(Reader {
            partition,
            bytes: None,
        }))
    }
}

/// Holds on to the partition, and so to its file, while a query reads it.
#[derive(Debug)]
struct Reader {
    partition: Arc<Partition>,
    bytes: Option<FileBytes>,
}

impl Reader {
    fn bytes(&mut self) -> Result<FileBytes, ParquetError> {
        if let Some(bytes) = &self.bytes {
            return Ok(bytes.clone());
        }
        let bytes = self.partition.bytes()?;
        Ok(self.bytes.insert(bytes).clone())
    }
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        async move {
            let mut read = self.get_byte_ranges(vec![range]).await?;
            read.pop()
                .ok_or_else(|| ParquetError::General("nothing was read".to_owned()))
        }
        .boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, Result<Vec<Bytes>, ParquetError>> {
        async move {
            let bytes = self.bytes()?;
            let read = move || {
                let mut all = Vec::with_capacity(ranges.len());
                for range in ranges {
                    let length = usize::try_from(range.end.saturating_sub(range.start))?;
                    all.push(bytes.read(range.start, length)?);
                }
                Ok(all)
            };
            match tokio::task::spawn_blocking(read).await {
                Ok(read) => read,
                Err(error) => Err(ParquetError::External(Box::new(error))),
            }
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move { Ok(self.partition.metadata()?) }.boxed()
    }
}
