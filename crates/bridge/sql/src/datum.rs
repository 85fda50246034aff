//! One cell of a result.

/// A value of a result, in the text forms of the Query API.
///
/// * timestamps: `2021-05-06 06:35:38.000000000`, always nine digits, UTC
/// * dates and times: `2020-08-08`, `01:00:00.000000000`
/// * doubles: as Java's `Double.toString`, such as `1.0` and `1.6554878837710001E9`
/// * intervals: `1 21:00:00.000000000` and `2-7`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// Any scalar type.
    Scalar(String),
    /// An array.
    Array(Vec<Datum>),
    /// A row; the names of its fields are in the type.
    Row(Vec<Datum>),
    /// A time series: the text of the time and the value of each point.
    TimeSeries(Vec<(String, Datum)>),
    /// No value, of whatever type.
    Null,
}
