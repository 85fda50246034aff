//! Scalar functions as tables of overloads.
//!
//! A function is a name and a list of overloads; an overload is the types it takes, the type it
//! gives and the code. The overload that fits with the fewest coercions wins, the first in the
//! table among equals.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::bounds::column;
use crate::shapes::{self, DAY_TO_SECOND, TIME, TIMESTAMP, YEAR_TO_MONTH};
use crate::stop::Stop;

/// A type that a parameter accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Param {
    Varchar,
    Boolean,
    Integer,
    Bigint,
    Double,
    Timestamp,
    Date,
    Time,
    DayToSecond,
    YearToMonth,
    /// An array or a time series.
    Array,
    /// A time series.
    Series,
    /// An array of timestamps.
    Timestamps,
    /// A map.
    Map,
    /// Anything at all, as it is.
    Any,
}

/// How well an argument fits a parameter.
enum Fit {
    Exact,
    Coerced,
}

impl Param {
    /// The Arrow type that the code receives.
    fn coerced(self, actual: &DataType) -> DataType {
        match self {
            Self::Varchar => DataType::Utf8View,
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int32,
            Self::Bigint => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Timestamp => TIMESTAMP,
            Self::Date => DataType::Date32,
            Self::Time => TIME,
            Self::DayToSecond => DAY_TO_SECOND,
            Self::YearToMonth => YEAR_TO_MONTH,
            Self::Timestamps => shapes::list_of(TIMESTAMP),
            Self::Array | Self::Series | Self::Map | Self::Any => actual.clone(),
        }
    }

    fn fit(self, actual: &DataType) -> Option<Fit> {
        use DataType as D;
        let exact = match self {
            Self::Any => true,
            Self::Varchar => shapes::is_text(actual),
            Self::Array => matches!(actual, D::List(_)),
            Self::Series => shapes::series_value(actual).is_some(),
            Self::Map => matches!(actual, D::Map(_, _)),
            Self::Timestamps => matches!(actual, D::List(item) if *item.data_type() == TIMESTAMP),
            _ => *actual == self.coerced(actual),
        };
        if exact {
            return Some(Fit::Exact);
        }
        let coercible = match (self, actual) {
            (Self::Array | Self::Series | Self::Map, D::Null) => false,
            (_, D::Null) => true,
            (Self::Bigint, D::Int8 | D::Int16 | D::Int32 | D::UInt32 | D::UInt64) => true,
            (Self::Double, actual) => actual.is_numeric(),
            // A literal in quotes stands for a point in time wherever one is needed.
            (Self::Timestamp, D::Date32 | D::Timestamp(_, _)) => true,
            (Self::Timestamp | Self::Date, actual) => shapes::is_text(actual),
            (Self::Timestamps, D::List(item)) => shapes::is_text(item.data_type()),
            _ => false,
        };
        coercible.then_some(Fit::Coerced)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Varchar => "varchar",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Double => "double",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Time => "time",
            Self::DayToSecond => "interval day to second",
            Self::YearToMonth => "interval year to month",
            Self::Array => "array(T)",
            Self::Series => "timeseries(T)",
            Self::Timestamps => "array(timestamp)",
            Self::Map => "map(K, V)",
            Self::Any => "T",
        }
    }
}

/// The type that an overload gives.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    /// Always this one.
    Is(DataTypeFn),
    /// That of the parameter at this position.
    Like(usize),
    /// Worked out from the coerced types of the arguments.
    From(fn(&[DataType]) -> Result<DataType>),
}

/// A type by name; some are not constants.
pub(crate) type DataTypeFn = fn() -> DataType;

/// One form of a function.
pub(crate) struct Overload {
    /// The types of the first parameters.
    pub(crate) takes: &'static [Param],
    /// The type of any number of further parameters.
    pub(crate) rest: Option<Param>,
    /// The type of the result.
    pub(crate) gives: Gives,
    /// The code.
    pub(crate) run: fn(&Call) -> Result<ArrayRef>,
}

/// A call on some rows.
pub(crate) struct Call {
    /// The arguments, each with [`Self::rows`] rows.
    pub(crate) args: Vec<ArrayRef>,
    /// The arguments that are the same for all rows.
    pub(crate) constants: Vec<Option<ScalarValue>>,
    /// How many rows.
    pub(crate) rows: usize,
    /// The type that the result must have.
    pub(crate) gives: DataType,
}

/// A function with its overloads.
#[derive(Clone, Copy)]
pub(crate) struct Scalar {
    /// The name, in lower case.
    pub(crate) name: &'static str,
    /// Its forms.
    pub(crate) overloads: &'static [Overload],
}

impl Scalar {
    /// The name in messages: that of the function which a rewrite replaced.
    fn shown_name(self) -> &'static str {
        self.name.trim_start_matches('$')
    }

    /// As DataFusion wants it.
    pub(crate) fn udf(self) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(ScalarFunction {
            function: self,
            signature: Signature::user_defined(Volatility::Immutable),
        }))
    }
}

/// An overload with parameters of fixed number.
pub(crate) const fn form(
    takes: &'static [Param],
    gives: Gives,
    run: fn(&Call) -> Result<ArrayRef>,
) -> Overload {
    Overload {
        takes,
        rest: None,
        gives,
        run,
    }
}

/// An overload that repeats its last parameter.
pub(crate) const fn variadic(
    takes: &'static [Param],
    rest: Param,
    gives: Gives,
    run: fn(&Call) -> Result<ArrayRef>,
) -> Overload {
    Overload {
        takes,
        rest: Some(rest),
        gives,
        run,
    }
}

impl Overload {
    fn params(&self, count: usize) -> Option<impl Iterator<Item = Param> + '_> {
        let enough = match self.rest {
            Some(_) => count >= self.takes.len(),
            None => count == self.takes.len(),
        };
        let rest = self.rest;
        enough.then(|| (0..count).filter_map(move |i| self.takes.get(i).copied().or(rest)))
    }

    /// How many arguments must be coerced; `None` when the call does not fit.
    fn coercions(&self, actual: &[DataType]) -> Option<usize> {
        self.params(actual.len())?
            .zip(actual)
            .try_fold(0, |count, (param, actual)| {
                Some(
                    count
                        + match param.fit(actual)? {
                            Fit::Exact => 0,
                            Fit::Coerced => 1,
                        },
                )
            })
    }

    fn describe(&self, name: &str) -> String {
        let mut params: Vec<_> = self
            .takes
            .iter()
            .map(|param| param.name().to_owned())
            .collect();
        if let Some(rest) = self.rest {
            params.push(format!("{}...", rest.name()));
        }
        format!("{name}({})", params.join(", "))
    }
}

struct ScalarFunction {
    function: Scalar,
    signature: Signature,
}

impl ScalarFunction {
    fn choose(&self, actual: &[DataType]) -> Result<&'static Overload> {
        let fitting = self
            .function
            .overloads
            .iter()
            .filter_map(|overload| Some((overload.coercions(actual)?, overload)));
        match fitting.min_by_key(|(coercions, _)| *coercions) {
            Some((_, overload)) => Ok(overload),
            None => {
                let expected: Vec<_> = self
                    .function
                    .overloads
                    .iter()
                    .map(|overload| overload.describe(self.function.shown_name()))
                    .collect();
                plan_err!(
                    "{}",
                    unexpected_parameters(self.function.shown_name(), actual, &expected)
                )
            }
        }
    }
}

/// Trino's sentence for a call that fits no overload.
pub(crate) fn unexpected_parameters(
    name: &str,
    actual: &[DataType],
    expected: &[String],
) -> String {
    let actual: Vec<_> = actual.iter().map(shapes::type_name).collect();
    format!(
        "Unexpected parameters ({}) for function {name}. Expected: {}",
        actual.join(", "),
        expected.join(", ")
    )
}

impl ScalarUDFImpl for ScalarFunction {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, actual: &[DataType]) -> Result<Vec<DataType>> {
        let overload = self.choose(actual)?;
        Ok(overload
            .params(actual.len())
            .into_iter()
            .flatten()
            .zip(actual)
            .map(|(param, actual)| param.coerced(actual))
            .collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match self.choose(types)?.gives {
            Gives::Is(data_type) => Ok(data_type()),
            Gives::Like(position) => Ok(types[position].clone()),
            Gives::From(work_out) => work_out(types),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Stop::check(&args.config_options)?;
        let types: Vec<_> = args.args.iter().map(ColumnarValue::data_type).collect();
        let overload = self.choose(&types)?;
        let constant = args
            .args
            .iter()
            .all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let call = Call {
            constants: args
                .args
                .iter()
                .map(|arg| match arg {
                    ColumnarValue::Scalar(value) => Some(value.clone()),
                    ColumnarValue::Array(_) => None,
                })
                .collect(),
            args: args
                .args
                .iter()
                .map(|arg| column(arg, rows))
                .collect::<Result<_>>()?,
            rows,
            gives: args.return_field.data_type().clone(),
        };
        let result = (overload.run)(&call)?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &result, 0,
            )?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl std::fmt::Debug for ScalarFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ScalarFunction")
            .field(&self.function.name)
            .finish()
    }
}

impl PartialEq for ScalarFunction {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for ScalarFunction {}

impl Hash for ScalarFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}
