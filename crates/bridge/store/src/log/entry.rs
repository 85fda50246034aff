//! The payload of a frame: sections of one table each, with the columns and measures that are
//! new in it and the rows it accepted.

use crate::codec::{Malformed, Reader, put_i64, put_str, put_varint, put_zigzag};
use crate::row::{Cell, Row};
use crate::schema::{ColumnRole, ColumnType, MeasureType};

/// Marks what follows within a section.
const NEW_COLUMN: u8 = 1;
const NEW_MEASURE: u8 = 2;
const ROW: u8 = 3;
const END: u8 = 0;

/// Begins the section of a table.
pub(crate) fn put_section(out: &mut Vec<u8>, table: u32) {
    put_varint(out, u64::from(table));
}

/// Ends a section.
pub(crate) fn put_end(out: &mut Vec<u8>) {
    out.push(END);
}

/// A column that the rows after it use.
pub(crate) fn put_column(out: &mut Vec<u8>, id: u32, name: &str, of: ColumnType, role: ColumnRole) {
    out.push(NEW_COLUMN);
    put_varint(out, u64::from(id));
    out.push(of.code());
    out.push(role.code());
    put_str(out, name);
}

/// A measure that the rows after it use.
pub(crate) fn put_measure(out: &mut Vec<u8>, id: u32, name: &str, of: MeasureType) {
    out.push(NEW_MEASURE);
    put_varint(out, u64::from(id));
    out.push(of.code());
    put_str(out, name);
}

/// An accepted row.
pub(crate) fn put_row(out: &mut Vec<u8>, row: &Row<'_>) {
    out.push(ROW);
    put_varint(out, u64::from(row.measure));
    put_i64(out, row.time);
    put_zigzag(out, row.version);
    out.extend_from_slice(&row.series.to_le_bytes());
    put_varint(out, row.cells.len() as u64);
    for (column, cell) in row.cells {
        put_varint(out, u64::from(*column));
        match cell {
            Cell::Double(value) => {
                out.push(ColumnType::Double.code());
                out.extend_from_slice(&value.to_le_bytes());
            }
            Cell::Bigint(value) => {
                out.push(ColumnType::Bigint.code());
                put_zigzag(out, *value);
            }
            Cell::Varchar(value) => {
                out.push(ColumnType::Varchar.code());
                put_str(out, value);
            }
            Cell::Boolean(value) => {
                out.push(ColumnType::Boolean.code());
                out.push(u8::from(*value));
            }
            Cell::Timestamp(value) => {
                out.push(ColumnType::Timestamp.code());
                put_i64(out, *value);
            }
        }
    }
}

/// Receives what a frame holds.
pub(crate) trait Sink {
    type Error: From<Malformed>;
    /// A section begins; `false` skips it.
    fn table(&mut self, table: u32) -> Result<bool, Self::Error>;
    fn column(
        &mut self,
        id: u32,
        name: &str,
        of: ColumnType,
        role: ColumnRole,
    ) -> Result<(), Self::Error>;
    fn measure(&mut self, id: u32, name: &str, of: MeasureType) -> Result<(), Self::Error>;
    fn row(&mut self, row: &Row<'_>) -> Result<(), Self::Error>;
}

/// Decodes a payload into `sink`.
pub(crate) fn decode<S: Sink>(payload: &[u8], sink: &mut S) -> Result<(), S::Error> {
    let mut reader = Reader::new(payload);
    let mut cells = Vec::new();
    while !reader.is_empty() {
        let wanted = sink.table(reader.varint_u32()?)?;
        loop {
            match reader.byte()? {
                END => break,
                NEW_COLUMN => {
                    let id = reader.varint_u32()?;
                    let of = column_type(&mut reader)?;
                    let role = ColumnRole::from_code(reader.byte()?)
                        .ok_or(reader.malformed("an unknown column role"))?;
                    let name = reader.str()?;
                    if wanted {
                        sink.column(id, name, of, role)?;
                    }
                }
                NEW_MEASURE => {
                    let id = reader.varint_u32()?;
                    let of = MeasureType::from_code(reader.byte()?)
                        .ok_or(reader.malformed("an unknown measure type"))?;
                    let name = reader.str()?;
                    if wanted {
                        sink.measure(id, name, of)?;
                    }
                }
                ROW => {
                    cells.clear();
                    let measure = reader.varint_u32()?;
                    let time = reader.i64()?;
                    let version = reader.zigzag()?;
                    let series = u128::from_le_bytes(reader.array()?);
                    for _ in 0..reader.count()? {
                        cells.push((reader.varint_u32()?, cell(&mut reader)?));
                    }
                    if wanted {
                        sink.row(&Row {
                            measure,
                            time,
                            version,
                            series,
                            cells: &cells,
                        })?;
                    }
                }
                _ => return Err(reader.malformed("an unknown mark in a section").into()),
            }
        }
    }
    Ok(())
}

fn column_type(reader: &mut Reader<'_>) -> Result<ColumnType, Malformed> {
    ColumnType::from_code(reader.byte()?).ok_or(reader.malformed("an unknown column type"))
}

fn cell<'a>(reader: &mut Reader<'a>) -> Result<Cell<'a>, Malformed> {
    Ok(match column_type(reader)? {
        ColumnType::Double => Cell::Double(f64::from_le_bytes(reader.array()?)),
        ColumnType::Bigint => Cell::Bigint(reader.zigzag()?),
        ColumnType::Varchar => Cell::Varchar(reader.str()?),
        ColumnType::Boolean => Cell::Boolean(reader.byte()? != 0),
        ColumnType::Timestamp => Cell::Timestamp(reader.i64()?),
    })
}
