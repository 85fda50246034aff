//! Which filters decide about the rows of a row group, going by what the file says of it.
//!
//! Files are sorted by measure name and dimensions, so that most row groups have one measure, and
//! often one value of a dimension; and a day that is asked for as a whole has no row outside of it.
//! Filters that every row passes need not be looked at row by row, nor their columns be read.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, IsNullExpr, NotExpr};
use datafusion::physical_expr::simplifier::PhysicalExprSimplifier;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, conjunction_opt};
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::ParquetMetaData;

use crate::schema::{ColumnRole, Published};

/// The filters of a query, to be asked about row groups.
#[derive(Debug)]
pub(super) struct GroupFilters {
    schema: SchemaRef,
    /// That a row may pass all of them; `None` when statistics cannot tell.
    hope: Option<PruningPredicate>,
    /// For each, that a row may not pass it; `None` when statistics cannot tell.
    doubts: Vec<Option<PruningPredicate>>,
}

impl GroupFilters {
    pub(super) fn new(filters: &[Arc<dyn PhysicalExpr>], published: &Published) -> GroupFilters {
        let schema = published.arrow();
        let all = conjunction_opt(filters.iter().cloned());
        GroupFilters {
            schema: schema.clone(),
            hope: all.and_then(|all| predicate(all, schema)),
            doubts: filters
                .iter()
                .map(|filter| doubt(filter, published))
                .collect(),
        }
    }

    /// For each row group of a file, the positions of the filters that decide about its rows: that
    /// some may pass and some may not. `None` for a row group of which no row passes all filters.
    pub(super) fn deciding(&self, file: &ParquetMetaData) -> Result<Vec<Option<Vec<usize>>>> {
        let groups = RowGroups {
            schema: &self.schema,
            file,
        };
        let may = |predicate: &Option<PruningPredicate>| match predicate {
            Some(predicate) => predicate.prune(&groups),
            None => Ok(vec![true; groups.num_containers()]),
        };
        let mut deciding: Vec<Option<Vec<usize>>> = may(&self.hope)?
            .into_iter()
            .map(|some_pass| some_pass.then(Vec::new))
            .collect();
        for (number, doubt) in self.doubts.iter().enumerate() {
            for (deciding, some_fail) in deciding.iter_mut().zip(may(doubt)?) {
                deciding
                    .iter_mut()
                    .filter(|_| some_fail)
                    .for_each(|deciding| deciding.push(number));
            }
        }
        Ok(deciding)
    }
}

/// That a row may not pass `filter`: that it is false, or unknown for want of a value.
fn doubt(filter: &Arc<dyn PhysicalExpr>, published: &Published) -> Option<PruningPredicate> {
    let schema = published.arrow();
    let used = collect_columns(filter);
    // The bounds of a column of numbers say nothing of a NaN in it; and only what files are sorted
    // by is the same in all rows of a row group.
    let is_sorted_by = |name: &str| {
        let column = published.columns().iter().find(|each| each.name == name);
        let role = column.map(|column| column.role);
        matches!(
            role,
            Some(ColumnRole::Time | ColumnRole::MeasureName | ColumnRole::Dimension)
        )
    };
    if used.is_empty() || !used.iter().all(|column| is_sorted_by(column.name())) {
        return None;
    }
    let mut doubt: Arc<dyn PhysicalExpr> = Arc::new(NotExpr::new(filter.clone()));
    for column in used {
        let missing = Arc::new(IsNullExpr::new(Arc::new(column)));
        doubt = Arc::new(BinaryExpr::new(doubt, Operator::Or, missing));
    }
    let doubt = PhysicalExprSimplifier::new(schema).simplify(doubt).ok()?;
    predicate(doubt, schema)
}

fn predicate(statement: Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Option<PruningPredicate> {
    PruningPredicateBuilder::new()
        .with_file_schema(schema.clone())
        .try_build(statement)
        .ok()
}

/// What a file says of its row groups.
struct RowGroups<'a> {
    schema: &'a SchemaRef,
    file: &'a ParquetMetaData,
}

impl RowGroups<'_> {
    fn of<T>(
        &self,
        column: &Column,
        read: impl Fn(&StatisticsConverter<'_>) -> parquet::errors::Result<T>,
    ) -> Option<T> {
        let parquet = self.file.file_metadata().schema_descr();
        let converter = StatisticsConverter::try_new(&column.name, self.schema, parquet).ok()?;
        // Of a file that does not have the column every row lacks it.
        converter.parquet_column_index()?;
        read(&converter.with_missing_null_counts_as_zero(false)).ok()
    }
}

impl PruningStatistics for RowGroups<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, |all| all.row_group_mins(self.file.row_groups()))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, |all| all.row_group_maxes(self.file.row_groups()))
    }

    fn num_containers(&self) -> usize {
        self.file.num_row_groups()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let counts = self.of(column, |all| {
            all.row_group_null_counts(self.file.row_groups())
        });
        counts.map(|counts| Arc::new(counts) as ArrayRef)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let groups = self.file.row_groups().iter();
        let rows = groups.map(|group| u64::try_from(group.num_rows()).ok());
        Some(Arc::new(rows.collect::<UInt64Array>()))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
