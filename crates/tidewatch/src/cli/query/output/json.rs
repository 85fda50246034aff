//! An array of objects, one line each, so that it can be read as it comes.

use std::io::{self, Write};

use serde_json::{Map, Value};
use tidewatch_wire::{ColumnInfo, Row, Type};

use super::value;

/// Writes rows as they come.
pub(in crate::cli::query) struct JsonOutput<W: Write> {
    out: W,
    names: Vec<String>,
    types: Vec<Type>,
    rows: usize,
}

impl<W: Write> JsonOutput<W> {
    /// Nothing is written yet.
    pub(super) fn new(out: W) -> Self {
        JsonOutput {
            out,
            names: Vec::new(),
            types: Vec::new(),
            rows: 0,
        }
    }

    /// Opens the array.
    pub(super) fn begin(&mut self, columns: Vec<ColumnInfo>) -> io::Result<()> {
        self.names = value::names(&columns);
        self.types = columns.into_iter().map(|column| column.r#type).collect();
        self.out.write_all(b"[")
    }

    /// Writes an object.
    pub(super) fn row(&mut self, row: Row) -> io::Result<()> {
        let cells = row.data.into_iter().zip(&self.types);
        let values = cells.map(|(datum, of)| value::json(datum, of));
        let object: Map<String, Value> = self.names.iter().cloned().zip(values).collect();
        self.out
            .write_all(if self.rows == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut self.out, &object)?;
        self.rows += 1;
        Ok(())
    }

    /// Hands over what was written so far.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Closes the array.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.out
            .write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
        self.out.flush()
    }
}
