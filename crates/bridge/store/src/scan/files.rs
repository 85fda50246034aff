//! Parquet files as DataFusion's source: which of their row groups are read, with which filters.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::stats::Precision;
use datafusion::common::{Result, Statistics};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, ParquetRowSelection};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use parquet::file::metadata::ParquetMetaData;

use super::groups::GroupFilters;
use super::reader::ReaderFactory;
use crate::partition::row_selection;
use crate::table::Stored;

/// Row groups whose rows are to pass the same filters, in the order of their files.
#[derive(Debug, Default)]
pub(super) struct Share<'a> {
    pieces: Vec<Piece<'a>>,
}

/// A row group; or a whole file, when nothing is known of its row groups.
#[derive(Debug, Clone)]
struct Piece<'a> {
    stored: &'a Stored,
    group: Option<(Arc<ParquetMetaData>, usize)>,
    rows: u64,
}

/// Sorts the row groups of files that may have wanted rows by the filters that decide about them,
/// of which there are `filters`: those filters' positions, and the row groups.
pub(super) fn shares<'a>(
    files: &[&'a Stored],
    asked: &GroupFilters,
    filters: usize,
) -> BTreeMap<Vec<usize>, Share<'a>> {
    let mut shares: BTreeMap<Vec<usize>, Share<'a>> = BTreeMap::new();
    for stored in files {
        let known = stored.partition.metadata().ok();
        let known = known.and_then(|file| Some((asked.deciding(&file).ok()?, file)));
        let Some((deciding, file)) = known else {
            // Whoever reads the file says what is wrong with it.
            let share = shares.entry((0..filters).collect()).or_default();
            share.pieces.push(Piece {
                stored,
                group: None,
                rows: stored.partition.meta.rows,
            });
            continue;
        };
        for (number, deciding) in deciding.into_iter().enumerate() {
            let Some(deciding) = deciding else { continue };
            let rows = file.row_group(number).num_rows();
            shares.entry(deciding).or_default().pieces.push(Piece {
                stored,
                group: Some((file.clone(), number)),
                rows: u64::try_from(rows).unwrap_or_default(),
            });
        }
    }
    shares
}

impl Share<'_> {
    /// Reads the columns of `projection`, or all, in up to `partitions` streams.
    pub(super) fn scan(
        &self,
        schema: &SchemaRef,
        projection: Option<&Vec<usize>>,
        partitions: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut options = TableParquetOptions::default();
        // Filters are evaluated while the file is read, where they leave most of it unread.
        options.global.pushdown_filters = true;
        options.global.reorder_filters = true;
        let source = ParquetSource::new(schema.clone())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(ReaderFactory));
        // How many rows there are is what joins choose their sides by. It is never exact, because
        // filters are not applied yet.
        let mut statistics = Statistics::new_unknown(schema);
        let rows = usize::try_from(self.rows()).unwrap_or(usize::MAX);
        statistics.num_rows = Precision::Inexact(rows);
        let config =
            FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
                .with_file_groups(self.file_groups(partitions)?)
                .with_statistics(statistics)
                .with_projection_indices(projection.cloned())?
                .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    fn rows(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.rows).sum()
    }

    /// Cuts the row groups into stretches of about as many rows.
    fn file_groups(&self, partitions: usize) -> Result<Vec<FileGroup>> {
        let all = self.rows();
        let mut groups = Vec::new();
        let mut rest = self.pieces.as_slice();
        let mut taken = 0;
        for number in 1..=partitions as u64 {
            let until = all * number / partitions.max(1) as u64;
            let mut count = 0;
            while taken < until && count < rest.len() {
                taken += rest[count].rows;
                count += 1;
            }
            let (stretch, later) = rest.split_at(count);
            rest = later;
            if !stretch.is_empty() {
                let by_file = stretch.chunk_by(|a, b| std::ptr::eq(a.stored, b.stored));
                let files = by_file.map(file).collect::<Result<Vec<_>>>()?;
                groups.push(FileGroup::new(files));
            }
        }
        Ok(groups)
    }
}

/// The given row groups of one file.
fn file(pieces: &[Piece<'_>]) -> Result<PartitionedFile> {
    let Stored { partition, dead } = pieces[0].stored;
    let meta = &partition.meta;
    let whole =
        PartitionedFile::new(meta.file_name(), meta.bytes).with_extension(partition.clone());
    let live = (!dead.is_empty()).then(|| row_selection(dead, meta.rows));
    let Some((metadata, _)) = &pieces[0].group else {
        return Ok(match live {
            Some(live) => whole.with_extension(ParquetRowSelection::new(live)),
            None => whole,
        });
    };
    let groups = metadata.row_groups();
    let mut plan = match live {
        Some(live) => ParquetAccessPlan::try_new_from_overall_row_selection(live, groups)?,
        None => ParquetAccessPlan::new_all(groups.len()),
    };
    let numbers = pieces.iter().filter_map(|piece| piece.group.as_ref());
    let wanted: Vec<usize> = numbers.map(|(_, number)| *number).collect();
    for other in (0..groups.len()).filter(|number| !wanted.contains(number)) {
        plan.skip(other);
    }
    Ok(whole.with_extension(plan))
}
