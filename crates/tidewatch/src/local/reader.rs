//! Reading rows back from the bridge in this process.

use std::sync::Arc;

use tidewatch_bridge::Bridge;
use tidewatch_domain::{Timestamp, Value};
use tidewatch_wire as wire;

/// Asks the bridge.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    bridge: Bridge,
}

/// One row of a result, its cells by the names of their columns.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    columns: Arc<[wire::ColumnInfo]>,
    row: wire::Row,
}

impl Reader {
    /// Asks `bridge`.
    pub(crate) fn new(bridge: Bridge) -> Self {
        Reader { bridge }
    }

    /// The whole result of a statement, all pages.
    pub(crate) async fn rows(&self, statement: &str) -> Result<Vec<Cells>, wire::ApiError> {
        let mut rows = Vec::new();
        let mut next_token = None;
        loop {
            let request = wire::QueryRequest {
                query_string: Some(statement.to_owned()),
                next_token: next_token.take(),
                ..Default::default()
            };
            let page = self.bridge.query(request).await?;
            let columns: Arc<[wire::ColumnInfo]> = page.column_info.into();
            rows.extend(page.rows.into_iter().map(|row| Cells {
                columns: Arc::clone(&columns),
                row,
            }));
            next_token = page.next_token;
            if next_token.is_none() {
                return Ok(rows);
            }
        }
    }
}

impl Cells {
    /// The value in the column `name`; `None` where it is null, of a type that rows do not have,
    /// or there is no such column.
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let is_it = |column: &wire::ColumnInfo| column.name.as_deref() == Some(name);
        let position = self.columns.iter().position(is_it)?;
        let wire::Type::ScalarType(scalar) = &self.columns[position].r#type else {
            return None;
        };
        let wire::Datum::ScalarValue(text) = self.row.data.get(position)? else {
            return None;
        };
        value(scalar, text)
    }

    /// The instant in the column `name`.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        match self.get(name) {
            Some(Value::Timestamp(time)) => Some(time),
            _ => None,
        }
    }
}

fn value(scalar: &wire::ScalarType, text: &str) -> Option<Value> {
    use wire::ScalarType as Scalar;
    Some(match scalar {
        Scalar::Double => Value::Double(text.parse().ok()?),
        Scalar::Bigint | Scalar::Integer => Value::Bigint(text.parse().ok()?),
        Scalar::Varchar => Value::Varchar(text.to_owned()),
        Scalar::Boolean => Value::Boolean(text.parse().ok()?),
        Scalar::Timestamp => Value::Timestamp(timestamp(text)?),
        _ => return None,
    })
}

/// Timestream's text of a timestamp: `2026-11-22 07:00:00.123456789`, UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let nanos = jiff::tz::TimeZone::UTC
        .to_timestamp(civil)
        .ok()?
        .as_nanosecond();
    Some(Timestamp::from_nanos(i64::try_from(nanos).ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A row of columns with their types, as a bridge answers.
    pub(in crate::local) fn cells(columns: &[(&str, wire::ScalarType, Option<&str>)]) -> Cells {
        let data = columns.iter().map(|(_, _, cell)| match cell {
            Some(text) => wire::Datum::ScalarValue((*text).to_owned()),
            None => wire::Datum::NullValue(true),
        });
        let columns = columns.iter().map(|(name, scalar, _)| wire::ColumnInfo {
            name: Some((*name).to_owned()),
            r#type: wire::Type::ScalarType(scalar.clone()),
        });
        Cells {
            columns: columns.collect(),
            row: wire::Row {
                data: data.collect(),
            },
        }
    }

    #[test]
    fn cells_are_values_of_their_columns_types() {
        use wire::ScalarType as Scalar;
        let row = cells(&[
            ("a", Scalar::Varchar, Some("7")),
            ("b", Scalar::Bigint, Some("7")),
            ("c", Scalar::Double, Some("0.5")),
            ("d", Scalar::Boolean, Some("true")),
            (
                "e",
                Scalar::Timestamp,
                Some("2026-11-22 07:00:00.000000001"),
            ),
            ("f", Scalar::Bigint, None),
        ]);
        assert_eq!(row.get("a"), Some(Value::from("7")));
        assert_eq!(row.get("b"), Some(Value::Bigint(7)));
        assert_eq!(row.get("c"), Some(Value::Double(0.5)));
        assert_eq!(row.get("d"), Some(Value::Boolean(true)));
        let time = Timestamp::from_nanos(1_795_330_800_000_000_001);
        assert_eq!(row.time("e"), Some(time));
        assert_eq!(
            (row.get("f"), row.get("g"), row.time("a")),
            (None, None, None)
        );
    }
}
