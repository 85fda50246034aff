//! Answers as a table, as CSV or as JSON.

mod csv;
mod json;
mod table;
mod value;

use std::io::{self, Write};

use tidewatch_wire::{ColumnInfo, Row};

use crate::terminal::Look;

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Table(Look),
    /// RFC 4180, for spreadsheets.
    Csv,
    /// An array of objects, for programs.
    Json,
}

/// An answer on its way out. Rows of CSV and JSON are written as they come; a table waits for the
/// last row, because its columns are as wide as their widest cell.
pub(super) enum Output<W: Write> {
    /// For people.
    Table(table::TableOutput<W>),
    /// For spreadsheets.
    Csv(Box<csv::CsvOutput<W>>),
    /// For programs.
    Json(json::JsonOutput<W>),
}

impl<W: Write> Output<W> {
    /// Nothing is written yet.
    pub(super) fn new(format: Format, out: W) -> Self {
        match format {
            Format::Table(look) => Output::Table(table::TableOutput::new(out, look)),
            Format::Csv => Output::Csv(Box::new(csv::CsvOutput::new(out))),
            Format::Json => Output::Json(json::JsonOutput::new(out)),
        }
    }

    /// The columns are known.
    pub(super) fn begin(&mut self, columns: Vec<ColumnInfo>) -> io::Result<()> {
        match self {
            Output::Table(output) => output.begin(columns),
            Output::Csv(output) => output.begin(columns)?,
            Output::Json(output) => output.begin(columns)?,
        }
        Ok(())
    }

    /// The next row.
    pub(super) fn row(&mut self, row: Row) -> io::Result<()> {
        match self {
            Output::Table(output) => output.row(row),
            Output::Csv(output) => output.row(row)?,
            Output::Json(output) => output.row(row)?,
        }
        Ok(())
    }

    /// A pause: what was written so far should be seen.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Table(_) => Ok(()),
            Output::Csv(output) => output.flush(),
            Output::Json(output) => output.flush(),
        }
    }

    /// There are no more rows.
    pub(super) fn end(&mut self) -> io::Result<()> {
        match self {
            Output::Table(output) => output.end(),
            Output::Csv(output) => output.flush(),
            Output::Json(output) => output.end(),
        }
    }
}

#[cfg(test)]
mod tests;
