//! Comma-separated values: RFC 4180, with a header and CRLF at the end of lines.

use std::io::{self, Write};

use tidewatch_wire::{ColumnInfo, Row, Type};

use super::value;

/// Writes rows as they come.
pub(in crate::cli::query) struct CsvOutput<W: Write> {
    writer: csv::Writer<W>,
    types: Vec<Type>,
}

impl<W: Write> CsvOutput<W> {
    /// Nothing is written yet.
    pub(super) fn new(out: W) -> Self {
        let writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        CsvOutput {
            writer,
            types: Vec::new(),
        }
    }

    /// Writes the header.
    pub(super) fn begin(&mut self, columns: Vec<ColumnInfo>) -> io::Result<()> {
        self.writer.write_record(value::names(&columns))?;
        self.types = columns.into_iter().map(|column| column.r#type).collect();
        Ok(())
    }

    /// Writes a row; `NULL` is an empty field.
    pub(super) fn row(&mut self, row: Row) -> io::Result<()> {
        for (datum, of) in row.data.into_iter().zip(&self.types) {
            self.writer
                .write_field(value::text(datum, of).unwrap_or_default())?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Hands over what was written so far.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
