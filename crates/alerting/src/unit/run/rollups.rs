//! Hours are rolled up as the product does it, when they are over.

use std::time::Duration;

use tidewatch_domain::rollup::{self, Counted, Definition, Hour, Written};
use tidewatch_domain::{Timestamp, Value};

use super::super::file::TestFile;
use super::super::row::{Row, TableName};
use super::super::stage::Stage;
use crate::source::{Answer, Cell, ColumnKind};

/// An hour is rolled up so long after its end.
const SETTLED_AFTER: Duration = Duration::from_secs(2 * 60);

/// The hours that are not rolled up yet.
pub(super) struct Rollups<'a> {
    table: &'a TableName,
    open: Hour,
}

impl<'a> Rollups<'a> {
    pub(super) fn new(file: &'a TestFile) -> Self {
        Rollups {
            table: &file.table,
            open: Hour::of(file.start),
        }
    }

    /// Rolls up the hours that are over at `at`.
    pub(super) async fn catch_up(
        &mut self,
        stage: &dyn Stage,
        at: Timestamp,
    ) -> Result<(), String> {
        let last = Hour::last_complete(at.minus(SETTLED_AFTER));
        while self.open <= last {
            let rows = self.rows(stage, self.open, at).await?;
            if !rows.is_empty() {
                stage.write(rows).await?;
            }
            self.open = self.open.next();
        }
        Ok(())
    }

    async fn rows(&self, stage: &dyn Stage, hour: Hour, at: Timestamp) -> Result<Vec<Row>, String> {
        let TableName { database, table } = self.table;
        let counted = rollup::counts_statement(database, table, hour);
        let counted = read(stage, &counted, |row| Counted::of_row(|name| row.get(name))).await?;
        if counted.is_empty() {
            return Ok(Vec::new());
        }
        let defined = rollup::definitions_statement(database, table, hour);
        let defined = read(stage, &defined, |row| {
            Definition::of_row(|name| row.get(name))
        })
        .await?;
        let written = rollup::written_statement(database, table, hour);
        let written = read(stage, &written, |row| Written::of_row(|name| row.get(name))).await?;
        let rows = rollup::records(hour, &counted, &defined, &written, at);
        let rows = rows.into_iter().map(|row| Row::of(row, self.table, at));
        Ok(rows.collect())
    }
}

async fn read<T>(
    stage: &dyn Stage,
    statement: &str,
    read: impl Fn(&Cells<'_>) -> Option<T>,
) -> Result<Vec<T>, String> {
    let answer = stage.query("", statement).await?;
    let rows = answer.rows.iter().map(|cells| Cells {
        answer: &answer,
        cells,
    });
    Ok(rows.filter_map(|row| read(&row)).collect())
}

/// A row of an answer, its cells by the names of their columns.
struct Cells<'a> {
    answer: &'a Answer,
    cells: &'a [Cell],
}

impl Cells<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        let columns = &self.answer.columns;
        let position = columns.iter().position(|column| column.name == name)?;
        let Cell::Scalar(text) = self.cells.get(position)? else {
            return None;
        };
        Some(match columns[position].kind {
            ColumnKind::Double => Value::Double(text.parse().ok()?),
            ColumnKind::Bigint | ColumnKind::Integer => Value::Bigint(text.parse().ok()?),
            ColumnKind::Varchar => Value::Varchar(text.clone()),
            ColumnKind::Boolean => Value::Boolean(text.parse().ok()?),
            ColumnKind::Timestamp => Value::Timestamp(instant(text)?),
            _ => return None,
        })
    }
}

/// `2026-11-22 07:00:00.000000000`, in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    format!("{}Z", text.replacen(' ', "T", 1)).parse().ok()
}
