//! What steps give to each other (`pkg/expr/mathexp/types.go`, `type_series.go`).

use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;

/// One result of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// No data, of no known type.
    NoData,
    /// A number without labels, from the text of an expression; `None` is null.
    Scalar(Option<f64>),
    /// A number with labels.
    Number(Number),
    /// A time series.
    Series(Series),
}

/// A number with labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// The column that it comes from; empty after an expression.
    pub name: String,
    /// What it is told apart by.
    pub labels: Labels,
    /// `None` is null, which is not the same as NaN.
    pub value: Option<f64>,
}

/// A time series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The column that it comes from; empty after an expression.
    pub name: String,
    /// What it is told apart by.
    pub labels: Labels,
    /// Instants and values; `None` is null.
    pub points: Vec<(Timestamp, Option<f64>)>,
}

static NONE: Labels = Labels::new();

impl Item {
    /// Its labels; none for what has none.
    pub fn labels(&self) -> &Labels {
        match self {
            Item::NoData | Item::Scalar(_) => &NONE,
            Item::Number(number) => &number.labels,
            Item::Series(series) => &series.labels,
        }
    }

    /// Grafana's word for its type, as errors have it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Item::NoData => "noData",
            Item::Scalar(_) => "scalar",
            Item::Number(_) => "numberSet",
            Item::Series(_) => "seriesSet",
        }
    }

    /// An item of the same type and labels with each of its values, null too, put through `map`.
    /// No data stays no data.
    pub(super) fn map(&self, map: impl Fn(Option<f64>) -> Option<f64>) -> Item {
        match self {
            Item::NoData => Item::NoData,
            Item::Scalar(value) => Item::Scalar(map(*value)),
            Item::Number(number) => Item::number(number.labels.clone(), map(number.value)),
            Item::Series(series) => {
                let points = series.points.iter();
                Item::series(
                    series.labels.clone(),
                    points.map(|(at, value)| (*at, map(*value))).collect(),
                )
            }
        }
    }

    /// A number that an expression made.
    pub(super) fn number(labels: Labels, value: Option<f64>) -> Item {
        Item::Number(Number {
            name: String::new(),
            labels,
            value,
        })
    }

    /// A series that an expression made.
    pub(super) fn series(labels: Labels, points: Vec<(Timestamp, Option<f64>)>) -> Item {
        Item::Series(Series {
            name: String::new(),
            labels,
            points,
        })
    }
}
