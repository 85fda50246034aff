//! `CAST(x AS JSON)`: the JSON text of any value, also of arrays, rows and maps.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err};

use crate::Datum;
use crate::functions::signature::Param::Any;
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::result::cell;
use crate::shapes::is_anonymous;

pub(super) const TO_JSON: Scalar = Scalar {
    name: "$to_json",
    overloads: &[form(&[Any], Gives::Is(|| DataType::Utf8View), to_json)],
};

/// A null value has no JSON: the result is null; nulls inside are JSON's null.
fn to_json(call: &Call) -> Result<ArrayRef> {
    let values = &call.args[0];
    let texts = (0..call.rows).map(|row| {
        if values.is_null(row) || values.data_type().is_null() {
            return Ok(None);
        }
        let mut text = String::new();
        write(values, row, &mut text)?;
        Ok(Some(text))
    });
    Ok(Arc::new(texts.collect::<Result<StringViewArray>>()?))
}

fn write(values: &ArrayRef, row: usize, into: &mut String) -> Result<()> {
    if values.is_null(row) {
        into.push_str("null");
        return Ok(());
    }
    match values.data_type() {
        DataType::List(_) => {
            let elements = values.as_list::<i32>().value(row);
            separated(into, '[', ']', 0..elements.len(), |at, into| {
                write(&elements, at, into)
            })
        }
        DataType::Struct(fields) => {
            let columns = values.as_struct().columns();
            if fields.iter().any(|field| is_anonymous(field.name())) {
                return separated(into, '[', ']', 0..columns.len(), |at, into| {
                    write(&columns[at], row, into)
                });
            }
            separated(into, '{', '}', 0..columns.len(), |at, into| {
                quoted(fields[at].name(), into);
                into.push(':');
                write(&columns[at], row, into)
            })
        }
        DataType::Map(_, _) => {
            let entries = values.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            // As Trino does: in the order of the keys' texts.
            let mut order = (0..entries.len())
                .map(|at| Ok((scalar(keys, at)?, at)))
                .collect::<Result<Vec<_>>>()?;
            order.sort();
            separated(into, '{', '}', order.into_iter(), |(key, at), into| {
                quoted(&key, into);
                into.push(':');
                write(values, at, into)
            })
        }
        data_type => {
            let text = scalar(values, row)?;
            let bare = matches!(data_type, DataType::Boolean)
                || (data_type.is_numeric() && !text.contains(['N', 'y']));
            if bare {
                into.push_str(&text);
            } else {
                quoted(&text, into);
            }
            Ok(())
        }
    }
}

fn separated<T>(
    into: &mut String,
    open: char,
    close: char,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(T, &mut String) -> Result<()>,
) -> Result<()> {
    into.push(open);
    for (position, item) in items.enumerate() {
        if position > 0 {
            into.push(',');
        }
        write(item, into)?;
    }
    into.push(close);
    Ok(())
}

fn quoted(text: &str, into: &mut String) {
    into.push_str(&serde_json::Value::from(text).to_string());
}

fn scalar(values: &ArrayRef, row: usize) -> Result<String> {
    match cell(values, row) {
        Ok(Datum::Scalar(text)) => Ok(text),
        Ok(_) => exec_err!("a key of a map must be a scalar to be written as JSON"),
        Err(error) => Err(exec_datafusion_err!("{error}")),
    }
}
