//! Up to [`super::CHUNK_ROWS`] rows of one lane.

use std::sync::Arc;

use arrow::buffer::BooleanBuffer;

use super::columns::{Columns, OpenColumns};
use crate::partition::Span;
use crate::row::Row;
use crate::schema::Registry;

#[derive(Debug)]
pub(super) struct Chunk {
    /// The measure name of all rows, when they have only one.
    measure_name: Option<Arc<str>>,
    body: Body,
    /// Number of each row's series in its head.
    series: Arc<Vec<u32>>,
    /// Rows that readers see; those after it are not durable yet.
    visible: usize,
    /// A bit for each row that was replaced; empty while there is none.
    dead: Vec<u64>,
    min_time: i64,
    max_time: i64,
}

#[derive(Debug)]
enum Body {
    /// Takes rows; with the last copy that was made of them.
    Open(Box<OpenColumns>, Option<Arc<Columns>>),
    Sealed(Arc<Columns>),
}

/// The rows of a chunk that a reader sees.
#[derive(Debug, Clone)]
pub(crate) struct ChunkView {
    /// May hold more rows than `rows`.
    pub(crate) columns: Arc<Columns>,
    /// Number of each row's series in its head; may be longer than `rows`.
    pub(crate) series: Arc<Vec<u32>>,
    /// How many of the rows count.
    pub(crate) rows: usize,
    /// Which of them count; all when `None`.
    pub(crate) live: Option<BooleanBuffer>,
    /// The measure name of all rows, when they have only one.
    pub(crate) measure_name: Option<Arc<str>>,
    /// The earliest time.
    pub(crate) min_time: i64,
    /// The latest time.
    pub(crate) max_time: i64,
}

impl Chunk {
    pub(super) fn new(measure_name: Option<Arc<str>>) -> Chunk {
        Chunk {
            measure_name,
            body: Body::Open(Box::new(OpenColumns::new()), None),
            series: Arc::default(),
            visible: 0,
            dead: Vec::new(),
            min_time: i64::MAX,
            max_time: i64::MIN,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.series.len()
    }

    pub(super) fn is_published(&self) -> bool {
        self.visible == self.len()
    }

    /// Adds a row and returns its position and about how many bytes it took.
    pub(super) fn push(
        &mut self,
        row: &Row<'_>,
        measure_name: &str,
        series: u32,
        registry: &Registry,
    ) -> (u32, usize) {
        let at = self.len() as u32;
        let Body::Open(columns, _) = &mut self.body else {
            unreachable!("a head appends to open chunks only");
        };
        let bytes = columns.push(row, measure_name, registry);
        Arc::make_mut(&mut self.series).push(series);
        self.min_time = self.min_time.min(row.time);
        self.max_time = self.max_time.max(row.time);
        (at, bytes)
    }

    /// Whether its times, from the first to the last, touch `span`.
    pub(super) fn touches(&self, span: Span) -> bool {
        self.min_time < span.end() && self.max_time >= span.begin()
    }

    pub(super) fn publish(&mut self) {
        self.visible = self.len();
    }

    pub(super) fn kill(&mut self, row: usize) {
        self.dead
            .resize(self.len().div_ceil(64).max(self.dead.len()), 0);
        self.dead[row / 64] |= 1 << (row % 64);
    }

    pub(super) fn seal(&mut self) {
        if let Body::Open(columns, _) = &mut self.body {
            let columns = std::mem::replace(columns.as_mut(), OpenColumns::new());
            self.body = Body::Sealed(Arc::new(columns.finish()));
        }
    }

    /// Columns that include the row at `row`.
    pub(super) fn columns_with(&mut self, row: usize) -> Arc<Columns> {
        match &mut self.body {
            Body::Sealed(columns) => columns.clone(),
            Body::Open(open, copy) => match copy {
                Some(copy) if copy.len() > row => copy.clone(),
                _ => copy.insert(Arc::new(open.copy())).clone(),
            },
        }
    }

    /// What readers may see; `None` when that is nothing.
    pub(super) fn view(&mut self) -> Option<ChunkView> {
        let columns = self.columns_with(self.visible.checked_sub(1)?);
        let rows = self.visible;
        let live = (!self.dead.is_empty()).then(|| {
            let dead = &self.dead;
            let is_dead = |row: usize| {
                dead.get(row / 64)
                    .is_some_and(|bits| bits >> (row % 64) & 1 == 1)
            };
            BooleanBuffer::collect_bool(rows, |row| !is_dead(row))
        });
        if live.as_ref().is_some_and(|live| live.count_set_bits() == 0) {
            return None;
        }
        Some(ChunkView {
            columns,
            series: self.series.clone(),
            rows,
            live,
            measure_name: self.measure_name.clone(),
            min_time: self.min_time,
            max_time: self.max_time,
        })
    }
}
