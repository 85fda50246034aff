//! Functions that take functions.

mod entries;
mod evaluate;
mod fold;
mod per_element;
mod sort;
mod trying;
mod zip;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDF, HigherOrderUDFImpl, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use crate::shapes::list_element;
use crate::stop::Stop;

/// A function of one kind.
#[derive(Clone, Copy)]
pub(super) struct Lambda {
    /// The name, in lower case.
    pub(super) name: &'static str,
    /// The family that it is listed under.
    pub(super) family: &'static str,
    behaviour: &'static dyn Behaviour,
}

/// What differs between these functions.
pub(super) trait Behaviour: Send + Sync {
    /// The types of the lambdas' parameters, as far as they are known at `step`.
    fn parameters(
        &self,
        step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress>;

    /// The type of the result from the types of values and of lambda bodies.
    fn gives(&self, fields: &[ValueOrLambda<FieldRef, FieldRef>]) -> Result<DataType>;

    /// The code.
    fn run(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue>;
}

/// The functions of this family; `$try` is what `try` is rewritten to, `$array_sort` what
/// `array_sort` with a lambda is.
pub(super) fn functions() -> impl Iterator<Item = Lambda> {
    [
        Lambda {
            name: "all_match",
            family: "lambda",
            behaviour: &per_element::Match::All,
        },
        Lambda {
            name: "any_match",
            family: "lambda",
            behaviour: &per_element::Match::Any,
        },
        Lambda {
            name: "filter",
            family: "lambda",
            behaviour: &per_element::Filter,
        },
        Lambda {
            name: "map_filter",
            family: "map",
            behaviour: &entries::Filter,
        },
        Lambda {
            name: "map_zip_with",
            family: "map",
            behaviour: &zip::Maps,
        },
        Lambda {
            name: "none_match",
            family: "lambda",
            behaviour: &per_element::Match::None,
        },
        Lambda {
            name: "reduce",
            family: "lambda",
            behaviour: &fold::Reduce,
        },
        Lambda {
            name: "transform",
            family: "lambda",
            behaviour: &per_element::Transform,
        },
        Lambda {
            name: "transform_keys",
            family: "map",
            behaviour: &entries::Part::Keys,
        },
        Lambda {
            name: "transform_values",
            family: "map",
            behaviour: &entries::Part::Values,
        },
        Lambda {
            name: "zip_with",
            family: "lambda",
            behaviour: &zip::Arrays,
        },
        Lambda {
            name: "$array_sort",
            family: "lambda",
            behaviour: &sort::Sort,
        },
        Lambda {
            name: "$try",
            family: "lambda",
            behaviour: &trying::Try,
        },
    ]
    .into_iter()
}

impl Lambda {
    /// As DataFusion wants it.
    pub(super) fn udf(self) -> Arc<HigherOrderUDF> {
        Arc::new(HigherOrderUDF::new_from_impl(LambdaFunction {
            function: self,
            signature: HigherOrderSignature::user_defined(Volatility::Immutable),
        }))
    }
}

struct LambdaFunction {
    function: Lambda,
    signature: HigherOrderSignature,
}

impl HigherOrderUDFImpl for LambdaFunction {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn lambda_parameters(
        &self,
        step: usize,
        fields: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        self.function.behaviour.parameters(step, fields)
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        let gives = self.function.behaviour.gives(args.arg_fields)?;
        Ok(Arc::new(Field::new(self.function.name, gives, true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        Stop::check(&args.config_options)?;
        self.function.behaviour.run(args)
    }
}

impl std::fmt::Debug for LambdaFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LambdaFunction")
            .field(&self.function.name)
            .finish()
    }
}

impl PartialEq for LambdaFunction {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for LambdaFunction {}

impl Hash for LambdaFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

/// The element that a lambda over the first argument is called with.
fn element_parameter<L>(name: &str, fields: &[ValueOrLambda<FieldRef, L>]) -> Result<FieldRef> {
    match fields.first() {
        Some(ValueOrLambda::Value(list)) => match list_element(list.data_type()) {
            Some(element) => Ok(Arc::new(Field::new(
                "element",
                element.data_type().clone(),
                true,
            ))),
            None => plan_err!("{name} takes an array or a time series"),
        },
        _ => plan_err!("{name} takes an array and a lambda"),
    }
}
