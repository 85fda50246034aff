//! `try(value)`: null where the evaluation fails.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DataFusionError, Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaArgument, LambdaParametersProgress, ValueOrLambda,
};

use super::Behaviour;
use super::evaluate::{call, lambda};

pub(super) struct Try;

impl Behaviour for Try {
    fn parameters(
        &self,
        _: usize,
        _: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        Ok(LambdaParametersProgress::Complete(vec![vec![]]))
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        match fields {
            [ValueOrLambda::Lambda(body)] => Ok(body.data_type().clone()),
            _ => plan_err!("try takes one argument"),
        }
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let gives = args.return_field.data_type();
        let rows = 0..args.number_rows as u32;
        Ok(ColumnarValue::Array(attempt(
            lambda(&args, 0)?,
            rows,
            gives,
        )?))
    }
}

/// Evaluates a span of rows at once; when that fails, halves it until the failing rows stand alone.
fn attempt(
    lambda: &LambdaArgument,
    rows: std::ops::Range<u32>,
    gives: &DataType,
) -> Result<ArrayRef> {
    let picked = UInt32Array::from_iter_values(rows.clone());
    // The lambda has no parameter; the column only says how many rows there are.
    let filler: ArrayRef = Arc::new(picked.clone());
    match call(lambda, &[filler], &picked) {
        Ok(result) => Ok(result),
        Err(error) if !is_of_the_data(&error) => Err(error),
        Err(_) if rows.len() <= 1 => Ok(new_null_array(gives, rows.len())),
        Err(_) => {
            let middle = rows.start + (rows.end - rows.start) / 2;
            let left = attempt(lambda, rows.start..middle, gives)?;
            let right = attempt(lambda, middle..rows.end, gives)?;
            Ok(concat(&[left.as_ref(), right.as_ref()])?)
        }
    }
}

fn is_of_the_data(error: &DataFusionError) -> bool {
    matches!(
        error.find_root(),
        DataFusionError::Execution(_) | DataFusionError::ArrowError(..)
    )
}
