//! Rows of a batch as datums.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, DurationNanosecondType, Float64Type, Int64Type,
    IntervalMonthDayNanoType, IntervalUnit, IntervalYearMonthType, Time64NanosecondType,
    TimestampNanosecondType,
};

use super::{
    date_text, day_to_second_text, java_double, time_text, timestamp_text, year_to_month_text,
};
use crate::shapes::{DAY_TO_SECOND, TIME, TIMESTAMP, series_value};
use crate::{Datum, SqlError};

/// The rows of a batch.
pub(crate) fn rows(batch: &RecordBatch) -> Result<Vec<Vec<Datum>>, SqlError> {
    let columns: Vec<ArrayRef> = batch
        .columns()
        .iter()
        .map(canonical)
        .collect::<Result<_, _>>()?;
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| cell(column, row)).collect())
        .collect()
}

/// A column with one of the few types that [`cell`] reads: the widest of each family.
fn canonical(array: &ArrayRef) -> Result<ArrayRef, SqlError> {
    let target = match array.data_type() {
        t if t.is_integer() => DataType::Int64,
        t if t.is_floating() => DataType::Float64,
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Dictionary(_, value) => value.as_ref().clone(),
        DataType::Timestamp(_, _) => TIMESTAMP,
        DataType::Time32(_) | DataType::Time64(_) => TIME,
        DataType::Duration(_) => DAY_TO_SECOND,
        _ => return Ok(array.clone()),
    };
    if *array.data_type() == target {
        return Ok(array.clone());
    }
    arrow::compute::cast(array, &target).map_err(|error| SqlError::Internal(error.to_string()))
}

/// One cell of a column of any type that has a form in the Query API.
pub(crate) fn cell(array: &ArrayRef, row: usize) -> Result<Datum, SqlError> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(Datum::Null);
    }
    let text = match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => java_double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8View => array.as_string_view().value(row).to_owned(),
        DataType::Timestamp(_, _) if *array.data_type() == TIMESTAMP => {
            timestamp_text(array.as_primitive::<TimestampNanosecondType>().value(row))
        }
        DataType::Date32 => date(i64::from(array.as_primitive::<Date32Type>().value(row)))?,
        DataType::Date64 => date(
            array
                .as_primitive::<Date64Type>()
                .value(row)
                .div_euclid(86_400_000),
        )?,
        DataType::Time64(_) if *array.data_type() == TIME => {
            time_text(array.as_primitive::<Time64NanosecondType>().value(row))
        }
        DataType::Duration(_) if *array.data_type() == DAY_TO_SECOND => {
            day_to_second_text(array.as_primitive::<DurationNanosecondType>().value(row))
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            year_to_month_text(array.as_primitive::<IntervalYearMonthType>().value(row))
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let value = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            day_to_second_text(i64::from(value.days) * 86_400_000_000_000 + value.nanoseconds)
        }
        DataType::Binary => hexadecimal(array.as_binary::<i32>().value(row)),
        DataType::BinaryView => hexadecimal(array.as_binary_view().value(row)),
        DataType::List(_) => return list(array, row),
        DataType::Struct(_) => return fields(array, row).map(Datum::Row),
        _ => {
            let wider = canonical(&array.slice(row, 1))?;
            if wider.data_type() == array.data_type() {
                let name = array.data_type();
                return Err(SqlError::Internal(format!(
                    "a value of type {name} has no text form"
                )));
            }
            return cell(&wider, 0);
        }
    };
    Ok(Datum::Scalar(text))
}

fn list(array: &ArrayRef, row: usize) -> Result<Datum, SqlError> {
    let values = array.as_list::<i32>().value(row);
    if series_value(array.data_type()).is_none() {
        return elements(&values).map(Datum::Array);
    }
    let mut points = Vec::with_capacity(values.len());
    for point in 0..values.len() {
        let mut point = fields(&values, point)?.into_iter();
        if let (Some(Datum::Scalar(time)), Some(value)) = (point.next(), point.next()) {
            points.push((time, value));
        }
    }
    Ok(Datum::TimeSeries(points))
}

fn elements(values: &ArrayRef) -> Result<Vec<Datum>, SqlError> {
    (0..values.len())
        .map(|element| cell(values, element))
        .collect()
}

fn fields(array: &ArrayRef, row: usize) -> Result<Vec<Datum>, SqlError> {
    array
        .as_struct()
        .columns()
        .iter()
        .map(|column| cell(column, row))
        .collect()
}

fn date(days: i64) -> Result<String, SqlError> {
    i32::try_from(days).ok().and_then(date_text).ok_or_else(|| {
        SqlError::Execution(format!("Date out of range: {days} days from the epoch"))
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
