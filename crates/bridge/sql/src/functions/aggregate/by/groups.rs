//! The extreme row of each of many groups.
//!
//! A batch leaves a piece with its own best row of each group that it has, if one of them is better
//! than what was known. Only now and then are the pieces copied together, so that a batch of few
//! groups costs nothing for all the others.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, UInt32Array, make_comparator, new_null_array,
};
use arrow::compute::{SortOptions, interleave, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::utils::proxy::VecAllocExt;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::Which;

/// How many pieces there may be before the best rows are copied together.
const MOST_PIECES: usize = 32;

/// Piece and row of a group that has no row yet.
const NONE: (usize, usize) = (0, 0);

#[derive(Debug)]
pub(super) struct Extremes {
    options: SortOptions,
    /// The first is a single row without values.
    pieces: Vec<Piece>,
    /// The piece and the row in it that is the best of each group.
    best: Vec<(usize, usize)>,
    /// While a batch is added, the best of its rows for each group that it has; otherwise no row.
    of_batch: Vec<Option<u32>>,
}

#[derive(Debug)]
struct Piece {
    x: ArrayRef,
    y: ArrayRef,
}

impl Piece {
    /// Frees the buffers of a batch of which only single texts are still wanted.
    fn compact(x: ArrayRef, y: ArrayRef) -> Self {
        let [x, y] = [x, y].map(|column| match column.as_string_view_opt() {
            Some(texts) if !texts.data_buffers().is_empty() => Arc::new(texts.gc()),
            _ => column,
        });
        Self { x, y }
    }
}

impl Extremes {
    pub(super) fn new(which: Which, types: [&DataType; 2]) -> Self {
        let [x, y] = types.map(|data_type| new_null_array(data_type, 1));
        let options = SortOptions {
            descending: which == Which::Min,
            nulls_first: true,
        };
        Self {
            options,
            pieces: vec![Piece { x, y }],
            best: Vec::new(),
            of_batch: Vec::new(),
        }
    }

    fn add(
        &mut self,
        x: &ArrayRef,
        y: &ArrayRef,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.best.resize(total, NONE);
        let (groups, rows) = self.best_of_batch(y, groups, filter, total)?;
        let candidates = Piece::compact(take(x, &rows, None)?, take(y, &rows, None)?);
        let piece = self.pieces.len();
        // Comparisons with those pieces that have a row of one of these groups.
        let mut comparisons: Vec<_> = self.pieces.iter().map(|_| None).collect();
        let mut improved = false;
        for (row, group) in groups.into_iter().enumerate() {
            let best = &mut self.best[group];
            if *best != NONE {
                let known = match &mut comparisons[best.0] {
                    Some(compare) => compare,
                    none => none.insert(make_comparator(
                        &candidates.y,
                        &self.pieces[best.0].y,
                        self.options,
                    )?),
                };
                if known(row, best.1).is_le() {
                    continue;
                }
            }
            *best = (piece, row);
            improved = true;
        }
        if improved {
            self.pieces.push(candidates);
        }
        if self.pieces.len() > MOST_PIECES {
            self.copy_together()?;
        }
        Ok(())
    }

    /// The groups of a batch, and of each the row that is best; of equal ones the first.
    fn best_of_batch(
        &mut self,
        y: &ArrayRef,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<(Vec<usize>, UInt32Array)> {
        self.of_batch.resize(total, None);
        let compare = make_comparator(y, y, self.options)?;
        let mut found = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            let counts = y.is_valid(row) && filter.is_none_or(|f| f.is_valid(row) && f.value(row));
            if !counts {
                continue;
            }
            match &mut self.of_batch[*group] {
                Some(best) if compare(row, *best as usize).is_le() => {}
                Some(best) => *best = row as u32,
                none => {
                    *none = Some(row as u32);
                    found.push(*group);
                }
            }
        }
        let rows = found.iter().map(|group| self.of_batch[*group].take());
        let rows = rows.collect();
        Ok((found, rows))
    }

    /// The best rows of the first groups.
    fn rows(&self, groups: usize) -> Result<Piece> {
        let columns = |of: fn(&Piece) -> &dyn Array| -> Vec<&dyn Array> {
            self.pieces.iter().map(of).collect()
        };
        let best = &self.best[..groups];
        Ok(Piece::compact(
            interleave(&columns(|piece| piece.x.as_ref()), best)?,
            interleave(&columns(|piece| piece.y.as_ref()), best)?,
        ))
    }

    fn copy_together(&mut self) -> Result<()> {
        let all = self.rows(self.best.len())?;
        self.pieces.truncate(1);
        self.pieces.push(all);
        for (row, best) in self.best.iter_mut().enumerate() {
            if *best != NONE {
                *best = (1, row);
            }
        }
        Ok(())
    }

    fn emit(&mut self, emit_to: EmitTo) -> Result<Piece> {
        let groups = match emit_to {
            EmitTo::All => self.best.len(),
            EmitTo::First(groups) => groups,
        };
        let emitted = self.rows(groups)?;
        self.best.drain(..groups);
        if self.best.is_empty() {
            self.pieces.truncate(1);
        }
        Ok(emitted)
    }
}

impl GroupsAccumulator for Extremes {
    fn update_batch(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.add(&columns[0], &columns[1], groups, filter, total)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.add(&states[0], &states[1], groups, None, total)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(self.emit(emit_to)?.x)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let Piece { x, y } = self.emit(emit_to)?;
        Ok(vec![x, y])
    }

    fn convert_to_state(
        &self,
        columns: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let (x, y) = (columns[0].clone(), columns[1].clone());
        let Some(filter) = filter else {
            return Ok(vec![x, y]);
        };
        // A row that does not count has no y.
        let kept: UInt32Array = (0..y.len())
            .map(|row| (filter.is_valid(row) && filter.value(row)).then_some(row as u32))
            .collect();
        Ok(vec![x, take(&y, &kept, None)?])
    }

    fn size(&self) -> usize {
        let pieces = self.pieces.iter().map(|Piece { x, y }| {
            size_of::<Piece>() + x.get_array_memory_size() + y.get_array_memory_size()
        });
        pieces.sum::<usize>() + self.best.allocated_size() + self.of_batch.allocated_size()
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringViewArray};
    use proptest::prelude::*;

    use super::*;

    /// Group, x, y and whether the row passes the filter.
    type Row = (usize, Option<String>, Option<i64>, bool);

    /// What one row after another leads to.
    fn expected(rows: &[Row], which: Which, groups: usize) -> Vec<Option<String>> {
        let mut best: Vec<Option<&Row>> = vec![None; groups];
        for row in rows.iter().filter(|row| row.2.is_some() && row.3) {
            let better = best[row.0].is_none_or(|known| match which {
                Which::Max => row.2 > known.2,
                Which::Min => row.2 < known.2,
            });
            if better {
                best[row.0] = Some(row);
            }
        }
        best.into_iter().map(|row| row?.1.clone()).collect()
    }

    fn columns(rows: &[Row]) -> (Vec<ArrayRef>, Vec<usize>, BooleanArray) {
        let x: StringViewArray = rows.iter().map(|row| row.1.as_deref()).collect();
        let y: Int64Array = rows.iter().map(|row| row.2).collect();
        let filter = rows.iter().map(|row| Some(row.3)).collect();
        let groups = rows.iter().map(|row| row.0).collect();
        (vec![Arc::new(x), Arc::new(y)], groups, filter)
    }

    fn texts(array: &ArrayRef) -> Vec<Option<String>> {
        let texts = array.as_string_view().iter();
        texts.map(|text| text.map(str::to_owned)).collect()
    }

    fn new(which: Which) -> Extremes {
        Extremes::new(which, [&DataType::Utf8View, &DataType::Int64])
    }

    fn row() -> impl Strategy<Value = Row> {
        let x = prop_oneof![Just(None), "[a-z]{1,30}".prop_map(Some)];
        let y = prop_oneof![1 => Just(None), 9 => (0..40i64).prop_map(Some)];
        (0..50usize, x, y, prop::bool::weighted(0.9))
    }

    proptest! {
        #[test]
        fn the_best_rows_are_found_however_they_are_divided(
            rows in prop::collection::vec(row(), 1..600),
            size in 1..40usize,
            first in 0..50usize,
        ) {
            for which in [Which::Max, Which::Min] {
                let (mut known, mut merged) = (new(which), new(which));
                for batch in rows.chunks(size) {
                    let (columns, groups, filter) = columns(batch);
                    known.update_batch(&columns, &groups, Some(&filter), 50).unwrap();
                    prop_assert!(known.pieces.len() <= MOST_PIECES);
                    let states = known.convert_to_state(&columns, Some(&filter)).unwrap();
                    merged.merge_batch(&states, &groups, 50).unwrap();
                }
                let expected = expected(&rows, which, 50);
                let all = merged.evaluate(EmitTo::All).unwrap();
                prop_assert_eq!(texts(&all), &expected[..]);
                // What is given out first, and then the rest as a state for somebody else.
                let begin = known.evaluate(EmitTo::First(first)).unwrap();
                prop_assert_eq!(texts(&begin), &expected[..first]);
                let rest = known.state(EmitTo::All).unwrap();
                let groups: Vec<usize> = (0..50 - first).collect();
                let mut other = new(which);
                other.merge_batch(&rest, &groups, 50 - first).unwrap();
                let rest = other.evaluate(EmitTo::All).unwrap();
                prop_assert_eq!(texts(&rest), &expected[first..]);
            }
        }
    }
}
