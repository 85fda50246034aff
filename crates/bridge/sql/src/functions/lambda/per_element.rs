//! `filter`, `transform` and the `_match` functions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::filter as filter_array;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaParametersProgress, ValueOrLambda,
};

use super::evaluate::{Elements, lambda};
use super::{Behaviour, element_parameter};
use crate::shapes::{list_element, list_of};

fn one_element(
    name: &str,
    fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
) -> Result<LambdaParametersProgress> {
    if fields.len() != 2 {
        return plan_err!("{name} takes an array and a lambda");
    }
    Ok(LambdaParametersProgress::Complete(vec![vec![
        element_parameter(name, fields)?,
    ]]))
}

/// The type of the value and of the lambda's body.
fn value_and_body<'a>(
    name: &str,
    fields: &'a [ValueOrLambda<FieldRef, FieldRef>],
) -> Result<(&'a DataType, &'a DataType)> {
    match fields {
        [ValueOrLambda::Value(value), ValueOrLambda::Lambda(body)] => {
            Ok((value.data_type(), body.data_type()))
        }
        _ => plan_err!("{name} takes an array and a lambda"),
    }
}

pub(super) fn must_be_boolean(name: &str, body: &DataType) -> Result<()> {
    if *body == DataType::Boolean || body.is_null() {
        return Ok(());
    }
    plan_err!("the lambda of {name} must evaluate to a boolean")
}

pub(super) fn booleans(array: ArrayRef) -> Result<BooleanArray> {
    Ok(arrow::compute::cast(&array, &DataType::Boolean)?
        .as_boolean()
        .clone())
}

/// `filter(list, x -> boolean)`: a list of the same kind, also a time series.
pub(super) struct Filter;

impl Behaviour for Filter {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        one_element("filter", fields)
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        let (value, body) = value_and_body("filter", fields)?;
        must_be_boolean("filter", body)?;
        Ok(value.clone())
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let elements = Elements::of(&args)?;
        let keep = booleans(elements.map(lambda(&args, 1)?)?)?;
        let mut at = 0;
        let lengths: Vec<usize> = elements
            .lengths()
            .map(|length| {
                let kept = (at..at + length)
                    .filter(|i| keep.is_valid(*i) && keep.value(*i))
                    .count();
                at += length;
                kept
            })
            .collect();
        list(
            &args,
            &elements,
            lengths,
            filter_array(&elements.values, &keep)?,
        )
    }
}

/// `transform(list, x -> y)`: an array of the results.
pub(super) struct Transform;

impl Behaviour for Transform {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        one_element("transform", fields)
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        Ok(list_of(value_and_body("transform", fields)?.1.clone()))
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let elements = Elements::of(&args)?;
        let results = elements.map(lambda(&args, 1)?)?;
        let lengths = elements.lengths().collect();
        list(&args, &elements, lengths, results)
    }
}

fn list(
    args: &HigherOrderFunctionArgs,
    elements: &Elements,
    lengths: Vec<usize>,
    values: ArrayRef,
) -> Result<ColumnarValue> {
    let Some(element) = list_element(args.return_field.data_type()) else {
        return exec_err!("an array was expected");
    };
    Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
        element.clone(),
        OffsetBuffer::from_lengths(lengths),
        values,
        elements.lists.nulls().cloned(),
    )?)))
}

/// `any_match`, `all_match`, `none_match`, with SQL's three values of truth.
pub(super) enum Match {
    Any,
    All,
    None,
}

impl Behaviour for Match {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        one_element("the match function", fields)
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        must_be_boolean(
            "the match function",
            value_and_body("the match function", fields)?.1,
        )?;
        Ok(DataType::Boolean)
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let elements = Elements::of(&args)?;
        let matches = booleans(elements.map(lambda(&args, 1)?)?)?;
        // The outcome that one element decides, whatever the others are.
        let (decisive, outcome) = match self {
            Self::Any => (true, true),
            Self::All => (false, false),
            Self::None => (true, false),
        };
        let mut at = 0;
        let results: BooleanArray = elements
            .lengths()
            .enumerate()
            .map(|(row, length)| {
                let mut range = at..at + length;
                at += length;
                if elements.lists.is_null(row) {
                    return None;
                }
                let unknown = range.clone().any(|i| matches.is_null(i));
                let decided = range.any(|i| matches.is_valid(i) && matches.value(i) == decisive);
                match (decided, unknown) {
                    (true, _) => Some(outcome),
                    (false, true) => None,
                    (false, false) => Some(!outcome),
                }
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(results)))
    }
}
