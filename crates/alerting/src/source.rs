//! Where the answers to a rule's queries come from.

use async_trait::async_trait;

/// A database that answers statements of the Timestream dialect.
#[async_trait]
pub trait Source: Send + Sync {
    /// Answers `sql`, whose macros are replaced, with all pages; `datasource_uid` is the data
    /// source that the rule names. The error is the text that Grafana would show.
    async fn query(&self, datasource_uid: &str, sql: &str) -> Result<Answer, String>;
}

/// The whole answer to a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Name and type of each column.
    pub columns: Vec<Column>,
    /// A cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, `_col0` where the statement gives none.
    pub name: String,
    /// Its type.
    pub kind: ColumnKind,
}

/// The types of columns, by Timestream's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// BOOLEAN
    Boolean,
    /// INTEGER
    Integer,
    /// BIGINT
    Bigint,
    /// DOUBLE
    Double,
    /// VARCHAR
    Varchar,
    /// TIMESTAMP
    Timestamp,
    /// DATE
    Date,
    /// TIME
    Time,
    /// INTERVAL_DAY_TO_SECOND and INTERVAL_YEAR_TO_MONTH
    Interval,
    /// ARRAY and ROW: text for people
    Nested,
    /// TIMESERIES, with the type of its values
    TimeSeries(Box<ColumnKind>),
    /// UNKNOWN: the plugin leaves such a column out
    Unknown,
}

/// A cell of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A value as the Query API writes it.
    Scalar(String),
    /// A time series: instants and values as the Query API writes them.
    Series(Vec<(String, Option<String>)>),
}
