//! Columns of rows, growing and final.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int64Array, Int64Builder,
    StringViewBuilder, TimestampNanosecondArray, TimestampNanosecondBuilder,
};
use arrow::datatypes::{Float64Type, Int64Type, TimestampNanosecondType};

use crate::row::{Cell, Row};
use crate::schema::{ColumnRole, ColumnType, Registry, Source};

/// Final columns. All arrays have the same length.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    measure_name: ArrayRef,
    time: Arc<TimestampNanosecondArray>,
    version: Arc<Int64Array>,
    /// By ascending column number.
    cells: Vec<(u32, ArrayRef)>,
}

impl Columns {
    pub(crate) fn new(
        measure_name: ArrayRef,
        time: Arc<TimestampNanosecondArray>,
        version: Arc<Int64Array>,
        mut cells: Vec<(u32, ArrayRef)>,
    ) -> Columns {
        cells.sort_unstable_by_key(|(column, _)| *column);
        Columns {
            measure_name,
            time,
            version,
            cells,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.time.len()
    }

    /// The array of a column, if any of these rows ever had a cell there.
    pub(crate) fn array(&self, source: Source) -> Option<ArrayRef> {
        match source {
            Source::MeasureName => Some(self.measure_name.clone()),
            Source::Time => Some(self.time.clone()),
            Source::Cell(column) => {
                let at = self.cells.binary_search_by_key(&column, |(id, _)| *id);
                at.ok().map(|at| self.cells[at].1.clone())
            }
        }
    }

    pub(crate) fn versions(&self) -> &Arc<Int64Array> {
        &self.version
    }

    pub(crate) fn time(&self, row: usize) -> i64 {
        self.time.value(row)
    }

    pub(crate) fn version(&self, row: usize) -> i64 {
        self.version.value(row)
    }

    /// Whether the measure columns of a row hold exactly the measures among `cells`.
    pub(crate) fn same_measures(
        &self,
        row: usize,
        cells: &[(u32, Cell<'_>)],
        registry: &Registry,
    ) -> bool {
        let is_measure = |column: u32| {
            registry
                .column(column)
                .is_some_and(|column| column.role != ColumnRole::Dimension)
        };
        let mut stored = self
            .cells
            .iter()
            .filter(|(column, array)| array.is_valid(row) && is_measure(*column))
            .count();
        for (column, cell) in cells.iter().filter(|(column, _)| is_measure(*column)) {
            if self.cell(*column, row) != Some(*cell) {
                return false;
            }
            stored -= 1;
        }
        stored == 0
    }

    fn cell(&self, column: u32, row: usize) -> Option<Cell<'_>> {
        let at = self
            .cells
            .binary_search_by_key(&column, |(id, _)| *id)
            .ok()?;
        cell_of(self.cells[at].1.as_ref(), row)
    }
}

/// The content of an array of one of our types at `row`; `None` when it is null.
pub(crate) fn cell_of(array: &dyn Array, row: usize) -> Option<Cell<'_>> {
    if array.is_null(row) {
        return None;
    }
    if let Some(array) = array.as_string_view_opt() {
        return Some(Cell::Varchar(array.value(row)));
    }
    if let Some(array) = array.as_primitive_opt::<Float64Type>() {
        return Some(Cell::Double(array.value(row)));
    }
    if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        return Some(Cell::Bigint(array.value(row)));
    }
    if let Some(array) = array.as_primitive_opt::<TimestampNanosecondType>() {
        return Some(Cell::Timestamp(array.value(row)));
    }
    let array = array.as_boolean_opt()?;
    Some(Cell::Boolean(array.value(row)))
}

/// Columns that grow. A column that a row does not use falls behind and is filled up with nulls
/// when that matters.
#[derive(Debug)]
pub(super) struct OpenColumns {
    rows: usize,
    measure_name: StringViewBuilder,
    time: TimestampNanosecondBuilder,
    version: Int64Builder,
    cells: Vec<(u32, Builder)>,
    /// Position in `cells` by column number, [`NONE`] where there is none.
    slots: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl OpenColumns {
    pub(super) fn new() -> OpenColumns {
        OpenColumns {
            rows: 0,
            measure_name: StringViewBuilder::new().with_deduplicate_strings(),
            time: TimestampNanosecondBuilder::with_capacity(0),
            version: Int64Builder::with_capacity(0),
            cells: Vec::new(),
            slots: Vec::new(),
        }
    }

    /// Adds a row and says about how many bytes it took.
    pub(super) fn push(&mut self, row: &Row<'_>, measure_name: &str, registry: &Registry) -> usize {
        self.measure_name.append_value(measure_name);
        self.time.append_value(row.time);
        self.version.append_value(row.version);
        let mut bytes = 32; // a view, time and version
        for (column, cell) in row.cells {
            let slot = self.slot(*column, registry);
            let Some((_, builder)) = self.cells.get_mut(slot as usize) else {
                continue;
            };
            builder.fill(self.rows);
            bytes += builder.push(*cell);
        }
        self.rows += 1;
        bytes
    }

    fn slot(&mut self, column: u32, registry: &Registry) -> u32 {
        let at = column as usize;
        if let Some(slot) = self.slots.get(at).filter(|slot| **slot != NONE) {
            return *slot;
        }
        let Some(definition) = registry.column(column) else {
            return NONE;
        };
        if self.slots.len() <= at {
            self.slots.resize(at + 1, NONE);
        }
        let slot = self.cells.len() as u32;
        self.slots[at] = slot;
        self.cells
            .push((column, Builder::new(definition.data_type)));
        slot
    }

    /// A copy of the rows so far.
    pub(super) fn copy(&mut self) -> Columns {
        let rows = self.rows;
        let cells = self.cells.iter_mut().map(|(column, builder)| {
            builder.fill(rows);
            (*column, builder.copy())
        });
        Columns::new(
            Arc::new(self.measure_name.finish_cloned()),
            Arc::new(self.time.finish_cloned()),
            Arc::new(self.version.finish_cloned()),
            cells.collect(),
        )
    }

    /// The final form.
    pub(super) fn finish(mut self) -> Columns {
        let rows = self.rows;
        let cells = self.cells.into_iter().map(|(column, mut builder)| {
            builder.fill(rows);
            (column, builder.finish())
        });
        Columns::new(
            Arc::new(self.measure_name.finish()),
            Arc::new(self.time.finish()),
            Arc::new(self.version.finish()),
            cells.collect(),
        )
    }
}

#[derive(Debug)]
enum Builder {
    Varchar(StringViewBuilder, usize),
    Double(Float64Builder, usize),
    Bigint(Int64Builder, usize),
    Boolean(BooleanBuilder, usize),
    Timestamp(TimestampNanosecondBuilder, usize),
}

/// Does the same to the Arrow builder inside, whatever its type.
macro_rules! each {
    ($self:expr, $builder:ident, $len:ident => $do:expr) => {
        match $self {
            Builder::Varchar($builder, $len) => $do,
            Builder::Double($builder, $len) => $do,
            Builder::Bigint($builder, $len) => $do,
            Builder::Boolean($builder, $len) => $do,
            Builder::Timestamp($builder, $len) => $do,
        }
    };
}

impl Builder {
    fn new(of: ColumnType) -> Builder {
        match of {
            ColumnType::Varchar => {
                Builder::Varchar(StringViewBuilder::new().with_deduplicate_strings(), 0)
            }
            ColumnType::Double => Builder::Double(Float64Builder::with_capacity(0), 0),
            ColumnType::Bigint => Builder::Bigint(Int64Builder::with_capacity(0), 0),
            ColumnType::Boolean => Builder::Boolean(BooleanBuilder::with_capacity(0), 0),
            ColumnType::Timestamp => {
                Builder::Timestamp(TimestampNanosecondBuilder::with_capacity(0), 0)
            }
        }
    }

    /// Adds nulls up to `rows`.
    fn fill(&mut self, rows: usize) {
        each!(self, builder, len => {
            for _ in *len..rows {
                builder.append_null();
            }
            *len = rows.max(*len);
        });
    }

    /// Adds a value, or a null should its type not be the column's.
    fn push(&mut self, cell: Cell<'_>) -> usize {
        let bytes = match (&mut *self, cell) {
            (Builder::Varchar(builder, _), Cell::Varchar(value)) => {
                builder.append_value(value);
                if value.len() > 12 {
                    16 + value.len()
                } else {
                    16
                }
            }
            (Builder::Double(builder, _), Cell::Double(value)) => {
                builder.append_value(value);
                8
            }
            (Builder::Bigint(builder, _), Cell::Bigint(value)) => {
                builder.append_value(value);
                8
            }
            (Builder::Boolean(builder, _), Cell::Boolean(value)) => {
                builder.append_value(value);
                1
            }
            (Builder::Timestamp(builder, _), Cell::Timestamp(value)) => {
                builder.append_value(value);
                8
            }
            (this, _) => {
                each!(this, builder, _len => builder.append_null());
                1
            }
        };
        each!(self, _builder, len => *len += 1);
        bytes
    }

    fn copy(&self) -> ArrayRef {
        each!(self, builder, _len => Arc::new(builder.finish_cloned()))
    }

    fn finish(&mut self) -> ArrayRef {
        each!(self, builder, _len => Arc::new(builder.finish()))
    }
}
