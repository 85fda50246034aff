//! How much one call may make of one batch of rows. What functions make is not accounted for in
//! the engine's memory, and a short statement can ask for any amount of it.

mod sizes;

use arrow::array::{Array, ArrayRef};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ColumnarValue;

pub(super) use sizes::Sizes;

/// Bytes of one result.
const MOST_BYTES: usize = 128 * 1024 * 1024; // 128 MiB

/// What a call has left to make its result in.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
}

impl Default for Room {
    fn default() -> Self {
        Room { left: MOST_BYTES }
    }
}

impl Room {
    /// Takes room for `bytes` more of the result, before they are made where that is known.
    pub(super) fn take(&mut self, bytes: usize) -> Result<()> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => exec_err!(
                "the result of a function takes more than {} MiB; use fewer rows or shorter values",
                MOST_BYTES / (1024 * 1024)
            ),
        }
    }

    /// Takes room for a copy of a whole column.
    pub(super) fn take_all(&mut self, column: &dyn Array) -> Result<()> {
        self.take(Sizes::of(column).range(0..column.len()))
    }

    /// Takes room for `count` values of `size` bytes.
    pub(super) fn take_many(&mut self, count: usize, size: usize) -> Result<()> {
        self.take(count.saturating_mul(size))
    }
}

/// An argument as a column of so many rows.
pub(super) fn column(argument: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    // Texts and smaller values are not copied for each row.
    if let ColumnarValue::Scalar(value) = argument
        && rows > 1
        && value.data_type().is_nested()
    {
        let one = value.to_array()?;
        Room::default().take_many(rows, Sizes::of(one.as_ref()).at(0))?;
    }
    argument.to_array(rows)
}

/// Whether a value of `bytes` is sure to be one that a result has room for.
pub(super) fn fits(bytes: usize) -> bool {
    bytes <= MOST_BYTES
}
