//! The extreme row of each of many groups.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, UInt32Array, make_comparator, new_null_array,
};
use arrow::compute::{SortOptions, concat, take};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};

use super::Which;

/// How many buffers a column of text may refer to before it is copied together.
const MOST_BUFFERS: usize = 32;

#[derive(Debug)]
pub(super) struct Extremes {
    which: Which,
    /// The best row of each group; a null y means that the group has none yet.
    x: ArrayRef,
    y: ArrayRef,
}

impl Extremes {
    pub(super) fn new(which: Which, types: [&DataType; 2]) -> Self {
        let [x, y] = types.map(|data_type| new_null_array(data_type, 0));
        Self { which, x, y }
    }

    fn add(
        &mut self,
        x: &ArrayRef,
        y: &ArrayRef,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        let known = self.y.len();
        let absent = new_null_array(self.y.data_type(), total - known);
        let all_y = concat(&[self.y.as_ref(), absent.as_ref(), y.as_ref()])?;
        let options = SortOptions {
            descending: self.which == Which::Min,
            nulls_first: true,
        };
        let compare = make_comparator(&all_y, &all_y, options)?;
        // For each group the row, among the groups' own and then the new ones, that is best.
        let mut best: Vec<u32> = (0..total as u32).collect();
        for (row, group) in groups.iter().enumerate() {
            let counts = y.is_valid(row) && filter.is_none_or(|f| f.is_valid(row) && f.value(row));
            let candidate = total + row;
            if counts && compare(candidate, best[*group] as usize).is_gt() {
                best[*group] = candidate as u32;
            }
        }
        let absent = new_null_array(self.x.data_type(), total - known);
        let all_x = concat(&[self.x.as_ref(), absent.as_ref(), x.as_ref()])?;
        let best = UInt32Array::from(best);
        self.x = compact(take(&all_x, &best, None)?);
        self.y = compact(take(&all_y, &best, None)?);
        Ok(())
    }

    fn emit(&mut self, emit_to: EmitTo) -> [ArrayRef; 2] {
        let groups = match emit_to {
            EmitTo::All => self.y.len(),
            EmitTo::First(groups) => groups,
        };
        [&mut self.x, &mut self.y].map(|column| {
            let emitted = column.slice(0, groups);
            *column = column.slice(groups, column.len() - groups);
            emitted
        })
    }
}

/// Frees the buffers of batches of which only single texts are still wanted.
fn compact(array: ArrayRef) -> ArrayRef {
    match array.as_string_view_opt() {
        Some(texts) if texts.data_buffers().len() > MOST_BUFFERS => std::sync::Arc::new(texts.gc()),
        _ => array,
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
        let [x, _] = self.emit(emit_to);
        Ok(x)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(self.emit(emit_to).into())
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
        self.x.get_array_memory_size() + self.y.get_array_memory_size()
    }
}
