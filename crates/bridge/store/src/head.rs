//! Rows in memory: those that are in the log but not yet in Parquet files.
//!
//! Rows lie in chunks of columns. Single-measure records share one lane of chunks, each
//! multi-measure name has its own, so that a chunk holds only columns its rows use and a query for
//! one measure skips the others. A row that was replaced stays where it is and is marked dead.

mod chunk;
mod columns;
mod index;

use std::collections::HashMap;

pub(crate) use chunk::ChunkView;
pub(crate) use columns::Columns;

use crate::partition::Span;
use crate::row::Row;
use crate::schema::{MeasureType, Registry};
use chunk::Chunk;
use index::{RowIndex, SeriesTable};

/// Rows of a chunk; also the batch size DataFusion works with.
pub(crate) const CHUNK_ROWS: usize = 8192;

/// Memory of an entry of the row index with its share of free room, and of the row's series.
const ROW_OVERHEAD: usize = 40;

/// A place in a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowAt {
    pub(crate) chunk: u32,
    pub(crate) row: u32,
}

/// Which rows share chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Lane {
    Single,
    Multi(u32),
}

/// The rows of one table since the last flush.
#[derive(Debug, Default)]
pub(crate) struct Head {
    series: SeriesTable,
    index: RowIndex,
    chunks: Vec<Chunk>,
    open: HashMap<Lane, u32>,
    /// Chunks with rows that no reader may see yet.
    touched: Vec<u32>,
    bytes: usize,
    rows: usize,
}

impl Head {
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Estimated memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether a chunk's times, from its first to its last, touch `span`.
    pub(crate) fn touches(&self, span: Span) -> bool {
        self.chunks.iter().any(|chunk| chunk.touches(span))
    }

    /// The newest row of an identity.
    pub(crate) fn find(&self, series: u128, time: i64) -> Option<RowAt> {
        let series = self.series.find(series)?;
        self.index.find(series, time)
    }

    /// Adds a row, which readers see only after [`Head::publish`]; from now on it is what
    /// [`Head::find`] returns for its identity.
    pub(crate) fn append(&mut self, row: &Row<'_>, registry: &Registry) -> RowAt {
        let measure = registry.measure(row.measure);
        let lane = match measure.map(|measure| measure.data_type) {
            Some(MeasureType::Multi) => Lane::Multi(row.measure),
            _ => Lane::Single,
        };
        let number = match self.open.get(&lane) {
            Some(number) if self.chunks[*number as usize].len() < CHUNK_ROWS => *number,
            full => {
                if let Some(full) = full {
                    self.chunks[*full as usize].seal();
                }
                let number = self.chunks.len() as u32;
                let name = match lane {
                    Lane::Single => None,
                    Lane::Multi(_) => measure.map(|measure| measure.name.as_str().into()),
                };
                self.chunks.push(Chunk::new(name));
                self.open.insert(lane, number);
                number
            }
        };
        let series = self.series.intern(row.series);
        let chunk = &mut self.chunks[number as usize];
        if chunk.is_published() {
            self.touched.push(number);
        }
        let name = measure.map_or("", |measure| measure.name.as_str());
        let (at, bytes) = chunk.push(row, name, series, registry);
        self.bytes += bytes + ROW_OVERHEAD;
        self.rows += 1;
        let at = RowAt {
            chunk: number,
            row: at,
        };
        self.index.insert(series, row.time, at);
        at
    }

    /// The columns a row lies in and its position there.
    pub(crate) fn read(&mut self, at: RowAt) -> (std::sync::Arc<Columns>, usize) {
        let row = at.row as usize;
        (self.chunks[at.chunk as usize].columns_with(row), row)
    }

    /// Lets readers see what was appended, and no longer see the rows in `dead`.
    pub(crate) fn publish(&mut self) {
        for chunk in self.touched.drain(..) {
            self.chunks[chunk as usize].publish();
        }
    }

    /// Hides a row that was replaced.
    pub(crate) fn kill(&mut self, at: RowAt) {
        self.chunks[at.chunk as usize].kill(at.row as usize);
    }

    /// Takes no more rows; the chunks get their final form.
    pub(crate) fn seal(&mut self) {
        for number in std::mem::take(&mut self.open).into_values() {
            self.chunks[number as usize].seal();
        }
    }

    /// What readers may see now.
    pub(crate) fn view(&mut self) -> Vec<ChunkView> {
        self.chunks.iter_mut().filter_map(Chunk::view).collect()
    }
}
