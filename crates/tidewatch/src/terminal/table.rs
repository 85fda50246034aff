//! Tables: with lines that fit the screen for people, plain aligned columns for pipes.

use comfy_table::{Attribute, CellAlignment, ContentArrangement};

use super::look::{Look, Tone};
use super::text::{clean, pad, width};

/// Rows under named columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A column's title and the side on which its cells stand.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    title: String,
    align: Align,
}

/// The side on which the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// A text within a table. Control characters are written out.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Column {
    /// A column of texts.
    pub(crate) fn left(title: impl Into<String>) -> Self {
        Column::new(title, Align::Left)
    }

    /// A column of numbers.
    pub(crate) fn right(title: impl Into<String>) -> Self {
        Column::new(title, Align::Right)
    }

    /// A column whose side is worked out.
    pub(crate) fn new(title: impl Into<String>, align: Align) -> Self {
        Column {
            title: clean(&title.into()).into_owned(),
            align,
        }
    }
}

impl Cell {
    /// An ordinary cell.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Cell::toned(text, Tone::Plain)
    }

    /// A cell that means something.
    pub(crate) fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Cell {
            text: clean(text.as_ref()).into_owned(),
            tone,
        }
    }

    /// A cell for a value that does not exist.
    pub(crate) fn absent() -> Self {
        Cell::toned("-", Tone::Muted)
    }

    /// A cell for a value that may not exist.
    pub(crate) fn maybe(text: Option<impl AsRef<str>>) -> Self {
        text.map_or_else(Cell::absent, Cell::new)
    }
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Table {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row with one cell per column.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }

    /// The table as lines, each with its end. Plain columns are never cut or wrapped: programs
    /// read them.
    pub(crate) fn render(&self, look: Look) -> String {
        if look.framed {
            self.framed(look)
        } else {
            self.plain(look)
        }
    }

    fn framed(&self, look: Look) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(comfy_table::presets::UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(look.width).unwrap_or(u16::MAX))
            .set_header(self.columns.iter().map(|column| {
                let cell = comfy_table::Cell::new(&column.title);
                if look.colour {
                    cell.add_attribute(Attribute::Bold)
                } else {
                    cell
                }
            }));
        if look.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| framed_cell(cell, look)));
        }
        for (index, column) in self.columns.iter().enumerate() {
            if let (Align::Right, Some(drawn)) = (column.align, table.column_mut(index)) {
                drawn.set_cell_alignment(CellAlignment::Right);
            }
        }
        format!("{table}\n")
    }

    fn plain(&self, look: Look) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|index| {
                let cells = self.rows.iter().map(|row| width(&row[index].text));
                cells.fold(width(&self.columns[index].title), usize::max)
            })
            .collect();
        let mut text = String::new();
        let titles: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell::toned(&column.title, Tone::Strong))
            .collect();
        for row in std::iter::once(&titles).chain(&self.rows) {
            self.plain_row(row, &widths, look, &mut text);
        }
        text
    }

    fn plain_row(&self, row: &[Cell], widths: &[usize], look: Look, text: &mut String) {
        let last = row.len().saturating_sub(1);
        for (index, (cell, columns)) in row.iter().zip(widths).enumerate() {
            if index > 0 {
                text.push_str("  ");
            }
            let padded = match self.columns[index].align {
                Align::Right => {
                    let blanks = columns.saturating_sub(width(&cell.text));
                    format!("{:blanks$}{}", "", cell.text)
                }
                Align::Left if index == last => cell.text.clone(),
                Align::Left => pad(&cell.text, *columns),
            };
            text.push_str(&look.paint(cell.tone, &padded));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

fn framed_cell(cell: &Cell, look: Look) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(&cell.text);
    match cell.tone.table_colour() {
        Some(colour) if look.colour => drawn.fg(colour),
        _ => drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![
            Column::left("name"),
            Column::right("ms"),
            Column::left("note"),
        ]);
        table.push(vec![Cell::new("a"), Cell::new("12.5"), Cell::new("")]);
        table.push(vec![
            Cell::new("日本"),
            Cell::absent(),
            Cell::new("x\u{1b}[31m"),
        ]);
        table
    }

    #[test]
    fn plain_columns_are_aligned_and_end_without_blanks() {
        let wanted = "name    ms  note\na     12.5\n日本     -  x\\u{1b}[31m\n";
        assert_eq!(table().render(Look::plain(40)), wanted);
    }

    #[test]
    fn framed_tables_fit_the_width() {
        let mut table = Table::new(vec![Column::left("class"), Column::left("text")]);
        table.push(vec![
            Cell::new("dns_nxdomain"),
            Cell::new("the name does not exist anywhere in this wide world"),
        ]);
        let look = Look {
            framed: true,
            ..Look::plain(50)
        };
        let drawn = table.render(look);
        assert!(drawn.lines().all(|line| width(line) <= 50), "{drawn}");
        assert!(drawn.starts_with('┌'), "{drawn}");
    }
}
