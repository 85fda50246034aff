//! `sum`, which fails when whole numbers exceed 64 bits; DataFusion's own would start again at the
//! other end.
//!
//! Whole numbers are added up in 128 bits by DataFusion's sum of decimals and brought back to 64
//! at the end. Everything else is DataFusion's sum as it is.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, PrimitiveArray};
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_datafusion_err};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature,
};

/// What whole numbers are added up in.
const WIDE: DataType = DataType::Decimal128(38, 0);

pub(super) fn function() -> Arc<AggregateUDF> {
    let native = sum_udaf();
    Arc::new(AggregateUDF::from(Sum { native }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Sum {
    native: Arc<AggregateUDF>,
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        self.native.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.native.return_type(types)
    }

    fn state_fields(&self, mut args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        if is_whole(&args.return_field) {
            args.return_field = wide(&args.return_field);
        }
        self.native.state_fields(args)
    }

    fn accumulator(&self, mut args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        if !is_whole(&args.return_field) {
            return self.native.accumulator(args);
        }
        args.return_field = wide(&args.return_field);
        Ok(Box::new(Checked(self.native.accumulator(args)?)))
    }

    fn create_sliding_accumulator(
        &self,
        mut args: AccumulatorArgs,
    ) -> Result<Box<dyn Accumulator>> {
        // Of distinct values in a moving frame DataFusion has no sum of decimals.
        if !is_whole(&args.return_field) || args.is_distinct {
            return self.native.create_sliding_accumulator(args);
        }
        args.return_field = wide(&args.return_field);
        let sliding = self.native.create_sliding_accumulator(args)?;
        Ok(Box::new(Checked(sliding)))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.native.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(
        &self,
        mut args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        if !is_whole(&args.return_field) {
            return self.native.create_groups_accumulator(args);
        }
        args.return_field = wide(&args.return_field);
        let groups = self.native.create_groups_accumulator(args)?;
        Ok(Box::new(CheckedGroups(groups)))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

fn is_whole(field: &Field) -> bool {
    *field.data_type() == DataType::Int64
}

fn wide(field: &Field) -> FieldRef {
    Arc::new(field.clone().with_data_type(WIDE))
}

fn overflow() -> DataFusionError {
    exec_datafusion_err!("bigint addition overflow")
}

/// Whole numbers as decimals without fraction.
fn widened(values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    values
        .iter()
        .map(|values| {
            let wide: PrimitiveArray<Decimal128Type> = values
                .as_primitive::<Int64Type>()
                .unary::<_, Decimal128Type>(i128::from);
            Ok(Arc::new(wide.with_data_type(WIDE)) as ArrayRef)
        })
        .collect()
}

/// A sum in 128 bits that gives 64.
#[derive(Debug)]
struct Checked(Box<dyn Accumulator>);

impl Accumulator for Checked {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(&widened(values)?)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        match self.0.evaluate()? {
            ScalarValue::Decimal128(None, ..) => Ok(ScalarValue::Int64(None)),
            ScalarValue::Decimal128(Some(sum), ..) => {
                let sum = i64::try_from(sum).map_err(|_| overflow())?;
                Ok(ScalarValue::Int64(Some(sum)))
            }
            other => Ok(other),
        }
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.retract_batch(&widened(values)?)
    }

    fn supports_retract_batch(&self) -> bool {
        self.0.supports_retract_batch()
    }
}

/// The same for many groups at once.
struct CheckedGroups(Box<dyn GroupsAccumulator>);

impl GroupsAccumulator for CheckedGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let values = widened(values)?;
        self.0
            .update_batch(&values, group_indices, opt_filter, total_num_groups)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = self.0.evaluate(emit_to)?;
        let narrow = sums
            .as_primitive::<Decimal128Type>()
            .try_unary::<_, Int64Type, _>(|sum| i64::try_from(sum).map_err(|_| overflow()))?;
        Ok(Arc::new(narrow))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.0.state(emit_to)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.0.merge_batch(values, group_indices, total_num_groups)
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        self.0.convert_to_state(&widened(values)?, opt_filter)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
