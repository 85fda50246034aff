//! Writing one file from rows in memory and other files.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, UnboundedMemoryPool};
use datafusion::physical_expr::expressions::Column as ColumnExpr;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::sorts::streaming_merge::StreamingMergeBuilder;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;
use tokio::runtime::Handle;

use super::plan::Job;
use super::rows::SortedRows;
use crate::catalog::PartitionKey;
use crate::error::StoreError;
use crate::head::{CHUNK_ROWS, ChunkView};
use crate::partition::{self, Disorder, Partition, PartitionMeta, PartitionWriter};
use crate::row::SeriesHasher;
use crate::schema::{Published, Source, version_field};
use crate::shared::Shared;
use crate::table::{FrozenTable, Stored};

/// Rows that are decoded at once of each file that is merged.
const MERGE_ROWS: usize = 4096;

/// A column of a file: one of the table's, or the hidden version.
#[derive(Debug, Clone)]
pub(super) enum FileColumn {
    Of(Source, Field),
    Version,
}

impl FileColumn {
    fn field(&self) -> Field {
        match self {
            FileColumn::Of(_, field) => field.clone(),
            FileColumn::Version => version_field(),
        }
    }

    /// The column in each of the chunks; those without it share one array of nulls.
    pub(super) fn in_chunks(&self, chunks: &[ChunkView]) -> Vec<ArrayRef> {
        let mut nulls: Option<ArrayRef> = None;
        let mut array = |chunk: &ChunkView| match self {
            FileColumn::Version => chunk.columns.versions().clone() as ArrayRef,
            FileColumn::Of(source, field) => chunk.columns.array(*source).unwrap_or_else(|| {
                let nulls =
                    nulls.get_or_insert_with(|| new_null_array(field.data_type(), CHUNK_ROWS));
                nulls.clone()
            }),
        };
        chunks.iter().map(&mut array).collect()
    }
}

/// Writes the file of `job`. `None` when no row is left for it.
pub(super) fn run(
    shared: &Arc<Shared>,
    table: &FrozenTable,
    key: &PartitionKey,
    job: Job,
) -> Result<Option<Arc<Partition>>, StoreError> {
    let columns = file_columns(&table.published, &table.chunks, &job)?;
    let fields: Vec<Field> = columns.iter().map(FileColumn::field).collect();
    let schema = Arc::new(Schema::new(fields));
    let dimensions = dimension_names(&table.published);
    let sort = sort_columns(&schema, &dimensions, key);
    let mut writer = PartitionWriter::new(
        shared.files.clone(),
        &shared.layout.partitions,
        &schema,
        &sort,
        &dimensions,
        SeriesHasher::default(),
    )?;
    let Job { span, rows, inputs } = job;
    let rows = SortedRows::new(&table.chunks, rows, schema.clone(), &columns, &sort);
    if inputs.is_empty() {
        for batch in rows {
            writer.write(&batch.map_err(failed)?)?;
        }
    } else {
        write_merged(&mut writer, rows, &inputs, &schema, &sort)?;
    }
    let id = shared.next_partition.fetch_add(1, Relaxed);
    let meta = |finished: partition::Finished| PartitionMeta {
        id,
        table: table.handle.id,
        span,
        rows: finished.rows,
        min_time: finished.min_time,
        max_time: finished.max_time,
        bytes: finished.bytes,
        tail: finished.tail,
    };
    let Some(finished) = writer.finish(|finished| meta(finished).file_name())? else {
        return Ok(None);
    };
    let partition = Partition::new(
        meta(finished),
        shared.files.clone(),
        &shared.layout.partitions,
        shared.metadata.clone(),
    );
    Ok(Some(Arc::new(partition)))
}

fn write_merged(
    writer: &mut PartitionWriter,
    rows: SortedRows,
    inputs: &[Stored],
    schema: &SchemaRef,
    sort: &[usize],
) -> Result<(), StoreError> {
    let mut streams = vec![from_memory(rows, schema)];
    for input in inputs {
        streams.push(from_file(input, schema)?);
    }
    let expressions = sort.iter().map(|column| {
        let name = schema.field(*column).name();
        PhysicalSortExpr::new(
            Arc::new(ColumnExpr::new(name, *column)),
            arrow::compute::SortOptions {
                descending: false,
                nulls_first: true,
            },
        )
    });
    let ordering = LexOrdering::new(expressions)
        .ok_or_else(|| failed(DataFusionError::Internal("nothing to sort by".to_owned())))?;
    let pool: Arc<dyn MemoryPool> = Arc::new(UnboundedMemoryPool::default());
    let mut merged = StreamingMergeBuilder::new()
        .with_streams(streams)
        .with_schema(schema.clone())
        .with_expressions(&ordering)
        .with_metrics(BaselineMetrics::new(&ExecutionPlanMetricsSet::new(), 0))
        .with_batch_size(CHUNK_ROWS)
        .with_reservation(MemoryConsumer::new("flush").register(&pool))
        .build()
        .map_err(failed)?;
    let runtime = Handle::current();
    while let Some(batch) = runtime.block_on(merged.next()) {
        let written = writer.write(&batch.map_err(failed)?);
        written.inspect_err(|error| put_disorder_aside(error, inputs))?;
    }
    Ok(())
}

/// Rows from memory are in order. Which of the files has others is not known, so all are left as
/// they are.
fn put_disorder_aside(error: &StoreError, inputs: &[Stored]) {
    if let StoreError::Engine { source, .. } = error
        && let Some(disorder) = source.downcast_ref::<Disorder>()
    {
        for input in inputs {
            input.partition.put_aside(disorder);
        }
    }
}

fn from_memory(rows: SortedRows, schema: &SchemaRef) -> SendableRecordBatchStream {
    let batches = futures::stream::iter(rows.map(|batch| Ok(batch?)));
    Box::pin(RecordBatchStreamAdapter::new(schema.clone(), batches))
}

fn from_file(input: &Stored, schema: &SchemaRef) -> Result<SendableRecordBatchStream, StoreError> {
    let path = input.partition.path().to_owned();
    let batches = partition::batches(&input.partition, &input.dead, MERGE_ROWS);
    let batches = batches
        .inspect_err(|error| input.partition.put_aside(error))
        .map_err(|source| StoreError::Io {
            action: "read",
            path,
            source,
        })?;
    let (to, partition) = (schema.clone(), input.partition.clone());
    let batches = batches.map(move |batch| {
        let batch = batch.inspect_err(|error| partition.put_aside(error))?;
        Ok(conform(&batch, &to)?)
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(
        schema.clone(),
        futures::stream::iter(batches),
    )))
}

/// Arranges a batch in the columns of `schema`; those it does not have are null.
fn conform(
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let columns = schema.fields().iter().map(|field| {
        let found = batch.column_by_name(field.name()).cloned();
        found.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
    });
    RecordBatch::try_new(schema.clone(), columns.collect())
}

fn dimension_names(published: &Published) -> Vec<String> {
    let dimensions = published.registry().dimension_columns();
    dimensions.map(|(_, column)| column.name.clone()).collect()
}

/// The table's columns that the rows of the job use, and the version.
fn file_columns(
    published: &Published,
    chunks: &[ChunkView],
    job: &Job,
) -> Result<Vec<FileColumn>, StoreError> {
    let mut in_files = BTreeSet::new();
    for input in &job.inputs {
        let metadata = input
            .partition
            .metadata()
            .inspect_err(|error| input.partition.put_aside(error))
            .map_err(|source| StoreError::Io {
                action: "read",
                path: input.partition.path().to_owned(),
                source,
            })?;
        let columns = metadata.file_metadata().schema_descr().columns().iter();
        in_files.extend(columns.map(|column| column.name().to_owned()));
    }
    let is_used = |source: &Source, name: &str| {
        in_files.contains(name)
            || chunks
                .iter()
                .any(|chunk| chunk.columns.array(*source).is_some())
    };
    let fields = published.arrow().fields().iter();
    let columns = published.sources().iter().zip(fields);
    Ok(columns
        .filter(|(source, field)| is_used(source, field.name()))
        .map(|(source, field)| FileColumn::Of(*source, field.as_ref().clone()))
        .chain([FileColumn::Version])
        .collect())
}

/// Files are sorted by measure name, because nearly every query names one; then by the partition
/// key, the other dimensions by first appearance, and time. So the rows of a series lie together.
fn sort_columns(schema: &SchemaRef, dimensions: &[String], key: &PartitionKey) -> Vec<usize> {
    let key = match key {
        PartitionKey::Dimension { name, .. } => Some(name),
        PartitionKey::Measure => None,
    };
    let measure_name = "measure_name".to_owned();
    let time = "time".to_owned();
    let others = dimensions.iter().filter(|name| Some(*name) != key);
    [&measure_name]
        .into_iter()
        .chain(key)
        .chain(others)
        .chain([&time])
        .filter_map(|name| schema.index_of(name).ok())
        .collect()
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Engine {
        action: "merge rows into a parquet file",
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::path::Path;

    use arrow::array::{Int64Array, StringViewArray, TimestampNanosecondArray};

    use super::*;
    use crate::files::FileLayer;
    use crate::files::simulated::SimulatedFiles;
    use crate::partition::Span;
    use crate::schema::VERSION;

    /// Columns that rows are sorted by.
    const SORT: [usize; 2] = [0, 2];

    fn writer(
        files: &SimulatedFiles,
        folder: &str,
        schema: &SchemaRef,
        dimensions: &[&str],
    ) -> PartitionWriter {
        let files: Arc<dyn FileLayer> = Arc::new(files.clone());
        let dimensions: Vec<String> = dimensions.iter().map(|name| (*name).to_owned()).collect();
        let hasher = SeriesHasher::default();
        PartitionWriter::new(files, Path::new(folder), schema, &SORT, &dimensions, hasher).unwrap()
    }

    /// A complete file of `rows`, whose times ascend within a value of the column `host`.
    fn file(files: &SimulatedFiles, folder: &str, rows: &RecordBatch) -> Stored {
        let mut writer = writer(files, folder, &rows.schema(), &["host"]);
        writer.write(rows).unwrap();
        let meta = |finished: partition::Finished| PartitionMeta {
            id: 7,
            table: 1,
            span: Span::hour_of(0),
            rows: finished.rows,
            min_time: finished.min_time,
            max_time: finished.max_time,
            bytes: finished.bytes,
            tail: finished.tail,
        };
        let finished = writer.finish(|finished| meta(finished).file_name());
        let meta = meta(finished.unwrap().unwrap());
        let folder = Path::new(folder);
        let partition = Partition::new(meta, Arc::new(files.clone()), folder, Arc::default());
        Stored {
            partition: Arc::new(partition),
            dead: Arc::default(),
        }
    }

    /// The fuzzer made such files: a debug build ended, and a release build wrote an index with
    /// wrong rows. Without the dimension by which they were in order, rows of a sound file are out
    /// of it.
    #[tokio::test]
    async fn files_with_rows_out_of_order_are_put_aside() {
        let hosts = StringViewArray::from(vec!["a", "b"]);
        let times = TimestampNanosecondArray::from(vec![2, 1]);
        let columns: [(&str, ArrayRef); 4] = [
            (
                "measure_name",
                Arc::new(StringViewArray::from(vec!["m"; 2])),
            ),
            ("host", Arc::new(hosts)),
            ("time", Arc::new(times)),
            (VERSION, Arc::new(Int64Array::from(vec![1; 2]))),
        ];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let merge = move |dimensions: &[&str]| {
            let (files, schema) = (SimulatedFiles::default(), rows.schema());
            let input = file(&files, "/in", &rows);
            let none = SortedRows::new(&[], Vec::new(), schema.clone(), &[], &SORT);
            let mut writer = writer(&files, "/out", &schema, dimensions);
            let inputs = [input];
            let written = write_merged(&mut writer, none, &inputs, &schema, &SORT);
            let error = written.err();
            let reason = error.and_then(|error| Some(error.source()?.to_string()));
            (reason, inputs[0].partition.is_aside())
        };
        let merges = tokio::task::spawn_blocking(move || (merge(&["host"]), merge(&[])));
        let (in_order, out_of_order) = merges.await.unwrap();
        assert_eq!(in_order, (None, false));
        let reason = "rows of one series do not ascend in time".to_owned();
        assert_eq!(out_of_order, (Some(reason), true));
    }
}
