//! `skewness(x)` and `kurtosis(x)` from central moments, which are merged without loss of
//! precision (P. Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances and
//! Arbitrary-Order Statistical Moments", Sandia report SAND2008-6212).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};

use crate::functions::signature::unexpected_parameters;

/// Which property of the distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// Of the population: null below three values.
    Skewness,
    /// The excess kurtosis of the sample: null below four values.
    Kurtosis,
}

pub(super) fn function(shape: Shape) -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::from(MomentFunction { shape, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct MomentFunction {
    shape: Shape,
    signature: Signature,
}

impl AggregateUDFImpl for MomentFunction {
    fn name(&self) -> &str {
        match self.shape {
            Shape::Skewness => "skewness",
            Shape::Kurtosis => "kurtosis",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [value] if value.is_numeric() || value.is_null() => Ok(vec![DataType::Float64]),
            _ => {
                let expected = [format!("{}(double)", self.name())];
                plan_err!("{}", unexpected_parameters(self.name(), types, &expected))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |part: &str| {
            let name = format!("{}[{part}]", args.name);
            Arc::new(Field::new(name, DataType::Float64, true))
        };
        Ok(["count", "mean", "m2", "m3", "m4"].map(field).into())
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Accumulating {
            shape: self.shape,
            moments: Moments::default(),
        }))
    }
}

/// How many values, their mean, and the sums of the powers of the distances from it.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Moments {
    fn of(value: f64) -> Self {
        Self {
            count: 1.0,
            mean: value,
            ..Self::default()
        }
    }

    /// The moments of both sets of values together.
    fn with(self, other: Self) -> Self {
        if self.count == 0.0 {
            return other;
        }
        if other.count == 0.0 {
            return self;
        }
        let (a, b) = (self.count, other.count);
        let count = a + b;
        let delta = other.mean - self.mean;
        let step = delta / count;
        Self {
            count,
            mean: self.mean + b * step,
            m2: self.m2 + other.m2 + a * b * delta * step,
            m3: self.m3
                + other.m3
                + a * b * (a - b) * delta * step * step
                + 3.0 * step * (a * other.m2 - b * self.m2),
            m4: self.m4
                + other.m4
                + a * b * (a * a - a * b + b * b) * delta * step * step * step
                + 6.0 * step * step * (a * a * other.m2 + b * b * self.m2)
                + 4.0 * step * (a * other.m3 - b * self.m3),
        }
    }

    fn shape(&self, shape: Shape) -> Option<f64> {
        let n = self.count;
        match shape {
            Shape::Skewness => (n >= 3.0).then(|| n.sqrt() * self.m3 / self.m2.powf(1.5)),
            Shape::Kurtosis => (n >= 4.0).then(|| {
                let variance = self.m2 / (n - 1.0);
                let below = (n - 2.0) * (n - 3.0);
                n * (n + 1.0) / ((n - 1.0) * below) * self.m4 / (variance * variance)
                    - 3.0 * (n - 1.0) * (n - 1.0) / below
            }),
        }
    }
}

#[derive(Debug)]
struct Accumulating {
    shape: Shape,
    moments: Moments,
}

impl Accumulator for Accumulating {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for value in columns[0].as_primitive::<Float64Type>().iter().flatten() {
            self.moments = self.moments.with(Moments::of(value));
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for row in 0..states[0].len() {
            let part = |at: usize| states[at].as_primitive::<Float64Type>().value(row);
            self.moments = self.moments.with(Moments {
                count: part(0),
                mean: part(1),
                m2: part(2),
                m3: part(3),
                m4: part(4),
            });
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.moments.shape(self.shape)))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let Moments {
            count,
            mean,
            m2,
            m3,
            m4,
        } = self.moments;
        let parts = [count, mean, m2, m3, m4];
        Ok(parts.map(|part| ScalarValue::Float64(Some(part))).into())
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}
