//! `zip_with` and `map_zip_with`: a lambda over two arrays or maps at once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, FieldRef};
use arrow::row::Row;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaParametersProgress, ValueOrLambda,
};

use super::Behaviour;
use super::entries::{body, map_at, parameter};
use super::evaluate::{call, lambda, value};
use crate::functions::map::{Builder, comparable};
use crate::shapes::{list_element, list_of, map_of};

/// `zip_with(array, array, (x, y) -> z)`: the shorter array is filled up with nulls.
pub(super) struct Arrays;

impl Behaviour for Arrays {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let [
            ValueOrLambda::Value(left),
            ValueOrLambda::Value(right),
            ValueOrLambda::Lambda(_),
        ] = fields
        else {
            return plan_err!("zip_with takes two arrays and a lambda of two elements");
        };
        match (
            list_element(left.data_type()),
            list_element(right.data_type()),
        ) {
            (Some(x), Some(y)) => Ok(LambdaParametersProgress::Complete(vec![vec![
                parameter("x", x.data_type().clone()),
                parameter("y", y.data_type().clone()),
            ]])),
            _ => plan_err!("zip_with takes two arrays and a lambda of two elements"),
        }
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        Ok(list_of(body("zip_with", fields, 2)?.clone()))
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let (left, right) = (value(&args, 0)?, value(&args, 1)?);
        let (left, right) = (left.as_list::<i32>(), right.as_list::<i32>());
        let (mut x, mut y, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let (mut lengths, mut valid) = (Vec::new(), Vec::new());
        for row in 0..left.len() {
            let both = left.is_valid(row) && right.is_valid(row);
            let length = if both {
                left.value_length(row).max(right.value_length(row))
            } else {
                0
            };
            let place = |list: &ListArray, at: i32| {
                (at < list.value_length(row)).then(|| (list.value_offsets()[row] + at) as u32)
            };
            for at in 0..length {
                x.push(place(left, at));
                y.push(place(right, at));
                rows.push(row as u32);
            }
            lengths.push(length as usize);
            valid.push(both);
        }
        let params = [
            take(left.values(), &UInt32Array::from(x), None)?,
            take(right.values(), &UInt32Array::from(y), None)?,
        ];
        let results = call(lambda(&args, 2)?, &params, &UInt32Array::from(rows))?;
        let Some(element) = list_element(args.return_field.data_type()) else {
            return exec_err!("an array was expected");
        };
        Ok(ColumnarValue::Array(Arc::new(ListArray::try_new(
            element.clone(),
            OffsetBuffer::from_lengths(lengths),
            results,
            Some(NullBuffer::from(valid)),
        )?)))
    }
}

/// `map_zip_with(map, map, (k, v1, v2) -> v)`: the keys of both, with null where a map lacks one.
pub(super) struct Maps;

impl Behaviour for Maps {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let (key, left) = map_at("map_zip_with", fields, 0)?;
        let (other, right) = map_at("map_zip_with", fields, 1)?;
        if key != other || fields.len() != 3 {
            return plan_err!("map_zip_with takes two maps with keys of one type and a lambda");
        }
        Ok(LambdaParametersProgress::Complete(vec![vec![
            parameter("key", key),
            parameter("left", left),
            parameter("right", right),
        ]]))
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        let (key, _) = map_at("map_zip_with", fields, 0)?;
        Ok(map_of(key, body("map_zip_with", fields, 2)?.clone()))
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let (left, right) = (value(&args, 0)?, value(&args, 1)?);
        let (left, right) = (left.as_map(), right.as_map());
        let keys = concat(&[left.keys().as_ref(), right.keys().as_ref()])?;
        let known = comparable(&keys)?;
        let left_keys = left.keys().len();
        let (mut picked, mut rows) = (Vec::new(), Vec::new());
        let (mut from_left, mut from_right): (Vec<Option<u32>>, Vec<Option<u32>>) =
            (Vec::new(), Vec::new());
        let mut maps = Builder::new(left.len());
        for row in 0..left.len() {
            if left.is_null(row) || right.is_null(row) {
                maps.push(None);
                continue;
            }
            let first = picked.len();
            let mut places: HashMap<Row, usize> = HashMap::new();
            for at in left.value_offsets()[row] as usize..left.value_offsets()[row + 1] as usize {
                places.insert(known.row(at), picked.len());
                picked.push(at as u32);
                from_left.push(Some(at as u32));
                from_right.push(None);
            }
            for at in right.value_offsets()[row] as usize..right.value_offsets()[row + 1] as usize {
                match places.get(&known.row(left_keys + at)) {
                    Some(place) => from_right[*place] = Some(at as u32),
                    None => {
                        picked.push((left_keys + at) as u32);
                        from_left.push(None);
                        from_right.push(Some(at as u32));
                    }
                }
            }
            rows.extend((first..picked.len()).map(|_| row as u32));
            maps.push(Some(picked.len() - first));
        }
        let keys = take(&keys, &UInt32Array::from(picked), None)?;
        let params: [ArrayRef; 3] = [
            keys.clone(),
            take(left.values(), &UInt32Array::from(from_left), None)?,
            take(right.values(), &UInt32Array::from(from_right), None)?,
        ];
        let values = call(lambda(&args, 2)?, &params, &UInt32Array::from(rows))?;
        Ok(ColumnarValue::Array(maps.finish(keys, values)?))
    }
}
