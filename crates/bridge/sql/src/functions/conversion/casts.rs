//! The cast functions as DataFusion sees them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, internal_err, plan_err};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    Cast as PlainCast, ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

use super::kernels::{OnError, cast};
use crate::dialect::arrow_type;

pub(super) fn functions() -> [Arc<ScalarUDF>; 2] {
    [("$cast", OnError::Fail), ("$try_cast", OnError::Null)].map(|(name, on_error)| {
        let signature = Signature::any(2, Volatility::Immutable);
        Arc::new(ScalarUDF::from(Cast {
            name,
            on_error,
            signature,
        }))
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Cast {
    name: &'static str,
    on_error: OnError,
    signature: Signature,
}

/// The type and the length that the second argument names.
fn target(name: Option<&ScalarValue>) -> Result<(DataType, Option<usize>)> {
    let Some(Some(name)) = name.map(ScalarValue::try_as_str) else {
        return internal_err!("a cast without a type");
    };
    let name = name.unwrap_or_default();
    let Some(data_type) = arrow_type(name) else {
        return plan_err!("Unknown type: {name}");
    };
    let length = name
        .strip_prefix("varchar(")
        .or_else(|| name.strip_prefix("char("))
        .and_then(|rest| rest.strip_suffix(')')?.parse().ok());
    Ok((data_type, length))
}

impl ScalarUDFImpl for Cast {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("the type of a cast follows from its second argument")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let (data_type, _) = target(args.scalar_arguments.get(1).copied().flatten())?;
        Ok(Arc::new(Field::new(self.name, data_type, true)))
    }

    fn simplify(&self, mut args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let Some(Expr::Literal(name, _)) = args.get(1) else {
            return Ok(ExprSimplifyResult::Original(args));
        };
        let (to, length) = target(Some(name))?;
        let from = info.get_data_type(&args[0])?;
        // Where nothing can go wrong DataFusion's own cast does, which the optimizer sees through.
        let widening = matches!(
            (&from, &to),
            (DataType::Int32, DataType::Int64 | DataType::Float64)
                | (DataType::Int64, DataType::Float64)
                | (DataType::Utf8, DataType::Utf8View)
        );
        if length.is_none() && (from == to || widening) {
            let value = Box::new(args.swap_remove(0));
            return Ok(ExprSimplifyResult::Simplified(Expr::Cast(PlainCast::new(
                value, to,
            ))));
        }
        Ok(ExprSimplifyResult::Original(args))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let name = match &args.args[1] {
            ColumnarValue::Scalar(name) => Some(name),
            ColumnarValue::Array(_) => None,
        };
        let (to, length) = target(name)?;
        match &args.args[0] {
            ColumnarValue::Scalar(value) => {
                let result = cast(&value.to_array()?, &to, length, self.on_error)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                    &result, 0,
                )?))
            }
            ColumnarValue::Array(values) => Ok(ColumnarValue::Array(cast(
                values,
                &to,
                length,
                self.on_error,
            )?)),
        }
    }
}
