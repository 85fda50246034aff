//! A snapshot as DataFusion's table: rows in memory and Parquet files under one union.
//!
//! Filters are used to leave out chunks, files, row groups and pages, never to decide about a row:
//! DataFusion checks every row itself.

mod memory;
mod prune;
mod reader;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Result, ScalarValue, Statistics};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, col, lit};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExecBuilder;
use datafusion::physical_plan::union::UnionExec;

use crate::partition::row_selection;
use crate::schema::ColumnRole;
use crate::snapshot::Content;
use crate::table::Stored;
use prune::Pruner;
use reader::ReaderFactory;

/// DataFusion's view of a snapshot.
#[derive(Debug)]
pub(crate) struct SnapshotProvider {
    content: Arc<Content>,
}

impl SnapshotProvider {
    pub(crate) fn new(content: Arc<Content>) -> SnapshotProvider {
        SnapshotProvider { content }
    }

    fn has_expired_rows(&self) -> bool {
        let kept_from = self.content.kept_from;
        let chunks = self.content.chunks.iter().map(|chunk| chunk.min_time);
        let files = self.content.partitions.iter();
        let files = files.map(|stored| stored.partition.meta.min_time);
        chunks.chain(files).any(|min_time| min_time < kept_from)
    }

    /// Whether a dimension is fixed: then so few rows are wanted of what is decoded that it pays
    /// to look at that column first.
    fn fixes_dimension(&self, filters: &[Expr]) -> bool {
        let columns = self.content.published.columns();
        filters.iter().any(|filter| {
            let used = filter.column_refs();
            let is_dimension = |name: &str| {
                columns
                    .iter()
                    .any(|column| column.role == ColumnRole::Dimension && column.name == name)
            };
            used.iter().any(|column| is_dimension(&column.name))
        })
    }

    fn scan_files(
        &self,
        files: Vec<&Stored>,
        projection: Option<&Vec<usize>>,
        predicate: Option<&Arc<dyn PhysicalExpr>>,
        late: bool,
        target_partitions: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.content.published.arrow().clone();
        let mut options = TableParquetOptions::default();
        options.global.pushdown_filters = late;
        options.global.reorder_filters = late;
        let mut source = ParquetSource::new(schema.clone())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(ReaderFactory));
        if let Some(predicate) = predicate {
            source = source.with_predicate(predicate.clone());
        }
        // How many rows there are is what joins choose their sides by. It is never exact, because
        // filters are not applied yet.
        let mut statistics = Statistics::new_unknown(&schema);
        let live = files.iter().map(|stored| {
            let rows = usize::try_from(stored.partition.meta.rows).unwrap_or(usize::MAX);
            rows.saturating_sub(stored.dead.len())
        });
        statistics.num_rows = Precision::Inexact(live.fold(0, usize::saturating_add));
        let mut groups = vec![(0, Vec::new()); target_partitions.clamp(1, files.len().max(1))];
        for stored in files {
            let meta = &stored.partition.meta;
            let mut file = PartitionedFile::new(meta.file_name(), meta.bytes)
                .with_extension(stored.partition.clone());
            if !stored.dead.is_empty() {
                let live = row_selection(&stored.dead, meta.rows);
                file = file.with_extension(ParquetRowSelection::new(live));
            }
            if let Some(smallest) = groups.iter_mut().min_by_key(|(bytes, _)| *bytes) {
                smallest.0 += meta.bytes;
                smallest.1.push(file);
            }
        }
        let groups = groups.into_iter().map(|(_, files)| FileGroup::new(files));
        let config =
            FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
                .with_file_groups(groups.collect())
                .with_statistics(statistics)
                .with_projection_indices(projection.cloned())?
                .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

#[async_trait]
impl TableProvider for SnapshotProvider {
    fn schema(&self) -> SchemaRef {
        self.content.published.arrow().clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let content = &self.content;
        let schema = content.published.arrow();
        let retention = self.has_expired_rows().then(|| {
            let from = ScalarValue::TimestampNanosecond(Some(content.kept_from), None);
            col("time").gt_eq(lit(from))
        });
        let df_schema = DFSchema::try_from(schema.as_ref().clone())?;
        let all = filters.iter().cloned().chain(retention.clone());
        let predicate = conjunction(all)
            .map(|filter| state.create_physical_expr(filter, &df_schema))
            .transpose()?;
        let pruner = Pruner::new(predicate.as_ref(), schema);
        let chunks = pruner.chunks(&content.chunks)?;
        let files = pruner.files(&content.partitions)?;

        // The retention's filter is ours alone to apply, and needs the time.
        let time = schema.index_of("time")?;
        let inner: Option<Vec<usize>> = match (projection, &retention) {
            (Some(columns), Some(_)) if !columns.contains(&time) => {
                Some(columns.iter().copied().chain([time]).collect())
            }
            (projection, _) => projection.cloned(),
        };
        let target = state.config().target_partitions();
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !chunks.is_empty() {
            let columns = &content.published;
            let batches = memory::batches(&chunks, columns, inner.as_ref(), target)?;
            let projected = batches.schema;
            let exec = MemorySourceConfig::try_new_exec(&batches.partitions, projected, None)?;
            inputs.push(exec);
        }
        if !files.is_empty() {
            let late = self.fixes_dimension(filters);
            let predicate = predicate.as_ref();
            inputs.push(self.scan_files(files, inner.as_ref(), predicate, late, target)?);
        }
        let plan = match inputs.len() {
            0 => {
                let schema = match projection {
                    Some(columns) => Arc::new(schema.project(columns)?),
                    None => schema.clone(),
                };
                return Ok(Arc::new(EmptyExec::new(schema)));
            }
            1 => inputs.remove(0),
            _ => UnionExec::try_new(inputs)?,
        };
        let Some(retention) = retention else {
            return Ok(plan);
        };
        let inner_schema = DFSchema::try_from(plan.schema().as_ref().clone())?;
        let keep = state.create_physical_expr(retention, &inner_schema)?;
        let output = projection.map(|columns| (0..columns.len()).collect());
        let filter = FilterExecBuilder::new(keep, plan).apply_projection(output)?;
        Ok(Arc::new(filter.build()?))
    }
}
