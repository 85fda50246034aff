//! Single values outside of any file, as a command line has them.

use std::time::Duration;

use crate::quantity;
use crate::tree::Tree;
use crate::yaml;

/// Reads one value as a YAML definition would have it: `5`, `stop`, `[{on: status, is: 204}]`.
///
/// Errors: what is wrong with the syntax and where, without any of the text, which could hold a
/// secret.
pub fn read_value(text: &str) -> Result<Tree, String> {
    yaml::parse(text).map_err(|error| match error.at {
        Some(at) => format!(
            "cannot be parsed: {}, at character {}",
            error.problem, at.column
        ),
        None => format!("cannot be parsed: {}", error.problem),
    })
}

/// Reads a whole document of another format than ours. The error is its line, where that is
/// known, and what is wrong.
pub fn read_document(text: &str) -> Result<Tree, (Option<u64>, String)> {
    yaml::parse(text).map_err(|error| {
        let reason = format!("cannot be parsed: {}", error.problem);
        (error.at.map(|at| at.line), reason)
    })
}

/// Reads a duration: `500ms`, `30s`, `1h30m`, or seconds as a number.
///
/// Errors: what is wrong, with the remedy.
pub fn read_duration(text: &str) -> Result<Duration, String> {
    let read = match text.parse::<f64>() {
        Ok(_) => quantity::seconds(text),
        Err(_) => quantity::duration(text),
    };
    read.map_err(|refusal| format!("{}; {}", refusal.problem, refusal.remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Value;

    #[test]
    fn values_are_read_as_in_a_file() {
        assert!(read_value("stop").unwrap().is_text("stop"));
        assert!(read_value("2xx").unwrap().is_text("2xx"));
        assert!(matches!(read_value("5").unwrap().value, Value::Number(text) if text == "5"));
        let list = read_value("[{on: status, is: 204}]").unwrap().value;
        assert!(matches!(list, Value::List(items) if items[0].get("on").is_some()));
        let error = read_value("{a: [s3cret}").unwrap_err();
        assert!(
            error.starts_with("cannot be parsed: ") && !error.contains("s3cret"),
            "{error}"
        );
    }

    #[test]
    fn durations_have_units_or_are_seconds() {
        assert_eq!(read_duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(read_duration("0.5"), Ok(Duration::from_millis(500)));
        for text in ["soon", "-1", "", "NaN"] {
            let error = read_duration(text).unwrap_err();
            assert!(error.contains("; "), "{text}: {error}");
        }
    }
}
