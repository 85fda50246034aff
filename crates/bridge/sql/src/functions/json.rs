//! Functions of JSON. Timestream has no JSON type in its results, so JSON is text here: what Trino
//! gives as JSON is the text of it. Text that is no JSON gives null, but for `json_parse`.

mod path;

use arrow::datatypes::DataType;
use datafusion::common::{exec_datafusion_err, exec_err};
use serde_json::Value;

use super::cells::{map1, map2};
use super::signature::Param::{Bigint, Boolean, Double, Varchar};
use super::signature::{Gives, Scalar, form};
use path::Path;

const TEXT: Gives = Gives::Is(|| DataType::Utf8View);
const BIGINT: Gives = Gives::Is(|| DataType::Int64);
const BOOLEAN: Gives = Gives::Is(|| DataType::Boolean);

const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "is_json_scalar",
        overloads: &[form(&[Varchar], BOOLEAN, |call| {
            map1(call, |json: &str| {
                Ok(parse(json).map(|value| !value.is_array() && !value.is_object()))
            })
        })],
    },
    Scalar {
        name: "json_array_contains",
        overloads: &[
            form(&[Varchar, Boolean], BOOLEAN, |call| {
                map2(call, |json: &str, wanted: bool| {
                    Ok(contains(json, |item| item.as_bool() == Some(wanted)))
                })
            }),
            form(&[Varchar, Bigint], BOOLEAN, |call| {
                map2(call, |json: &str, wanted: i64| {
                    Ok(contains(json, |item| item.as_i64() == Some(wanted)))
                })
            }),
            form(&[Varchar, Double], BOOLEAN, |call| {
                map2(call, |json: &str, wanted: f64| {
                    Ok(contains(json, |item| item.as_f64() == Some(wanted)))
                })
            }),
            form(&[Varchar, Varchar], BOOLEAN, |call| {
                map2(call, |json: &str, wanted: &str| {
                    Ok(contains(json, |item| item.as_str() == Some(wanted)))
                })
            }),
        ],
    },
    Scalar {
        name: "json_array_get",
        overloads: &[form(&[Varchar, Bigint], TEXT, |call| {
            map2(call, |json: &str, index: i64| {
                let items = array(json).unwrap_or_default();
                let position = match index {
                    0.. => usize::try_from(index).ok(),
                    _ => usize::try_from(index.unsigned_abs())
                        .ok()
                        .and_then(|back| items.len().checked_sub(back)),
                };
                let item = position.and_then(|position| items.get(position));
                Ok(item.and_then(|item| match item {
                    Value::Null => None,
                    // As Trino does, although that is no JSON.
                    Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                }))
            })
        })],
    },
    Scalar {
        name: "json_array_length",
        overloads: &[form(&[Varchar], BIGINT, |call| {
            map1(call, |json: &str| {
                Ok(array(json).map(|items| items.len() as i64))
            })
        })],
    },
    Scalar {
        name: "json_extract",
        overloads: &[form(&[Varchar, Varchar], TEXT, |call| {
            map2(call, |json: &str, path: &str| {
                let path = Path::parse(path).map_err(invalid_path)?;
                Ok(parse(json).and_then(|value| Some(path.find(&value)?.to_string())))
            })
        })],
    },
    Scalar {
        name: "json_extract_scalar",
        overloads: &[form(&[Varchar, Varchar], TEXT, |call| {
            map2(call, |json: &str, path: &str| {
                let path = Path::parse(path).map_err(invalid_path)?;
                Ok(parse(json).and_then(|value| scalar(path.find(&value)?)))
            })
        })],
    },
    Scalar {
        name: "json_format",
        overloads: &[form(&[Varchar], TEXT, |call| {
            map1(call, |json: &str| Ok(Some(json.to_owned())))
        })],
    },
    Scalar {
        name: "json_parse",
        overloads: &[form(&[Varchar], TEXT, |call| {
            map1(call, |text: &str| match parse(text) {
                Some(mut value) => {
                    value.sort_all_objects();
                    Ok(Some(value.to_string()))
                }
                None => exec_err!("Cannot convert '{text}' to JSON"),
            })
        })],
    },
    Scalar {
        name: "json_size",
        overloads: &[form(&[Varchar, Varchar], BIGINT, |call| {
            map2(call, |json: &str, path: &str| {
                let path = Path::parse(path).map_err(invalid_path)?;
                Ok(parse(json).and_then(|value| {
                    Some(match path.find(&value)? {
                        Value::Array(items) => items.len() as i64,
                        Value::Object(members) => members.len() as i64,
                        _ => 0,
                    })
                }))
            })
        })],
    },
];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied()
}

fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn array(json: &str) -> Option<Vec<Value>> {
    match parse(json)? {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn contains(json: &str, is_wanted: impl Fn(&Value) -> bool) -> Option<bool> {
    Some(array(json)?.iter().any(is_wanted))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn invalid_path(path: &str) -> datafusion::common::DataFusionError {
    exec_datafusion_err!("Invalid JSON path: '{path}'")
}
