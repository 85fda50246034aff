//! The embedded metric format: a log line of which CloudWatch makes metrics.
//!
//! Format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use serde_json::{Map, Value, json};

use super::{Metric, Unit};

const NAMESPACE: &str = "Tidewatch";

/// Where the figures come from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Dimension `function`.
    pub(crate) function: String,
    /// Dimension `location`.
    pub(crate) location: String,
}

/// The line of an invocation that ended at `at` (milliseconds since 1970); `None` when there is
/// nothing to tell. `properties` can be searched in the logs and are no dimensions.
pub(crate) fn line(
    origin: &Origin,
    properties: Map<String, Value>,
    values: &[(Metric, f64)],
    at: i64,
) -> Option<String> {
    // CloudWatch drops a whole line for one number that JSON cannot say.
    let values: Vec<_> = values
        .iter()
        .filter(|(_, value)| value.is_finite())
        .collect();
    if values.is_empty() {
        return None;
    }
    let definitions: Vec<_> = values
        .iter()
        .map(|(metric, _)| json!({"Name": metric.name(), "Unit": unit(metric.unit())}))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["function", "location"]],
                "Metrics": definitions,
            }],
        }),
    );
    line.extend(properties);
    line.insert("function".to_owned(), json!(origin.function));
    line.insert("location".to_owned(), json!(origin.location));
    for (metric, value) in values {
        line.insert(metric.name().to_owned(), json!(value));
    }
    Some(Value::Object(line).to_string())
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "Count",
        Unit::Milliseconds => "Milliseconds",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of the specification, by which CloudWatch takes or silently drops a line.
    fn check(line: &str) -> Result<Vec<String>, String> {
        const UNITS: &[&str] = &["Count", "Milliseconds"];
        let root: Map<String, Value> = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let text = |value: &Value, longest: usize| {
            let text = value.as_str().ok_or(format!("{value} is no text"))?;
            if text.trim().is_empty() || text.len() > longest || !text.is_ascii() {
                return Err(format!("`{text}` is empty, too long or not ASCII"));
            }
            Ok(text.to_owned())
        };
        let list = |value: &Value, longest: usize| match value.as_array() {
            Some(list) if (1..=longest).contains(&list.len()) => Ok(list.clone()),
            _ => Err(format!("{value} is no list of 1 to {longest}")),
        };
        let aws = root["_aws"].as_object().ok_or("no `_aws`")?;
        if !aws["Timestamp"].is_i64() {
            return Err("the time is no integer".to_owned());
        }
        let mut names = Vec::new();
        for directive in list(&aws["CloudWatchMetrics"], 100)? {
            text(&directive["Namespace"], 256)?;
            for set in list(&directive["Dimensions"], 30)? {
                for dimension in list(&set, 30)? {
                    let name = text(&dimension, 250)?;
                    text(root.get(&name).ok_or(format!("no `{name}`"))?, 1024)?;
                }
            }
            for definition in list(&directive["Metrics"], 100)? {
                let name = text(&definition["Name"], 1024)?;
                if !UNITS.contains(&definition["Unit"].as_str().unwrap_or_default()) {
                    return Err(format!("{definition} has an unknown unit"));
                }
                if !root.get(&name).is_some_and(Value::is_number) {
                    return Err(format!("`{name}` has no number"));
                }
                names.push(name);
            }
        }
        Ok(names)
    }

    fn origin() -> Origin {
        Origin {
            function: "tidewatch-writer".to_owned(),
            location: "eu-west-1".to_owned(),
        }
    }

    #[test]
    fn a_line_follows_the_specification() {
        let values: Vec<_> = Metric::ALL.iter().map(|metric| (*metric, 1.25)).collect();
        let properties = Map::from_iter([("requestId".to_owned(), json!("r-1"))]);
        let line = line(&origin(), properties, &values, 1_795_000_000_123).unwrap();
        let names = check(&line).unwrap();
        let expected: Vec<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names, expected);
        assert!(!line.contains('\n'));
    }

    #[test]
    fn the_whole_line() {
        let properties = Map::from_iter([("requestId".to_owned(), json!("r-1"))]);
        let values = [(Metric::Probes, 60.0), (Metric::StartLag, 12.5)];
        let line = line(&origin(), properties, &values, 1_795_000_000_123).unwrap();
        let expected = concat!(
            r#"{"_aws":{"Timestamp":1795000000123,"CloudWatchMetrics":[{"Namespace":"Tidewatch","#,
            r#""Dimensions":[["function","location"]],"Metrics":[{"Name":"probes","Unit":"Count"},"#,
            r#"{"Name":"start_lag_max_ms","Unit":"Milliseconds"}]}]},"requestId":"r-1","#,
            r#""function":"tidewatch-writer","location":"eu-west-1","probes":60.0,"#,
            r#""start_lag_max_ms":12.5}"#
        );
        assert_eq!(line, expected);
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(line(&origin(), Map::new(), &[], 0), None);
        let values = [(Metric::StartLag, f64::NAN)];
        assert_eq!(line(&origin(), Map::new(), &values, 0), None);
    }

    #[test]
    fn the_check_itself_finds_faults() {
        for wrong in [
            r#"{"_aws":{"Timestamp":1.5,"CloudWatchMetrics":[]}}"#,
            r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"m","Unit":"Count"}]}]},"m":1}"#,
            r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"m","Unit":"Count"}]}]},"d":"x","m":"1"}"#,
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
