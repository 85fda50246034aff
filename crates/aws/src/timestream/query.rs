//! Asking Timestream, or a bridge.

use aws_sdk_timestreamquery::Client;
use aws_sdk_timestreamquery::types::{ColumnInfo, Datum, Row, ScalarType};
use aws_smithy_types::error::display::DisplayErrorContext;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tidewatch_domain::{Timestamp, Value};

/// The most rows that a statement of ours may give: what reads them holds them all.
const MOST_ROWS: usize = 1_000_000;

/// A statement could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The service could not answer it.
    #[error("the statement failed: {reason}")]
    Service {
        /// What the SDK says.
        reason: String,
    },
    /// The answer is not what the statement asks for.
    #[error("column `{column}` has the value `{value}`, which is not {wanted}")]
    Shape {
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// There are more rows than can be held.
    #[error("the statement gives more than {MOST_ROWS} rows; ask for a shorter time")]
    TooMany,
}

/// All rows of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResult {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with one value a column; `None` is null.
    pub rows: Vec<Vec<Option<Value>>>,
}

impl QueryResult {
    /// The value of the column called `name` in `row`.
    pub fn value<'r>(&self, row: &'r [Option<Value>], name: &str) -> Option<&'r Value> {
        let index = self.columns.iter().position(|column| column == name)?;
        row.get(index)?.as_ref()
    }
}

/// Asks Timestream, or a bridge.
#[derive(Clone, Debug)]
pub struct TimestreamQuery {
    client: Client,
}

impl TimestreamQuery {
    /// Asks through `client`.
    pub fn new(client: Client) -> Self {
        TimestreamQuery { client }
    }

    /// All rows of the answer to `statement`, over all its pages. Columns have to be scalars.
    pub async fn rows(&self, statement: &str) -> Result<QueryResult, QueryError> {
        let mut result = QueryResult::default();
        let mut next_token = None;
        loop {
            let page = self
                .client
                .query()
                .query_string(statement)
                .set_next_token(next_token.take())
                .send()
                .await
                .map_err(|error| QueryError::Service {
                    reason: DisplayErrorContext(&error).to_string(),
                })?;
            let columns = page.column_info();
            result.columns = columns.iter().map(name).collect();
            for row in page.rows() {
                result.rows.push(values(columns, row)?);
            }
            if result.rows.len() > MOST_ROWS {
                return Err(QueryError::TooMany);
            }
            next_token = page.next_token;
            if next_token.is_none() {
                return Ok(result);
            }
        }
    }
}

fn name(column: &ColumnInfo) -> String {
    column.name().unwrap_or_default().to_owned()
}

fn values(columns: &[ColumnInfo], row: &Row) -> Result<Vec<Option<Value>>, QueryError> {
    columns
        .iter()
        .zip(row.data())
        .map(|(column, datum)| value(column, datum))
        .collect()
}

fn value(column: &ColumnInfo, datum: &Datum) -> Result<Option<Value>, QueryError> {
    let Some(text) = datum.scalar_value() else {
        return if datum.null_value() == Some(true) {
            Ok(None)
        } else {
            Err(shape(column, "(not a scalar)", "a scalar"))
        };
    };
    let scalar = column.r#type().and_then(|found| found.scalar_type());
    let value = match scalar {
        Some(ScalarType::Double) => text.parse().ok().map(Value::Double),
        Some(ScalarType::Bigint | ScalarType::Integer) => text.parse().ok().map(Value::Bigint),
        Some(ScalarType::Boolean) => text.parse().ok().map(Value::Boolean),
        Some(ScalarType::Timestamp) => timestamp(text).map(Value::Timestamp),
        _ => Some(Value::Varchar(text.to_owned())),
    };
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(shape(column, text, "of the column's type")),
    }
}

fn shape(column: &ColumnInfo, value: &str, wanted: &'static str) -> QueryError {
    QueryError::Shape {
        column: name(column),
        value: value.to_owned(),
        wanted,
    }
}

/// Timestream's text of a timestamp: `2026-11-22 07:00:00.123456789`, UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.parse().ok()?;
    let nanos = TimeZone::UTC.to_timestamp(civil).ok()?.as_nanosecond();
    i64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

#[cfg(test)]
mod tests;
