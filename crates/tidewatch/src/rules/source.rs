//! The answers to the queries of rules, from the bridge in this process.

use std::time::Duration;

use async_trait::async_trait;
use tidewatch_alerting::source::{Answer, Cell, Column, ColumnKind, Source};
use tidewatch_bridge::Bridge;
use tidewatch_wire as wire;

/// How long one query may take, all pages together.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Asks a bridge in this process. Whatever data source a rule names, this is it.
#[derive(Clone, Debug)]
pub(crate) struct BridgeSource {
    bridge: Bridge,
    time_limit: Duration,
}

impl BridgeSource {
    /// Asks `bridge`.
    pub(crate) fn new(bridge: Bridge) -> Self {
        BridgeSource {
            bridge,
            time_limit: TIME_LIMIT,
        }
    }

    async fn pages(&self, sql: &str, query_id: &mut Option<String>) -> Result<Answer, String> {
        let mut answer = Answer::default();
        let mut next_token = None;
        loop {
            let request = wire::QueryRequest {
                query_string: Some(sql.to_owned()),
                next_token: next_token.take(),
                ..Default::default()
            };
            let page = self.bridge.query(request).await;
            let page = page.map_err(|error| error.to_string())?;
            if answer.columns.is_empty() {
                answer.columns = columns(page.column_info);
            }
            answer.rows.extend(page.rows.into_iter().map(row));
            next_token = page.next_token;
            *query_id = next_token.is_some().then_some(page.query_id);
            if next_token.is_none() {
                return Ok(answer);
            }
        }
    }
}

#[async_trait]
impl Source for BridgeSource {
    async fn query(&self, _datasource_uid: &str, sql: &str) -> Result<Answer, String> {
        let mut unread = None;
        let pages = tokio::time::timeout(self.time_limit, self.pages(sql, &mut unread)).await;
        if let Some(query_id) = unread {
            // Best effort: a result that nobody reads ends by itself, only later.
            let request = wire::CancelQueryRequest {
                query_id: Some(query_id),
            };
            let _ = self.bridge.cancel_query(request).await;
        }
        pages.unwrap_or_else(|_| {
            Err(format!(
                "the query took longer than {} s",
                self.time_limit.as_secs_f64()
            ))
        })
    }
}

/// Columns as rules see them.
pub(crate) fn columns(columns: Vec<wire::ColumnInfo>) -> Vec<Column> {
    let column = |(position, column): (usize, wire::ColumnInfo)| Column {
        kind: kind(&column.r#type),
        name: column.name.unwrap_or_else(|| format!("_col{position}")),
    };
    columns.into_iter().enumerate().map(column).collect()
}

/// A row as rules see it.
pub(crate) fn row(row: wire::Row) -> Vec<Cell> {
    row.data.into_iter().map(cell).collect()
}

fn kind(kind: &wire::Type) -> ColumnKind {
    use wire::ScalarType as Scalar;
    match kind {
        wire::Type::ScalarType(scalar) => match scalar {
            Scalar::Boolean => ColumnKind::Boolean,
            Scalar::Integer => ColumnKind::Integer,
            Scalar::Bigint => ColumnKind::Bigint,
            Scalar::Double => ColumnKind::Double,
            Scalar::Varchar => ColumnKind::Varchar,
            Scalar::Timestamp => ColumnKind::Timestamp,
            Scalar::Date => ColumnKind::Date,
            Scalar::Time => ColumnKind::Time,
            Scalar::IntervalDayToSecond | Scalar::IntervalYearToMonth => ColumnKind::Interval,
            _ => ColumnKind::Unknown,
        },
        wire::Type::ArrayColumnInfo(_) | wire::Type::RowColumnInfo(_) => ColumnKind::Nested,
        wire::Type::TimeSeriesMeasureValueColumnInfo(column) => {
            ColumnKind::TimeSeries(Box::new(self::kind(&column.r#type)))
        }
    }
}

fn cell(datum: wire::Datum) -> Cell {
    match datum {
        wire::Datum::NullValue(_) => Cell::Null,
        wire::Datum::ScalarValue(text) => Cell::Scalar(text),
        wire::Datum::TimeSeriesValue(points) => {
            let point = |point: wire::TimeSeriesDataPoint| {
                let value = match point.value {
                    wire::Datum::ScalarValue(text) => Some(text),
                    _ => None,
                };
                (point.time, value)
            };
            Cell::Series(points.into_iter().map(point).collect())
        }
        // Text for people: the plugin writes such values as JSON.
        nested => Cell::Scalar(nested_text(&nested)),
    }
}

fn nested_text(datum: &wire::Datum) -> String {
    serde_json::to_string(datum).expect("a datum is made of texts and lists")
}

#[cfg(test)]
mod tests;
