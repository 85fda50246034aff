//! `approx_percentile(x, p)`, with weights `(x, w, p)`, and with an array of fractions for p.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};
use datafusion::physical_plan::ColumnarValue;

use super::digest::{Digest, Parts};
use crate::functions::signature::unexpected_parameters;
use crate::shapes::{list_element, list_of};

pub(super) fn function() -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::from(ApproxPercentile { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ApproxPercentile {
    signature: Signature,
}

impl AggregateUDFImpl for ApproxPercentile {
    fn name(&self) -> &str {
        "approx_percentile"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let refuse = || {
            let expected = [
                "approx_percentile(double, double)",
                "approx_percentile(double, array(double))",
                "approx_percentile(double, double, double)",
            ];
            plan_err!(
                "{}",
                unexpected_parameters(self.name(), types, &expected.map(str::to_owned))
            )
        };
        let numeric = |t: &DataType| t.is_numeric() || t.is_null();
        let value = match types.first() {
            Some(value) if value.is_integer() => DataType::Int64,
            Some(value) if numeric(value) => DataType::Float64,
            _ => return refuse(),
        };
        let fraction = match types.last() {
            Some(DataType::List(_)) => list_of(DataType::Float64),
            Some(fraction) if numeric(fraction) => DataType::Float64,
            _ => return refuse(),
        };
        match types {
            [_, _] => Ok(vec![value, fraction]),
            [_, weight, _] if numeric(weight) => Ok(vec![value, DataType::Float64, fraction]),
            _ => refuse(),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types.last() {
            Some(DataType::List(_)) => Ok(list_of(types[0].clone())),
            _ => Ok(types[0].clone()),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |suffix: &str, data_type| {
            Arc::new(Field::new(
                format!("{}[{suffix}]", args.name),
                data_type,
                true,
            ))
        };
        Ok(vec![
            field("values", list_of(DataType::Float64)),
            field("weights", list_of(DataType::Float64)),
            field("exact", DataType::Boolean),
            field("least", DataType::Float64),
            field("most", DataType::Float64),
        ])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let Some(last) = args.exprs.last() else {
            return plan_err!("approx_percentile needs arguments");
        };
        let batch = arrow::array::RecordBatch::new_empty(Arc::new(args.schema.clone()));
        let fractions = match last.evaluate(&batch) {
            Ok(ColumnarValue::Scalar(value)) => fractions(&value)?,
            _ => return plan_err!("the percentage of approx_percentile must be a constant"),
        };
        Ok(Box::new(Percentiles {
            digest: Digest::default(),
            fractions,
            weighted: args.exprs.len() == 3,
            gives: args.return_field.data_type().clone(),
        }))
    }
}

fn fractions(value: &ScalarValue) -> Result<Vec<f64>> {
    let array = value.to_array()?;
    let numbers = match array.data_type() {
        DataType::List(_) => array.as_list::<i32>().value(0),
        _ => array,
    };
    let numbers = arrow::compute::cast(&numbers, &DataType::Float64)?;
    let numbers = numbers.as_primitive::<Float64Type>();
    if numbers.null_count() > 0 || numbers.values().iter().any(|p| !(0.0..=1.0).contains(p)) {
        return exec_err!("Percentile must be between 0 and 1");
    }
    Ok(numbers.values().to_vec())
}

#[derive(Debug)]
struct Percentiles {
    digest: Digest,
    fractions: Vec<f64>,
    weighted: bool,
    gives: DataType,
}

fn doubles(array: &ArrayRef) -> Result<Float64Array> {
    Ok(arrow::compute::cast(array, &DataType::Float64)?
        .as_primitive()
        .clone())
}

impl Accumulator for Percentiles {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let values = doubles(&columns[0])?;
        if !self.weighted {
            values
                .iter()
                .flatten()
                .for_each(|value| self.digest.add(value, 1.0));
            return Ok(());
        }
        for (value, weight) in values.iter().zip(doubles(&columns[1])?.iter()) {
            if let (Some(value), Some(weight)) = (value, weight) {
                self.digest.add(value, weight);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Some(found) = self.digest.quantiles(&self.fractions) else {
            return ScalarValue::try_from(&self.gives);
        };
        let of = |value: f64, data_type: &DataType| {
            if *data_type == DataType::Int64 {
                ScalarValue::Int64(Some(value.round() as i64))
            } else {
                ScalarValue::Float64(Some(value))
            }
        };
        Ok(match list_element(&self.gives) {
            Some(element) => {
                let values: Vec<_> = found
                    .into_iter()
                    .map(|value| of(value, element.data_type()))
                    .collect();
                ScalarValue::List(ScalarValue::new_list(&values, element.data_type(), true))
            }
            None => of(found[0], &self.gives),
        })
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.digest.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let parts = self.digest.parts();
        let list = |values: Vec<f64>| {
            let values: Vec<_> = values
                .into_iter()
                .map(|v| ScalarValue::Float64(Some(v)))
                .collect();
            ScalarValue::List(ScalarValue::new_list(&values, &DataType::Float64, true))
        };
        Ok(vec![
            list(parts.values),
            list(parts.weights),
            ScalarValue::Boolean(Some(parts.exact)),
            ScalarValue::Float64(Some(parts.least)),
            ScalarValue::Float64(Some(parts.most)),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let numbers = |column: usize, row: usize| -> Vec<f64> {
            states[column]
                .as_list::<i32>()
                .value(row)
                .as_primitive::<Float64Type>()
                .values()
                .to_vec()
        };
        for row in 0..states[0].len() {
            self.digest.merge(&Parts {
                values: numbers(0, row),
                weights: numbers(1, row),
                exact: states[2].as_boolean().value(row),
                least: states[3].as_primitive::<Float64Type>().value(row),
                most: states[4].as_primitive::<Float64Type>().value(row),
            });
        }
        Ok(())
    }
}
