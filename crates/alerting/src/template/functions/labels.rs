//! Functions on labels and other maps (Grafana's `ngalert/state/template/funcs.go`, Go's `index`).

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::go;

use super::super::value::Value;
use super::{as_labels, as_text};

/// The labels whose names are wanted.
pub(super) fn keep<'a>(
    given: &[Value<'a>],
    wanted: impl Fn(&str) -> bool,
) -> Result<Value<'a>, String> {
    let mut labels = as_labels(given.first())?.clone();
    labels.retain(|name, _| wanted(name));
    Ok(Value::Labels(Cow::Owned(labels)))
}

/// Element by element; what is not there is empty, not missing.
pub(super) fn index<'a>(given: &[Value<'a>]) -> Result<Value<'a>, String> {
    let [first, keys @ ..] = given else {
        return Err("a map is missing".to_owned());
    };
    let mut found = first.clone();
    for key in keys {
        found = match &found {
            Value::Missing => return Err("there is no map to look into".to_owned()),
            Value::Labels(labels) => {
                let label = labels.get(as_text(Some(key))?);
                Value::text(label.cloned().unwrap_or_default())
            }
            Value::Values(values) => Value::Number(values.get(as_text(Some(key))?)),
            Value::Arguments(arguments) => arguments
                .get(as_text(Some(key))?)
                .cloned()
                .unwrap_or(Value::Missing),
            Value::Text(text) => {
                let Value::Int(place) = key else {
                    return Err(format!("{} is no place in a text", key.type_name()));
                };
                let byte = usize::try_from(*place)
                    .ok()
                    .and_then(|place| text.as_bytes().get(place).copied());
                Value::Int(i64::from(
                    byte.ok_or_else(|| format!("{place} lies outside of the text"))?,
                ))
            }
            other => return Err(format!("{} has no elements", other.type_name())),
        };
    }
    Ok(found)
}

/// The address of a query in Grafana's *Explore*; empty for what is no query.
pub(super) fn explore(query: &str, instant: bool) -> String {
    let Ok(Json::Object(query)) = serde_json::from_str(query) else {
        return String::new();
    };
    let mut parts = ["datasource", "expr"].map(|name| match query.get(name) {
        None | Some(Json::Null) => Some(String::new()),
        Some(Json::String(text)) => Some(go::quote(&go::query_escape(text))),
        Some(_) => None,
    });
    let [Some(datasource), Some(expression)] = &mut parts else {
        return String::new();
    };
    for part in [&mut *datasource, &mut *expression] {
        if part.is_empty() {
            part.push_str("\"\"");
        }
    }
    format!(
        "/explore?left={{\"datasource\":{datasource},\"queries\":[{{\"datasource\":{datasource},\
         \"expr\":{expression},\"instant\":{instant},\"range\":{},\"refId\":\"A\"}}],\
         \"range\":{{\"from\":\"now-1h\",\"to\":\"now\"}}}}",
        !instant
    )
}
