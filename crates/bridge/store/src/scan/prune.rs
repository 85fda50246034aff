//! Leaving out chunks and files that cannot hold a wanted row.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, StringViewArray, TimestampNanosecondArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};

use crate::head::ChunkView;
use crate::table::Stored;

/// A query's filters, applied to what is known of chunks and files as a whole.
pub(super) struct Pruner {
    predicate: Option<Arc<PruningPredicate>>,
}

impl Pruner {
    pub(super) fn new(predicate: Option<&Arc<dyn PhysicalExpr>>, schema: &SchemaRef) -> Pruner {
        // What cannot be used for pruning is no fault: the rows are filtered in any case.
        let predicate = predicate.and_then(|predicate| {
            PruningPredicateBuilder::new()
                .with_file_schema(schema.clone())
                .build(predicate.clone())
        });
        Pruner { predicate }
    }

    pub(super) fn chunks<'a>(&self, chunks: &'a [ChunkView]) -> Result<Vec<&'a ChunkView>> {
        self.keep(chunks, |chunk| Known {
            min_time: chunk.min_time,
            max_time: chunk.max_time,
            measure_name: chunk.measure_name.as_deref(),
        })
    }

    pub(super) fn files<'a>(&self, files: &'a [Stored]) -> Result<Vec<&'a Stored>> {
        self.keep(files, |stored| Known {
            min_time: stored.partition.meta.min_time,
            max_time: stored.partition.meta.max_time,
            measure_name: None,
        })
    }

    fn keep<'a, T>(&self, all: &'a [T], known: impl Fn(&'a T) -> Known<'a>) -> Result<Vec<&'a T>> {
        let Some(predicate) = &self.predicate else {
            return Ok(all.iter().collect());
        };
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let statistics = Statistics {
            containers: all.iter().map(known).collect(),
        };
        let wanted = predicate.prune(&statistics)?;
        let kept = all.iter().zip(wanted).filter(|(_, wanted)| *wanted);
        Ok(kept.map(|(each, _)| each).collect())
    }
}

/// What is known of the rows of a chunk or a file.
struct Known<'a> {
    min_time: i64,
    max_time: i64,
    /// That of all rows, when they have only one.
    measure_name: Option<&'a str>,
}

struct Statistics<'a> {
    containers: Vec<Known<'a>>,
}

impl Statistics<'_> {
    fn of(&self, column: &Column, time: impl Fn(&Known<'_>) -> i64) -> Option<ArrayRef> {
        let containers = self.containers.iter();
        match column.name.as_str() {
            "time" => Some(Arc::new(TimestampNanosecondArray::from_iter_values(
                containers.map(time),
            ))),
            "measure_name" => Some(Arc::new(StringViewArray::from_iter(
                containers.map(|known| known.measure_name),
            ))),
            _ => None,
        }
    }
}

impl PruningStatistics for Statistics<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, |known| known.min_time)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, |known| known.max_time)
    }

    fn num_containers(&self) -> usize {
        self.containers.len()
    }

    fn null_counts(&self, _column: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
