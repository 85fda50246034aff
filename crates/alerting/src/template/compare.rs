//! `eq`, `ne`, `lt`, `le`, `gt`, `ge` (Go's `text/template/funcs.go`).

use std::cmp::Ordering;

use super::value::Value;

/// Whether the first is equal to one of the others.
pub(super) fn equal(values: &[Value<'_>]) -> Result<bool, String> {
    let [first, others @ ..] = values else {
        return Err("there is nothing to compare".to_owned());
    };
    for other in others {
        if is_equal(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_equal(left: &Value<'_>, right: &Value<'_>) -> Result<bool, String> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Missing, Value::Missing) => Ok(true),
        (Value::Missing, _) | (_, Value::Missing) => Ok(false),
        _ => Ok(order(left, right)? == Some(Ordering::Equal)),
    }
}

/// How two numbers or two texts stand to each other; nothing where one is NaN.
pub(super) fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Option<Ordering>, String> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(Some(left.cmp(right))),
        (Value::Float(left), Value::Float(right)) => Ok(left.partial_cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(Some(left.cmp(right))),
        (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => Err(
            "a whole number cannot be compared with a floating point one; write 5.0 for 5"
                .to_owned(),
        ),
        _ => Err(format!(
            "{} cannot be compared with {}",
            left.type_name(),
            right.type_name()
        )),
    }
}
