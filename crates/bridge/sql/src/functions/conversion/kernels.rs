//! Conversions of columns with Timestream's rules where Arrow's differ.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, ListArray, PrimitiveArray,
    StringViewArray, StructArray, new_null_array,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Field, Float64Type, Int32Type, Int64Type,
    Time64NanosecondType, TimestampNanosecondType,
};
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};

use crate::Datum;
use crate::functions::map::from_parts;
use crate::functions::time::parse_timestamp;
use crate::result::cell;
use crate::shapes::{TIME, TIMESTAMP, is_text, map_types, type_name as name};

/// One more than the largest BIGINT; the largest itself is no double.
const TWO_TO_63: f64 = (1_u64 << 63) as f64;

/// What becomes of a value that cannot be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OnError {
    /// The statement fails.
    Fail,
    /// The value becomes null.
    Null,
}

/// Converts a column.
///
/// * to text: the result's text forms, cut to `length` characters;
/// * from double to whole numbers: rounded half away from zero;
/// * from text: white space around numbers is not accepted, timestamps as in literals;
/// * rows and arrays: field by field and element by element.
pub(super) fn cast(
    array: &ArrayRef,
    to: &DataType,
    length: Option<usize>,
    on_error: OnError,
) -> Result<ArrayRef> {
    let from = array.data_type();
    if from == to && length.is_none() {
        return Ok(array.clone());
    }
    if from.is_null() {
        return Ok(new_null_array(to, array.len()));
    }
    match (from, to) {
        (DataType::List(_), DataType::List(element)) => cast_list(array, element, on_error),
        (DataType::Struct(_), DataType::Struct(_)) => cast_row(array, to, on_error),
        (DataType::Map(_, _), DataType::Map(_, _)) => cast_map(array, to, on_error),
        (_, to) if is_text(to) => to_text(array, length),
        (from, to) if is_text(from) => {
            let text = arrow::compute::cast(array, &DataType::Utf8View)?;
            from_text(text.as_string_view(), to, on_error)
        }
        (DataType::Float64, DataType::Int64) => {
            let bounds = |x: f64| (-TWO_TO_63..TWO_TO_63).contains(&x);
            round_to::<Int64Type>(array, to, on_error, bounds, |x| x as i64)
        }
        (DataType::Float64, DataType::Int32) => {
            let bounds = |x: f64| (-2147483648.0..2147483648.0).contains(&x);
            round_to::<Int32Type>(array, to, on_error, bounds, |x| x as i32)
        }
        (from, to) if natural(from, to) => by_arrow(array, to, on_error),
        (from, to) => plan_err!("Cannot cast {} to {}", name(from), name(to)),
    }
}

/// Whether Arrow's conversion is the right one.
fn natural(from: &DataType, to: &DataType) -> bool {
    let number = |t: &DataType| t.is_numeric();
    (number(from) && number(to))
        || (number(from) && *to == DataType::Boolean)
        || (*from == DataType::Boolean && number(to))
        || matches!(
            (from, to),
            (DataType::Date32, DataType::Timestamp(_, _))
                | (
                    DataType::Timestamp(_, _),
                    DataType::Date32 | DataType::Time64(_)
                )
                | (DataType::Timestamp(_, _), DataType::Timestamp(_, _))
        )
}

fn by_arrow(array: &ArrayRef, to: &DataType, on_error: OnError) -> Result<ArrayRef> {
    let options = CastOptions {
        safe: on_error == OnError::Null,
        ..CastOptions::default()
    };
    match cast_with_options(array, to, &options) {
        Ok(result) => Ok(result),
        Err(error) => exec_err!(
            "Cannot cast {} to {}: {error}",
            name(array.data_type()),
            name(to)
        ),
    }
}

fn cast_list(array: &ArrayRef, element: &Arc<Field>, on_error: OnError) -> Result<ArrayRef> {
    let list = array.as_list::<i32>();
    let values = cast(list.values(), element.data_type(), None, on_error)?;
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        list.offsets().clone(),
        values,
        list.nulls().cloned(),
    )?))
}

fn cast_map(array: &ArrayRef, to: &DataType, on_error: OnError) -> Result<ArrayRef> {
    let maps = array.as_map();
    let Some((key, value)) = map_types(to) else {
        return plan_err!("Cannot cast a map to {}", name(to));
    };
    let keys = cast(maps.keys(), key, None, OnError::Fail)?;
    let values = cast(maps.values(), value, None, on_error)?;
    let (offsets, nulls) = (maps.offsets().clone(), maps.nulls().cloned());
    Ok(Arc::new(from_parts(keys, values, offsets, nulls)?))
}

fn cast_row(array: &ArrayRef, to: &DataType, on_error: OnError) -> Result<ArrayRef> {
    let row = array.as_struct();
    let DataType::Struct(fields) = to else {
        return plan_err!("Cannot cast a row to {}", name(to));
    };
    if fields.len() != row.num_columns() {
        return plan_err!("Cannot cast {} to {}", name(array.data_type()), name(to));
    }
    let columns = row
        .columns()
        .iter()
        .zip(fields)
        .map(|(column, field)| cast(column, field.data_type(), None, on_error))
        .collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(StructArray::try_new(
        fields.clone(),
        columns,
        row.nulls().cloned(),
    )?))
}

fn to_text(array: &ArrayRef, length: Option<usize>) -> Result<ArrayRef> {
    if matches!(
        array.data_type(),
        DataType::List(_) | DataType::Struct(_) | DataType::Map(_, _)
    ) {
        return plan_err!("Cannot cast {} to varchar", name(array.data_type()));
    }
    let texts = (0..array.len()).map(|row| match cell(array, row) {
        Ok(Datum::Scalar(text)) => Ok(Some(match length {
            Some(length) => text.chars().take(length).collect(),
            None => text,
        })),
        Ok(_) => Ok(None),
        Err(error) => exec_err!("{error}"),
    });
    Ok(Arc::new(texts.collect::<Result<StringViewArray>>()?))
}

fn from_text(texts: &StringViewArray, to: &DataType, on_error: OnError) -> Result<ArrayRef> {
    Ok(match to {
        DataType::Boolean => {
            let cells = texts
                .iter()
                .map(|text| parsed(text, to, on_error, parse_boolean));
            Arc::new(cells.collect::<Result<BooleanArray>>()?)
        }
        DataType::Int32 => {
            let cells = texts
                .iter()
                .map(|text| parsed(text, to, on_error, |t| t.parse().ok()));
            Arc::new(cells.collect::<Result<Int32Array>>()?)
        }
        DataType::Int64 => {
            let cells = texts
                .iter()
                .map(|text| parsed(text, to, on_error, |t| t.parse().ok()));
            Arc::new(cells.collect::<Result<Int64Array>>()?)
        }
        DataType::Float64 => primitives::<Float64Type>(texts, to, on_error, parse_double)?,
        DataType::Timestamp(_, _) if *to == TIMESTAMP => {
            primitives::<TimestampNanosecondType>(texts, to, on_error, parse_timestamp)?
        }
        DataType::Date32 => primitives::<Date32Type>(texts, to, on_error, parse_date)?,
        DataType::Time64(_) if *to == TIME => {
            primitives::<Time64NanosecondType>(texts, to, on_error, parse_time)?
        }
        DataType::Binary => arrow::compute::cast(texts, to)?,
        _ => return plan_err!("Cannot cast varchar to {}", name(to)),
    })
}

fn primitives<T: ArrowPrimitiveType>(
    texts: &StringViewArray,
    to: &DataType,
    on_error: OnError,
    parse: impl Fn(&str) -> Option<T::Native>,
) -> Result<ArrayRef> {
    let cells = texts.iter().map(|text| parsed(text, to, on_error, &parse));
    Ok(Arc::new(cells.collect::<Result<PrimitiveArray<T>>>()?))
}

fn parsed<T>(
    text: Option<&str>,
    to: &DataType,
    on_error: OnError,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    match (parse(text), on_error) {
        (None, OnError::Fail) if *to == TIMESTAMP || *to == DataType::Date32 || *to == TIME => {
            exec_err!("Value cannot be cast to {}: {text}", name(to))
        }
        (None, OnError::Fail) => exec_err!("Cannot cast '{text}' to {}", name(to).to_uppercase()),
        (value, _) => Ok(value),
    }
}

fn parse_boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    }
}

/// Java's spellings of the special values and Rust's of the others, which agree.
fn parse_double(text: &str) -> Option<f64> {
    match text.trim() {
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        number if number.contains(['i', 'I', 'n', 'N']) => None,
        number => number.parse().ok(),
    }
}

fn parse_date(text: &str) -> Option<i32> {
    match text.trim().parse::<jiff::civil::Date>() {
        Ok(date) => crate::functions::time::days(date).ok(),
        Err(_) => None,
    }
}

fn parse_time(text: &str) -> Option<i64> {
    let time = text.trim().parse::<jiff::civil::Time>().ok()?;
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Some(seconds * 1_000_000_000 + i64::from(time.subsec_nanosecond()))
}

fn round_to<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    to: &DataType,
    on_error: OnError,
    fits: impl Fn(f64) -> bool,
    convert: impl Fn(f64) -> T::Native,
) -> Result<ArrayRef> {
    let cells = array.as_primitive::<Float64Type>().iter().map(|value| {
        let Some(value) = value else { return Ok(None) };
        let rounded = value.round();
        match (fits(rounded), on_error) {
            (true, _) => Ok(Some(convert(rounded))),
            (false, OnError::Null) => Ok(None),
            (false, OnError::Fail) => Err(exec_datafusion_err!(
                "Unable to cast {} to {}",
                crate::result::java_double(value),
                name(to)
            )),
        }
    });
    Ok(Arc::new(cells.collect::<Result<PrimitiveArray<T>>>()?))
}
