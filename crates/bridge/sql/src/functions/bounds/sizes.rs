//! What the values of a column take, each by itself.

use std::ops::Range;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;

/// How many bytes each value of a column takes when nothing is shared with others: a text counts
/// with its characters, though columns often hold only a reference to them.
#[derive(Debug)]
pub(in crate::functions) enum Sizes {
    /// All values are of one size.
    Each(usize),
    /// The bytes of all values before each one, and at the end of all of them.
    Sums(Vec<usize>),
}

impl Sizes {
    pub(in crate::functions) fn of(column: &dyn Array) -> Sizes {
        match column.data_type() {
            DataType::Utf8View => {
                let lengths = column.as_string_view().lengths();
                sums(lengths.map(|length| size_of::<u128>() + length as usize))
            }
            // Of literals.
            DataType::Utf8 => {
                let offsets = column.as_string::<i32>().value_offsets().windows(2);
                sums(offsets.map(|ends| size_of::<u128>() + (ends[1] - ends[0]) as usize))
            }
            DataType::List(_) => {
                let lists = column.as_list::<i32>();
                of_lists(lists.values().as_ref(), lists.value_offsets())
            }
            DataType::Map(_, _) => {
                let maps = column.as_map();
                of_lists(maps.entries(), maps.value_offsets())
            }
            DataType::Struct(_) => {
                let parts = column.as_struct().columns().iter();
                let parts: Vec<Sizes> = parts.map(|part| Sizes::of(part.as_ref())).collect();
                sums((0..column.len()).map(|at| parts.iter().map(|part| part.at(at)).sum()))
            }
            // Nulls and booleans take less than a byte.
            other => Sizes::Each(other.primitive_width().unwrap_or(1)),
        }
    }

    /// The bytes of one value.
    pub(in crate::functions) fn at(&self, at: usize) -> usize {
        self.range(at..at + 1)
    }

    /// The bytes of some neighbours.
    pub(in crate::functions) fn range(&self, range: Range<usize>) -> usize {
        match self {
            Sizes::Each(size) => size.saturating_mul(range.len()),
            Sizes::Sums(sums) => sums[range.end].saturating_sub(sums[range.start]),
        }
    }
}

fn of_lists(values: &dyn Array, offsets: &[i32]) -> Sizes {
    let values = Sizes::of(values);
    let lists = offsets.windows(2);
    sums(lists.map(|ends| size_of::<i32>() + values.range(ends[0] as usize..ends[1] as usize)))
}

fn sums(sizes: impl Iterator<Item = usize>) -> Sizes {
    let mut sum = 0_usize;
    let sums = sizes.map(|size| {
        sum = sum.saturating_add(size);
        sum
    });
    Sizes::Sums(std::iter::once(0).chain(sums).collect())
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        ArrayRef, Int64Array, ListArray, StringArray, StringViewArray, StructArray,
    };
    use arrow::datatypes::Int64Type;
    use std::sync::Arc;

    use super::Sizes;

    #[test]
    fn values_count_with_what_they_hold() {
        let numbers = Int64Array::from(vec![1, 2, 3]);
        assert_eq!(Sizes::of(&numbers).range(0..3), 24);
        let texts = StringViewArray::from(vec![Some("abc"), None, Some("x".repeat(100).as_str())]);
        let sizes = Sizes::of(&texts);
        assert_eq!([0, 1, 2].map(|at| sizes.at(at)), [19, 16, 116]);
        let literal = StringArray::from(vec!["", "abc"]);
        assert_eq!(Sizes::of(&literal.slice(1, 1)).at(0), 19);
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(1), Some(2)]),
            None,
            Some(vec![]),
        ]);
        let sizes = Sizes::of(&lists);
        assert_eq!([0, 1, 2].map(|at| sizes.at(at)), [20, 4, 4]);
        let fields = [("n", Arc::new(numbers) as ArrayRef), ("l", Arc::new(lists))];
        let rows = StructArray::try_from(fields.to_vec()).unwrap();
        assert_eq!(Sizes::of(&rows).at(0), 28);
        // A part of a column starts in the middle of its buffers.
        let part = rows.slice(1, 2);
        assert_eq!(Sizes::of(&part).range(0..2), 24);
    }
}
