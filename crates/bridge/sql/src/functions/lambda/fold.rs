//! `reduce(list, initial, (state, x) -> state, state -> result)`.

use std::sync::Arc;

use arrow::array::{Array, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaParametersProgress, ValueOrLambda,
};

use super::evaluate::{Elements, call, lambda, value};
use super::{Behaviour, element_parameter};
use crate::stop::Stop;

pub(super) struct Reduce;

fn usage<T>() -> Result<T> {
    plan_err!("reduce takes an array, an initial state, and two lambdas")
}

impl Behaviour for Reduce {
    /// The state begins with the initial value's type and takes that of the first lambda's body,
    /// so that `reduce(x, 0, (s, x) -> s + x, s -> s)` also adds doubles.
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let [
            _,
            ValueOrLambda::Value(initial),
            ValueOrLambda::Lambda(body),
            ValueOrLambda::Lambda(_),
        ] = fields
        else {
            return usage();
        };
        let element = element_parameter("reduce", fields)?;
        let state = |data_type: &DataType| Arc::new(Field::new("state", data_type.clone(), true));
        match body {
            Some(body) => {
                let state = state(body.data_type());
                Ok(LambdaParametersProgress::Complete(vec![
                    vec![state.clone(), element],
                    vec![state],
                ]))
            }
            None => Ok(LambdaParametersProgress::Partial(vec![
                Some(vec![state(initial.data_type()), element]),
                None,
            ])),
        }
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        match fields {
            [
                _,
                _,
                ValueOrLambda::Lambda(_),
                ValueOrLambda::Lambda(result),
            ] => Ok(result.data_type().clone()),
            _ => usage(),
        }
    }

    /// Takes one element of every list at a time, so that the lambda runs on columns.
    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let elements = Elements::of(&args)?;
        let (merge, finish) = (lambda(&args, 2)?, lambda(&args, 3)?);
        let Some(ValueOrLambda::Lambda(body)) = args.arg_fields.get(2) else {
            return usage();
        };
        let mut state = arrow::compute::cast(&value(&args, 1)?, body.data_type())?;
        let lengths: Vec<usize> = elements.lengths().collect();
        let starts: Vec<usize> = lengths
            .iter()
            .scan(0, |at, length| {
                let start = *at;
                *at += length;
                Some(start)
            })
            .collect();
        let rounds = lengths.iter().copied().max().unwrap_or(0);
        for round in 0..rounds {
            Stop::check(&args.config_options)?;
            let active: Vec<u32> = (0..lengths.len())
                .filter(|row| lengths[*row] > round)
                .map(|row| row as u32)
                .collect();
            let positions: UInt32Array = active
                .iter()
                .map(|row| (starts[*row as usize] + round) as u32)
                .collect();
            let rows = UInt32Array::from(active.clone());
            let params = [
                take(&state, &rows, None)?,
                take(&elements.values, &positions, None)?,
            ];
            let merged = arrow::compute::cast(&call(merge, &params, &rows)?, state.data_type())?;
            if active.len() == lengths.len() {
                state = merged;
                continue;
            }
            let mut source: Vec<u32> = (0..lengths.len() as u32).collect();
            for (position, row) in active.iter().enumerate() {
                source[*row as usize] = (lengths.len() + position) as u32;
            }
            let both = concat(&[state.as_ref(), merged.as_ref()])?;
            state = take(&both, &UInt32Array::from(source), None)?;
        }
        let rows: UInt32Array = (0..lengths.len() as u32).collect();
        let result = call(finish, &[state], &rows)?;
        // The result of a null list is null.
        let lists = &elements.lists;
        if lists.null_count() == 0 {
            return Ok(ColumnarValue::Array(result));
        }
        let kept: UInt32Array = (0..lists.len())
            .map(|row| lists.is_valid(row).then_some(row as u32))
            .collect();
        Ok(ColumnarValue::Array(take(&result, &kept, None)?))
    }
}
