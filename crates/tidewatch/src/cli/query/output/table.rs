//! A table; one block per row where there are too many columns to stand side by side.

use std::io::{self, Write};

use tidewatch_wire::{ColumnInfo, Row, Type};

use super::value;
use crate::terminal::{Align, Cell, Column, Look, Table, Tone, clean, pad, width, wrap};

/// Columns of the terminal that a column of the answer needs to be readable.
const NARROWEST: usize = 11;

/// Collects rows and draws them at the end.
pub(in crate::cli::query) struct TableOutput<W: Write> {
    out: W,
    look: Look,
    columns: Vec<(String, Type)>,
    rows: Vec<Vec<Option<String>>>,
}

impl<W: Write> TableOutput<W> {
    /// Nothing is written yet.
    pub(super) fn new(out: W, look: Look) -> Self {
        TableOutput {
            out,
            look,
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The columns are known.
    pub(super) fn begin(&mut self, columns: Vec<ColumnInfo>) {
        let names = value::names(&columns);
        let types = columns.into_iter().map(|column| column.r#type);
        self.columns = names.into_iter().zip(types).collect();
    }

    /// Keeps a row.
    pub(super) fn row(&mut self, row: Row) {
        let cells = row.data.into_iter().zip(&self.columns);
        self.rows.push(
            cells
                .map(|(datum, (_, of))| value::text(datum, of))
                .collect(),
        );
    }

    /// Draws everything.
    pub(super) fn end(&mut self) -> io::Result<()> {
        let too_many = self.columns.len() * NARROWEST > self.look.width;
        let text = if self.look.framed && too_many {
            self.blocks()
        } else {
            self.table()
        };
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn table(&self) -> String {
        let columns = self.columns.iter().map(|(name, of)| {
            let align = if value::is_number(of) {
                Align::Right
            } else {
                Align::Left
            };
            Column::new(name, align)
        });
        let mut table = Table::new(columns.collect());
        for row in &self.rows {
            table.push(
                row.iter()
                    .map(|cell| match cell {
                        Some(text) => Cell::new(text),
                        None => Cell::toned("NULL", Tone::Muted),
                    })
                    .collect(),
            );
        }
        table.render(self.look)
    }

    fn blocks(&self) -> String {
        let look = self.look;
        let names: Vec<_> = self.columns.iter().map(|(name, _)| clean(name)).collect();
        let label = names.iter().map(|name| width(name)).fold(0, usize::max);
        let mut text = String::new();
        for (number, row) in (1_usize..).zip(&self.rows) {
            let title = format!("row {number} ");
            let line = "─".repeat(look.width.saturating_sub(title.len()));
            text.push_str(&format!("{title}{}\n", look.paint(Tone::Muted, &line)));
            for (name, cell) in names.iter().zip(row) {
                let value = match cell {
                    Some(value) => wrap(&clean(value), look.width, label + 2),
                    None => look.paint(Tone::Muted, "NULL"),
                };
                let name = look.paint(Tone::Strong, &pad(name, label));
                text.push_str(&format!("{name}  {value}\n"));
            }
        }
        text
    }
}
