//! The tables of the SQL corpus as tables in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringViewArray,
    TimestampNanosecondArray,
};
use arrow::datatypes::{Field, Schema};
use datafusion::datasource::MemTable;
use serde_json::Value;
use tidewatch_sql::{
    Attribute, Catalog, ColumnDescription, Datum, Engine, Execution, Limits, MeasureDescription,
    SqlError, TableSource, Type,
};

/// Where the corpus and its fixture are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/sql")
}

/// The databases of the fixture.
pub(super) struct Tables {
    databases: BTreeMap<String, BTreeMap<String, TableSource>>,
    /// What `now()` means.
    pub(super) now: i64,
}

impl Catalog for Tables {
    fn databases(&self) -> Vec<String> {
        self.databases.keys().cloned().collect()
    }

    fn tables(&self, database: &str) -> Option<Vec<String>> {
        Some(self.databases.get(database)?.keys().cloned().collect())
    }

    fn table(&self, database: &str, table: &str) -> Option<TableSource> {
        self.databases.get(database)?.get(table).cloned()
    }
}

impl Tables {
    /// Reads `fixture.json`.
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(folder().join("fixture.json")).unwrap();
        let fixture: Value = serde_json::from_str(&text).unwrap();
        let databases = fixture["databases"].as_object().unwrap().iter();
        let databases = databases.map(|(name, tables)| {
            let tables = tables.as_object().unwrap().iter();
            let tables =
                tables.map(|(name, records)| (name.clone(), table(records.as_array().unwrap())));
            (name.clone(), tables.collect())
        });
        Self {
            databases: databases.collect(),
            now: instant(fixture["now"].as_str().unwrap()),
        }
    }

    /// Runs a statement to its end.
    pub(super) async fn run(&self, sql: &str) -> Result<Answer, SqlError> {
        let engine = Engine::new(Limits::default()).unwrap();
        Answer::of(engine.query(sql, self, self.now).await?).await
    }
}

/// Everything that a statement gave.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) columns: Vec<(String, Type)>,
    pub(super) rows: Vec<Vec<Datum>>,
}

impl Answer {
    pub(super) async fn of(mut execution: Execution) -> Result<Self, SqlError> {
        let columns = execution
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.r#type.clone()));
        let columns = columns.collect();
        let mut rows = Vec::new();
        while let Some(more) = execution.next_rows().await? {
            rows.extend(more);
        }
        Ok(Self { columns, rows })
    }

    /// The rows as text; see [`text`].
    pub(super) fn texts(&self) -> Vec<Vec<String>> {
        self.rows
            .iter()
            .map(|row| row.iter().map(text).collect())
            .collect()
    }
}

/// A cell as text: `NULL`, `[a, b]` for arrays, `(a, b)` for rows, `{time: value, ...}` for series.
pub(super) fn text(datum: &Datum) -> String {
    let joined = |cells: &[Datum]| cells.iter().map(text).collect::<Vec<_>>().join(", ");
    match datum {
        Datum::Null => "NULL".to_owned(),
        Datum::Scalar(text) if text.is_empty() => "(empty)".to_owned(),
        Datum::Scalar(text) => text.clone(),
        Datum::Array(cells) => format!("[{}]", joined(cells)),
        Datum::Row(cells) => format!("({})", joined(cells)),
        Datum::TimeSeries(points) => {
            let points = points
                .iter()
                .map(|(time, value)| format!("{time}: {}", text(value)));
            format!("{{{}}}", points.collect::<Vec<_>>().join(", "))
        }
    }
}

fn instant(text: &str) -> i64 {
    let at: jiff::civil::DateTime = text.parse().unwrap();
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    i64::try_from(at.as_nanosecond()).unwrap()
}

/// One cell of a record: the type it gives its column, and the value.
type Cells<'a> = BTreeMap<String, (&'a str, &'a Value)>;

fn table(records: &[Value]) -> TableSource {
    let mut dimensions: Vec<String> = Vec::new();
    let mut measures: Vec<(String, String, Attribute)> = Vec::new();
    let mut described: Vec<MeasureDescription> = Vec::new();
    for record in records {
        let names: Vec<String> = record["dimensions"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        for name in &names {
            if !dimensions.contains(name) {
                dimensions.push(name.clone());
            }
        }
        let attribute = if record["value"].is_null() {
            Attribute::Multi
        } else {
            Attribute::MeasureValue
        };
        for (name, (data_type, _)) in measure_cells(record) {
            if !measures.iter().any(|(known, ..)| *known == name) {
                measures.push((name, data_type.to_owned(), attribute));
            }
        }
        let measure_name = record["measure_name"].as_str().unwrap().to_owned();
        let data_type = match attribute {
            Attribute::Multi => "multi".to_owned(),
            _ => measure_cells(record)
                .into_values()
                .next()
                .unwrap()
                .0
                .to_owned(),
        };
        if !described
            .iter()
            .any(|known| known.measure_name == measure_name)
        {
            described.push(MeasureDescription {
                measure_name,
                data_type,
                dimensions: names,
            });
        }
    }
    let mut columns: Vec<(ColumnDescription, ArrayRef)> = Vec::new();
    let mut push = |name: &str, data_type: &str, attribute, array: ArrayRef| {
        let description = ColumnDescription {
            name: name.to_owned(),
            data_type: type_named(data_type),
            attribute,
        };
        columns.push((description, array));
    };
    for name in &dimensions {
        let cells = records
            .iter()
            .map(|record| record["dimensions"].get(name).and_then(Value::as_str));
        push(
            name,
            "varchar",
            Attribute::Dimension,
            Arc::new(cells.collect::<StringViewArray>()),
        );
    }
    let names = records.iter().map(|record| record["measure_name"].as_str());
    push(
        "measure_name",
        "varchar",
        Attribute::MeasureName,
        Arc::new(names.collect::<StringViewArray>()),
    );
    let times: Vec<i64> = records
        .iter()
        .map(|record| instant(record["time"].as_str().unwrap()))
        .collect();
    push(
        "time",
        "timestamp",
        Attribute::Timestamp,
        Arc::new(TimestampNanosecondArray::from(times)),
    );
    for (name, data_type, attribute) in &measures {
        let cells: Vec<Cells> = records.iter().map(measure_cells).collect();
        let cells = cells
            .iter()
            .map(|cells| cells.get(name).map(|(_, value)| *value));
        push(
            name,
            data_type,
            *attribute,
            measure_column(data_type, cells),
        );
    }
    let fields: Vec<Field> = columns
        .iter()
        .map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.iter().map(|(_, array)| array.clone()).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
    TableSource {
        provider: Arc::new(MemTable::try_new(schema, vec![vec![batch]]).unwrap()),
        columns: columns.into_iter().map(|(column, _)| column).collect(),
        measures: described,
    }
}

fn measure_cells(record: &Value) -> Cells<'_> {
    match (&record["value"], &record["values"]) {
        (Value::Object(single), _) => {
            let (data_type, value) = single.iter().next().unwrap();
            BTreeMap::from([(
                format!("measure_value::{data_type}"),
                (data_type.as_str(), value),
            )])
        }
        (_, Value::Object(several)) => several
            .iter()
            .map(|(name, cell)| {
                let (data_type, value) = cell.as_object().unwrap().iter().next().unwrap();
                (name.clone(), (data_type.as_str(), value))
            })
            .collect(),
        _ => panic!("a record has neither `value` nor `values`: {record}"),
    }
}

fn measure_column<'a>(data_type: &str, cells: impl Iterator<Item = Option<&'a Value>>) -> ArrayRef {
    match data_type {
        "double" => Arc::new(
            cells
                .map(|c| c.and_then(Value::as_f64))
                .collect::<Float64Array>(),
        ),
        "bigint" => Arc::new(
            cells
                .map(|c| c.and_then(Value::as_i64))
                .collect::<Int64Array>(),
        ),
        "boolean" => Arc::new(
            cells
                .map(|c| c.and_then(Value::as_bool))
                .collect::<BooleanArray>(),
        ),
        "varchar" => Arc::new(
            cells
                .map(|c| c.and_then(Value::as_str))
                .collect::<StringViewArray>(),
        ),
        other => panic!("the fixture has no type {other}"),
    }
}

fn type_named(name: &str) -> Type {
    match name {
        "double" => Type::Double,
        "bigint" => Type::Bigint,
        "boolean" => Type::Boolean,
        "timestamp" => Type::Timestamp,
        "varchar" => Type::Varchar,
        other => panic!("the fixture has no type {other}"),
    }
}
