//! A snapshot as DataFusion's table: rows in memory and Parquet files under one union.
//!
//! What a query asks of rows is decided here, for DataFusion does not look at it again. What is
//! known of chunks, files and row groups leaves out those without a wanted row, and the filters
//! that all rows pass. DataFusion's source of Parquet then leaves out row groups and pages by the
//! filters that are left, and applies them.

mod files;
mod groups;
mod memory;
mod prune;
mod reader;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, col, lit};
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr::{PhysicalExpr, conjunction_opt};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExecBuilder;
use datafusion::physical_plan::union::UnionExec;

use crate::snapshot::Content;
use groups::GroupFilters;
use prune::Pruner;

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

    /// What rows have to pass: the query's filters, and the retention's.
    fn filters(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<Arc<dyn PhysicalExpr>>> {
        let retention = self.has_expired_rows().then(|| {
            let from = ScalarValue::TimestampNanosecond(Some(self.content.kept_from), None);
            col("time").gt_eq(lit(from))
        });
        let schema = DFSchema::try_from(self.content.published.arrow().as_ref().clone())?;
        let all = filters.iter().cloned().chain(retention);
        all.map(|filter| state.create_physical_expr(filter, &schema))
            .collect()
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
        Ok(vec![TableProviderFilterPushDown::Exact; filters.len()])
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
        let filters = self.filters(state, filters)?;
        let pruner = Pruner::new(conjunction_opt(filters.clone()).as_ref(), schema);
        let chunks = pruner.chunks(&content.chunks)?;
        let files = pruner.files(&content.partitions)?;

        let target = state.config().target_partitions();
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !chunks.is_empty() {
            inputs.push(passing(&filters, projection, |columns| {
                let batches = memory::batches(&chunks, &content.published, columns, target)?;
                let exec =
                    MemorySourceConfig::try_new_exec(&batches.partitions, batches.schema, None)?;
                Ok(exec)
            })?);
        }
        let asked = GroupFilters::new(&filters, &content.published);
        for (deciding, share) in files::shares(&files, &asked, filters.len()) {
            let filters: Vec<_> = deciding
                .iter()
                .map(|number| filters[*number].clone())
                .collect();
            inputs.push(passing(&filters, projection, |columns| {
                share.scan(schema, columns, target)
            })?);
        }
        match inputs.len() {
            0 => Ok(Arc::new(EmptyExec::new(match projection {
                Some(columns) => Arc::new(schema.project(columns)?),
                None => schema.clone(),
            }))),
            1 => Ok(inputs.remove(0)),
            _ => UnionExec::try_new(inputs),
        }
    }
}

/// The columns of `projection`, or all, of the rows that pass `filters`. `read` gives the rows, in
/// the columns that both need.
fn passing(
    filters: &[Arc<dyn PhysicalExpr>],
    projection: Option<&Vec<usize>>,
    read: impl FnOnce(Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(filter) = conjunction_opt(filters.iter().cloned()) else {
        return read(projection);
    };
    let columns = projection.map(|wanted| {
        let used = collect_columns(&filter);
        let mut others: Vec<usize> = used.iter().map(|column| column.index()).collect();
        others.retain(|column| !wanted.contains(column));
        others.sort_unstable();
        [wanted.as_slice(), &others].concat()
    });
    let rows = read(columns.as_ref())?;
    let filter = reassign_expr_columns(filter, &rows.schema())?;
    let wanted = projection.map(|wanted| (0..wanted.len()).collect());
    let filtered = FilterExecBuilder::new(filter, rows).apply_projection(wanted)?;
    Ok(Arc::new(filtered.build()?))
}
