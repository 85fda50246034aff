//! The schema that readers see: only what durable rows brought in.

use std::sync::{Arc, OnceLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::{Column, ColumnRole, ColumnType, MeasureInfo, Registry};

/// The hidden column of record versions in Parquet files. Timestream reserves names that begin
/// with `ts_`, so no dimension or measure can be called that.
pub(crate) const VERSION: &str = "ts_version";

/// Where the cells of a column come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    MeasureName,
    Time,
    /// The column of this number in the [`Registry`].
    Cell(u32),
}

/// An unchanging copy of a [`Registry`] with what is derived from it.
#[derive(Debug)]
pub(crate) struct Published {
    registry: Registry,
    columns: Vec<Column>,
    sources: Vec<Source>,
    arrow: SchemaRef,
    measures: OnceLock<Vec<MeasureInfo>>,
}

impl Published {
    pub(crate) fn new(registry: Registry) -> Published {
        let mut columns = Vec::new();
        let mut sources = Vec::new();
        for (id, column) in registry.dimension_columns() {
            columns.push(column.clone());
            sources.push(Source::Cell(id));
        }
        columns.push(Column {
            name: "measure_name".to_owned(),
            data_type: ColumnType::Varchar,
            role: ColumnRole::MeasureName,
        });
        sources.push(Source::MeasureName);
        columns.push(Column {
            name: "time".to_owned(),
            data_type: ColumnType::Timestamp,
            role: ColumnRole::Time,
        });
        sources.push(Source::Time);
        for (id, column) in (0..).zip(registry.columns()) {
            if column.role != ColumnRole::Dimension {
                columns.push(column.clone());
                sources.push(Source::Cell(id));
            }
        }
        let fields: Vec<Field> = columns.iter().map(field).collect();
        Published {
            registry,
            columns,
            sources,
            arrow: Arc::new(Schema::new(fields)),
            measures: OnceLock::new(),
        }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Dimensions, `measure_name`, `time`, measure columns.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// For each of [`Published::columns`], where its cells come from.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// [`Published::columns`] in Arrow's terms.
    pub(crate) fn arrow(&self) -> &SchemaRef {
        &self.arrow
    }

    /// Measures by first appearance.
    pub(crate) fn measures(&self) -> &[MeasureInfo] {
        self.measures.get_or_init(|| {
            let names = |ids: &[u32]| {
                ids.iter()
                    .filter_map(|id| self.registry.column(*id))
                    .map(|column| column.name.clone())
                    .collect()
            };
            self.registry
                .measures()
                .iter()
                .map(|measure| MeasureInfo {
                    measure_name: measure.name.clone(),
                    data_type: measure.data_type,
                    dimensions: names(&measure.dimensions),
                })
                .collect()
        })
    }
}

fn field(column: &Column) -> Field {
    let nullable = !matches!(column.role, ColumnRole::MeasureName | ColumnRole::Time);
    Field::new(&column.name, column.data_type.arrow(), nullable)
}

/// The field of the hidden column [`VERSION`].
pub(crate) fn version_field() -> Field {
    Field::new(VERSION, DataType::Int64, false)
}
