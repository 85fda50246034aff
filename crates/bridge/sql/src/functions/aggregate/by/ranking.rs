//! The n most extreme rows of one group.

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, make_comparator, new_empty_array};
use arrow::compute::{SortOptions, concat, filter, is_not_null, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::Accumulator;

use super::Which;

#[derive(Debug)]
pub(super) struct Ranking {
    which: Which,
    count: usize,
    /// Whether the result and the state are arrays.
    several: bool,
    /// The best rows so far, best first.
    x: ArrayRef,
    y: ArrayRef,
}

impl Ranking {
    pub(super) fn new(which: Which, types: [&DataType; 2], count: usize, several: bool) -> Self {
        let [x, y] = types.map(new_empty_array);
        Self {
            which,
            count,
            several,
            x,
            y,
        }
    }

    fn add(&mut self, x: &ArrayRef, y: &ArrayRef) -> Result<()> {
        let valid = is_not_null(y)?;
        let x = concat(&[self.x.as_ref(), filter(x, &valid)?.as_ref()])?;
        let y = concat(&[self.y.as_ref(), filter(y, &valid)?.as_ref()])?;
        let options = SortOptions {
            descending: self.which == Which::Max,
            nulls_first: false,
        };
        let compare = make_comparator(&y, &y, options)?;
        let mut order: Vec<usize> = (0..y.len()).collect();
        if order.len() > self.count {
            // The earlier row wins a tie, whichever way the selection goes.
            order.select_nth_unstable_by(self.count, |a, b| compare(*a, *b).then(a.cmp(b)));
            order.truncate(self.count);
        }
        order.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
        let order: UInt32Array = order.into_iter().map(|at| at as u32).collect();
        self.x = take(&x, &order, None)?;
        self.y = take(&y, &order, None)?;
        Ok(())
    }

    fn list(&self, values: &ArrayRef) -> Result<ScalarValue> {
        let list = datafusion::common::utils::SingleRowListArrayBuilder::new(values.clone());
        Ok(ScalarValue::List(std::sync::Arc::new(
            list.build_list_array(),
        )))
    }

    fn one(values: &ArrayRef) -> Result<ScalarValue> {
        if values.is_empty() {
            return ScalarValue::try_from(values.data_type());
        }
        ScalarValue::try_from_array(values, 0)
    }
}

impl Accumulator for Ranking {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.add(&columns[0], &columns[1])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        if !self.several {
            return self.add(&states[0], &states[1]);
        }
        let (xs, ys) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        for row in 0..ys.len() {
            if ys.is_valid(row) {
                self.add(&xs.value(row), &ys.value(row))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if !self.several {
            return Self::one(&self.x);
        }
        if self.x.is_empty() {
            return ScalarValue::try_from(&crate::shapes::list_of(self.x.data_type().clone()));
        }
        self.list(&self.x)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        if self.several {
            return Ok(vec![self.list(&self.x)?, self.list(&self.y)?]);
        }
        Ok(vec![Self::one(&self.x)?, Self::one(&self.y)?])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.x.get_array_memory_size() + self.y.get_array_memory_size()
    }
}
