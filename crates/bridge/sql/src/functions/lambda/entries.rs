//! `map_filter`, `transform_keys` and `transform_values`.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, UInt32Array};
use arrow::compute::{filter, take};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, LambdaArgument, LambdaParametersProgress, ValueOrLambda,
};

use super::Behaviour;
use super::evaluate::{call, lambda, value};
use super::per_element::{booleans, must_be_boolean};
use crate::functions::map::{Builder, comparable};
use crate::shapes::{map_of, map_types};

/// The types of the keys and values of the map at a position.
pub(super) fn map_at<L>(
    name: &str,
    fields: &[ValueOrLambda<FieldRef, L>],
    position: usize,
) -> Result<(DataType, DataType)> {
    let types = match fields.get(position) {
        Some(ValueOrLambda::Value(map)) => map_types(map.data_type()),
        _ => None,
    };
    match types {
        Some((key, value)) => Ok((key.clone(), value.clone())),
        None => plan_err!("{name} takes a map as argument {}", position + 1),
    }
}

/// A parameter of a lambda.
pub(super) fn parameter(name: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type, true))
}

/// A lambda of a key and a value.
fn key_and_value(
    name: &str,
    fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
) -> Result<LambdaParametersProgress> {
    let (key, value) = map_at(name, fields, 0)?;
    if fields.len() != 2 {
        return plan_err!("{name} takes a map and a lambda of a key and a value");
    }
    Ok(LambdaParametersProgress::Complete(vec![vec![
        parameter("key", key),
        parameter("value", value),
    ]]))
}

/// The type of a lambda's body.
pub(super) fn body<'a>(
    name: &str,
    fields: &'a [ValueOrLambda<FieldRef, FieldRef>],
    position: usize,
) -> Result<&'a DataType> {
    match fields.get(position) {
        Some(ValueOrLambda::Lambda(body)) => Ok(body.data_type()),
        _ => plan_err!("{name} takes a lambda as argument {}", position + 1),
    }
}

/// The maps of a call with their entries end to end.
struct Entries {
    maps: MapArray,
    keys: ArrayRef,
    values: ArrayRef,
    /// The row of each entry.
    rows: UInt32Array,
}

impl Entries {
    fn of(args: &HigherOrderFunctionArgs) -> Result<Self> {
        let maps = value(args, 0)?.as_map().clone();
        let (mut rows, mut indices) = (Vec::new(), Vec::new());
        for row in (0..maps.len()).filter(|row| maps.is_valid(*row)) {
            let span = maps.value_offsets()[row]..maps.value_offsets()[row + 1];
            rows.extend(span.clone().map(|_| row as u32));
            indices.extend(span.map(|at| at as u32));
        }
        let indices = UInt32Array::from(indices);
        Ok(Self {
            keys: take(maps.keys(), &indices, None)?,
            values: take(maps.values(), &indices, None)?,
            rows: UInt32Array::from(rows),
            maps,
        })
    }

    fn map(&self, lambda: &LambdaArgument) -> Result<ArrayRef> {
        call(
            lambda,
            &[self.keys.clone(), self.values.clone()],
            &self.rows,
        )
    }

    /// The entries of each row; `None` for a null map.
    fn spans(&self) -> impl Iterator<Item = Option<std::ops::Range<usize>>> + '_ {
        let mut at = 0;
        (0..self.maps.len()).map(move |row| {
            self.maps.is_valid(row).then(|| {
                let from = at;
                at += self.maps.value_length(row) as usize;
                from..at
            })
        })
    }
}

/// `map_filter(map, (k, v) -> boolean)`
pub(super) struct Filter;

impl Behaviour for Filter {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        key_and_value("map_filter", fields)
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        must_be_boolean("map_filter", body("map_filter", fields, 1)?)?;
        let (key, value) = map_at("map_filter", fields, 0)?;
        Ok(map_of(key, value))
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let entries = Entries::of(&args)?;
        let keep = booleans(entries.map(lambda(&args, 1)?)?)?;
        let mut maps = Builder::new(entries.maps.len());
        for span in entries.spans() {
            maps.push(span.map(|span| {
                span.filter(|at| keep.is_valid(*at) && keep.value(*at))
                    .count()
            }));
        }
        let kept = |column: &ArrayRef| filter(column, &keep);
        Ok(ColumnarValue::Array(
            maps.finish(kept(&entries.keys)?, kept(&entries.values)?)?,
        ))
    }
}

/// `transform_keys(map, (k, v) -> key)` and `transform_values(map, (k, v) -> value)`.
pub(super) enum Part {
    Keys,
    Values,
}

impl Part {
    fn name(&self) -> &'static str {
        match self {
            Self::Keys => "transform_keys",
            Self::Values => "transform_values",
        }
    }
}

impl Behaviour for Part {
    fn parameters(
        &self,
        _: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        key_and_value(self.name(), fields)
    }

    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType> {
        let (key, value) = map_at(self.name(), fields, 0)?;
        let body = body(self.name(), fields, 1)?.clone();
        Ok(match self {
            Self::Keys => map_of(body, value),
            Self::Values => map_of(key, body),
        })
    }

    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let entries = Entries::of(&args)?;
        let results = entries.map(lambda(&args, 1)?)?;
        let mut maps = Builder::new(entries.maps.len());
        for span in entries.spans() {
            if let (Self::Keys, Some(span)) = (self, span.clone()) {
                check_keys(&results.slice(span.start, span.len()))?;
            }
            maps.push(span.map(|span| span.len()));
        }
        let (keys, values) = match self {
            Self::Keys => (results, entries.values),
            Self::Values => (entries.keys, results),
        };
        Ok(ColumnarValue::Array(maps.finish(keys, values)?))
    }
}

/// Refuses keys of one map that are null or equal.
fn check_keys(keys: &ArrayRef) -> Result<()> {
    if keys.logical_null_count() > 0 {
        return exec_err!("map key cannot be null");
    }
    let known = comparable(keys)?;
    let mut seen = HashMap::new();
    for at in 0..keys.len() {
        if seen.insert(known.row(at), ()).is_some() {
            return crate::functions::map::duplicate(keys, at);
        }
    }
    Ok(())
}
