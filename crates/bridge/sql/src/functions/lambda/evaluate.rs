//! Calling lambdas on the elements of lists.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::compute::take;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{HigherOrderFunctionArgs, LambdaArgument, ValueOrLambda};

use crate::functions::bounds::{Room, Sizes, column};

/// The lists of a call with their elements end to end.
pub(super) struct Elements {
    pub(super) lists: ListArray,
    /// The elements of the lists that are not null, in order.
    pub(super) values: ArrayRef,
    /// The row of each element.
    pub(super) rows: UInt32Array,
}

impl Elements {
    /// Flattens the list in the first argument.
    pub(super) fn of(args: &HigherOrderFunctionArgs) -> Result<Self> {
        let lists = value(args, 0)?.as_list::<i32>().clone();
        let mut rows = Vec::with_capacity(lists.values().len());
        let mut indices = Vec::with_capacity(lists.values().len());
        for row in 0..lists.len() {
            if lists.is_valid(row) {
                let (from, to) = (lists.value_offsets()[row], lists.value_offsets()[row + 1]);
                indices.extend((from..to).map(|at| at as u32));
                rows.extend((from..to).map(|_| row as u32));
            }
        }
        let values = take(lists.values(), &UInt32Array::from(indices), None)?;
        Ok(Self {
            lists,
            values,
            rows: UInt32Array::from(rows),
        })
    }

    /// The lambda's result for every element.
    pub(super) fn map(&self, lambda: &LambdaArgument) -> Result<ArrayRef> {
        call(lambda, std::slice::from_ref(&self.values), &self.rows)
    }

    /// How many elements each row has; 0 for null.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.lists.len()).map(|row| {
            if self.lists.is_valid(row) {
                self.lists.value_length(row) as usize
            } else {
                0
            }
        })
    }
}

/// Calls a lambda with one column for each parameter; `rows` says which row of the statement each
/// call belongs to.
pub(super) fn call(
    lambda: &LambdaArgument,
    params: &[ArrayRef],
    rows: &UInt32Array,
) -> Result<ArrayRef> {
    let closures: Vec<_> = params
        .iter()
        .map(|param| || Ok(Arc::clone(param)))
        .collect();
    let closures: Vec<&dyn Fn() -> Result<ArrayRef>> = closures
        .iter()
        .map(|closure| closure as &dyn Fn() -> Result<ArrayRef>)
        .collect();
    let result = lambda.evaluate(&closures, |captured| {
        captured
            .iter()
            .map(|column| captured_by(column, rows))
            .collect()
    })?;
    result.into_array(rows.len())
}

/// A captured column, its values as often as their rows have calls.
fn captured_by(column: &ArrayRef, rows: &UInt32Array) -> Result<ArrayRef> {
    // Of texts and smaller values the column holds references.
    if column.data_type().is_nested() {
        let mut room = Room::default();
        let sizes = Sizes::of(column.as_ref());
        for row in rows.values() {
            room.take(sizes.at(*row as usize))?;
        }
    }
    Ok(take(column, rows, None)?)
}

/// The value argument at a position as a column.
pub(super) fn value(args: &HigherOrderFunctionArgs, position: usize) -> Result<ArrayRef> {
    match args.args.get(position) {
        Some(ValueOrLambda::Value(value)) => column(value, args.number_rows),
        _ => exec_err!("a value was expected as argument {}", position + 1),
    }
}

/// The lambda argument at a position.
pub(super) fn lambda(args: &HigherOrderFunctionArgs, position: usize) -> Result<&LambdaArgument> {
    match args.args.get(position) {
        Some(ValueOrLambda::Lambda(lambda)) => Ok(lambda),
        _ => exec_err!("a lambda was expected as argument {}", position + 1),
    }
}
