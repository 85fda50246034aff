//! What the engine asks of whoever owns the tables.

use std::sync::Arc;

use datafusion::catalog::TableProvider;

use crate::types::Type;

/// The databases and tables that a statement may name.
///
/// Names are compared byte by byte. The engine asks only for tables that the statement names, and
/// for each of them once, so that a statement sees one state of a table.
pub trait Catalog: Send + Sync {
    /// The names of all databases, in the order in which `SHOW DATABASES` lists them.
    fn databases(&self) -> Vec<String>;

    /// The names of the tables of `database`, in the order of `SHOW TABLES`; `None` when there is
    /// no such database.
    fn tables(&self, database: &str) -> Option<Vec<String>>;

    /// The table, or `None` when the database or the table does not exist.
    fn table(&self, database: &str, table: &str) -> Option<TableSource>;
}

/// One table at one moment.
#[derive(Debug, Clone)]
pub struct TableSource {
    /// Gives the rows. Its schema has Utf8View for `varchar`, Float64 for `double`, Int64 for
    /// `bigint`, Boolean, and Timestamp(Nanosecond, None) for `timestamp`.
    pub provider: Arc<dyn TableProvider>,
    /// The columns in the order of `DESCRIBE`.
    pub columns: Vec<ColumnDescription>,
    /// The measures in the order of `SHOW MEASURES`.
    pub measures: Vec<MeasureDescription>,
}

/// A row of `DESCRIBE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDescription {
    /// The column's name, such as `region` or `measure_value::double`.
    pub name: String,
    /// The column's type.
    pub data_type: Type,
    /// What the column is for.
    pub attribute: Attribute,
}

/// A row of `SHOW MEASURES`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureDescription {
    /// The value of the column `measure_name`.
    pub measure_name: String,
    /// `double`, `bigint`, `varchar`, `boolean` or `multi`.
    pub data_type: String,
    /// The names of the dimensions that records of this measure carry; all are `varchar`.
    pub dimensions: Vec<String>,
}

/// The role of a column, as `DESCRIBE` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `DIMENSION`
    Dimension,
    /// `MEASURE_NAME`
    MeasureName,
    /// `TIMESTAMP`
    Timestamp,
    /// `MEASURE_VALUE`: the value of a single-measure record.
    MeasureValue,
    /// `MULTI`: a measure of a multi-measure record.
    Multi,
}

impl Attribute {
    /// The word that `DESCRIBE` prints.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Dimension => "DIMENSION",
            Self::MeasureName => "MEASURE_NAME",
            Self::Timestamp => "TIMESTAMP",
            Self::MeasureValue => "MEASURE_VALUE",
            Self::Multi => "MULTI",
        }
    }
}
