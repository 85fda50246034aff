//! `max_by(x, y)` and `min_by(x, y)`: the x of the row with the extreme y, and with a third
//! argument n the array of the x of the n most extreme rows.
//!
//! Rows without a y do not count; an x without a value does.

mod groups;
mod ranking;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, GroupsAccumulator, Signature,
    Volatility,
};

use crate::functions::signature::unexpected_parameters;
use crate::shapes::{list_element, list_of};

/// Which end counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Which {
    Max,
    Min,
}

pub(super) fn function(which: Which) -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::from(By { which, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct By {
    which: Which,
    signature: Signature,
}

impl AggregateUDFImpl for By {
    fn name(&self) -> &str {
        match self.which {
            Which::Max => "max_by",
            Which::Min => "min_by",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [x, y] => Ok(vec![x.clone(), y.clone()]),
            [x, y, n] if n.is_integer() => Ok(vec![x.clone(), y.clone(), DataType::Int64]),
            _ => {
                let name = self.name();
                let expected = [format!("{name}(T, U)"), format!("{name}(T, U, bigint)")];
                plan_err!("{}", unexpected_parameters(name, types, &expected))
            }
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(if types.len() == 3 {
            list_of(types[0].clone())
        } else {
            types[0].clone()
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let several = args.input_fields.len() == 3;
        let field = |suffix: &str, data_type: &DataType| {
            let data_type = if several {
                list_of(data_type.clone())
            } else {
                data_type.clone()
            };
            Arc::new(Field::new(
                format!("{}[{suffix}]", args.name),
                data_type,
                true,
            ))
        };
        Ok(vec![
            field("x", args.input_fields[0].data_type()),
            field("y", args.input_fields[1].data_type()),
        ])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let types = [
            args.expr_fields[0].data_type(),
            args.expr_fields[1].data_type(),
        ];
        let several =
            list_element(args.return_field.data_type()).is_some() && args.exprs.len() == 3;
        let count = if several { count(&args)? } else { 1 };
        Ok(Box::new(ranking::Ranking::new(
            self.which, types, count, several,
        )))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        args.exprs.len() == 2 && !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let types = [
            args.expr_fields[0].data_type(),
            args.expr_fields[1].data_type(),
        ];
        Ok(Box::new(groups::Extremes::new(self.which, types)))
    }
}

fn count(args: &AccumulatorArgs) -> Result<usize> {
    let batch = arrow::array::RecordBatch::new_empty(Arc::new(args.schema.clone()));
    match args.exprs[2].evaluate(&batch) {
        Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::Int64(Some(n)))) => {
            match usize::try_from(n) {
                Ok(n) if (1..=10_000).contains(&n) => Ok(n),
                _ => exec_err!("the third argument must be from 1 to 10000, not {n}"),
            }
        }
        _ => plan_err!("the third argument must be a constant"),
    }
}
