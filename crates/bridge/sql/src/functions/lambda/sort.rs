//! `array_sort(list, (a, b) -> order)`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaArgument, LambdaParametersProgress, ValueOrLambda,
};

use super::evaluate::{Elements, call, lambda};
use super::{Behaviour, element_parameter};
use crate::shapes::list_element;
use crate::stop::Stop;

/// What `array_sort` with a comparator is rewritten to.
pub(super) struct Sort;

impl Behaviour for Sort {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let element = element_parameter("array_sort", fields)?;
        Ok(LambdaParametersProgress::Complete(vec![vec![
            element.clone(),
            element,
        ]]))
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        match fields {
            [ValueOrLambda::Value(list), ValueOrLambda::Lambda(order)]
                if order.data_type().is_integer() =>
            {
                Ok(list.data_type().clone())
            }
            _ => plan_err!("array_sort takes an array and a lambda of two elements to an integer"),
        }
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let elements = Elements::of(&args)?;
        let compare = lambda(&args, 1)?;
        let order = sorted(&elements, compare, &args.config_options)?;
        let Some(element) = list_element(args.return_field.data_type()) else {
            return exec_err!("an array was expected");
        };
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            element.clone(),
            OffsetBuffer::from_lengths(elements.lengths()),
            take(&elements.values, &UInt32Array::from(order), None)?,
            elements.lists.nulls().cloned(),
        )?)))
    }
}

/// Two runs in order that become one.
struct Merge {
    left: std::ops::Range<usize>,
    right: std::ops::Range<usize>,
    /// Where the next element goes.
    to: usize,
}

/// The positions of all elements, those of each list in its order; equal ones stay as they are.
///
/// Runs are merged from the shortest up, those of all lists at the same time, so that the lambda
/// compares many pairs at once.
fn sorted(
    elements: &Elements,
    compare: &LambdaArgument,
    options: &ConfigOptions,
) -> Result<Vec<u32>> {
    let mut order: Vec<u32> = (0..elements.values.len() as u32).collect();
    let longest = elements.lengths().max().unwrap_or(0);
    let mut width = 1;
    while width < longest {
        let mut merges = Vec::new();
        let mut start = 0;
        for length in elements.lengths() {
            let end = start + length;
            for from in (start..end).step_by(2 * width) {
                let middle = end.min(from + width);
                merges.push(Merge {
                    left: from..middle,
                    right: middle..end.min(middle + width),
                    to: from,
                });
            }
            start = end;
        }
        order = merged(elements, compare, options, &order, merges)?;
        width *= 2;
    }
    Ok(order)
}

/// Merges all pairs of runs of `order`, step by step.
fn merged(
    elements: &Elements,
    compare: &LambdaArgument,
    options: &ConfigOptions,
    order: &[u32],
    mut merges: Vec<Merge>,
) -> Result<Vec<u32>> {
    let mut result = order.to_vec();
    loop {
        merges.retain_mut(|merge| {
            let open = !merge.left.is_empty() && !merge.right.is_empty();
            if !open {
                let rest = merge.left.clone().chain(merge.right.clone());
                for (to, from) in (merge.to..).zip(rest) {
                    result[to] = order[from];
                }
            }
            open
        });
        if merges.is_empty() {
            return Ok(result);
        }
        Stop::check(options)?;
        let of = |side: fn(&Merge) -> usize| -> UInt32Array {
            merges.iter().map(|merge| order[side(merge)]).collect()
        };
        let (left, right) = (of(|merge| merge.left.start), of(|merge| merge.right.start));
        let right_first = follows(elements, compare, &left, &right)?;
        for (merge, right_first) in merges.iter_mut().zip(right_first) {
            let side = if right_first {
                &mut merge.right
            } else {
                &mut merge.left
            };
            result[merge.to] = order[side.start];
            side.start += 1;
            merge.to += 1;
        }
    }
}

/// For each pair whether its left element belongs behind its right one.
fn follows(
    elements: &Elements,
    compare: &LambdaArgument,
    left: &UInt32Array,
    right: &UInt32Array,
) -> Result<Vec<bool>> {
    let rows = take(&elements.rows, left, None)?;
    let params: [ArrayRef; 2] = [
        take(&elements.values, left, None)?,
        take(&elements.values, right, None)?,
    ];
    let results = call(compare, &params, rows.as_primitive())?;
    let results = arrow::compute::cast(&results, &DataType::Int64)?;
    let results = results.as_primitive::<Int64Type>().iter();
    results
        .map(|result| match result {
            Some(-1 | 0) => Ok(false),
            Some(1) => Ok(true),
            _ => exec_err!("Lambda comparator must return either -1, 0, or 1"),
        })
        .collect()
}
