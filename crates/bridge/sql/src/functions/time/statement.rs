//! `now()` and its kin: constants of one statement.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Literal as _, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

use crate::functions::signature::unexpected_parameters;
use crate::shapes::{DAY_TO_SECOND, TIME, TIMESTAMP};

const DAY: i64 = 86_400_000_000_000;

/// The functions whose value is fixed when the statement starts.
///
/// They are built anew for every statement, with its `now` inside, and become literals before the
/// plan is optimised, so that filters on time reach the partitions.
pub(crate) fn statement_functions(now: i64) -> impl Iterator<Item = Arc<ScalarUDF>> {
    let constants = [
        ("now", ScalarValue::TimestampNanosecond(Some(now), None)),
        (
            "current_timestamp",
            ScalarValue::TimestampNanosecond(Some(now), None),
        ),
        (
            "localtimestamp",
            ScalarValue::TimestampNanosecond(Some(now), None),
        ),
        (
            "current_time",
            ScalarValue::Time64Nanosecond(Some(now.rem_euclid(DAY))),
        ),
        (
            "localtime",
            ScalarValue::Time64Nanosecond(Some(now.rem_euclid(DAY))),
        ),
        (
            "current_date",
            ScalarValue::Date32(i32::try_from(now.div_euclid(DAY)).ok()),
        ),
    ];
    let ago = Ago {
        now,
        signature: Signature::user_defined(Volatility::Immutable),
    };
    constants
        .into_iter()
        .map(|(name, value)| {
            let signature = Signature::nullary(Volatility::Immutable);
            ScalarUDF::from(Constant {
                name,
                value,
                signature,
            })
        })
        .chain([ScalarUDF::from(ago)])
        .map(Arc::new)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Constant {
    name: &'static str,
    value: ScalarValue,
    signature: Signature,
}

impl ScalarUDFImpl for Constant {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        debug_assert!([TIMESTAMP, TIME, DataType::Date32].contains(&self.value.data_type()));
        Ok(self.value.data_type())
    }

    fn simplify(&self, _: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(ExprSimplifyResult::Simplified(self.value.lit()))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(self.value.clone()))
    }
}

/// `ago(interval)`: that long before `now()`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Ago {
    now: i64,
    signature: Signature,
}

impl ScalarUDFImpl for Ago {
    fn name(&self) -> &str {
        "ago"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [data_type] if *data_type == DAY_TO_SECOND || data_type.is_null() => {
                Ok(vec![DAY_TO_SECOND])
            }
            _ => {
                let expected = ["ago(interval day to second)".to_owned()];
                plan_err!("{}", unexpected_parameters("ago", types, &expected))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(TIMESTAMP)
    }

    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [interval] = <[Expr; 1]>::try_from(args).map_err(|_| {
            datafusion::common::internal_datafusion_err!("ago was checked to have one argument")
        })?;
        let now = ScalarValue::TimestampNanosecond(Some(self.now), None).lit();
        Ok(ExprSimplifyResult::Simplified(Expr::BinaryExpr(
            BinaryExpr::new(Box::new(now), Operator::Minus, Box::new(interval)),
        )))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let now = ScalarValue::TimestampNanosecond(Some(self.now), None);
        let interval = args.args[0].to_array(args.number_rows)?;
        let result = arrow::compute::kernels::numeric::sub(&now.to_scalar()?, &interval)?;
        Ok(ColumnarValue::Array(result))
    }
}
