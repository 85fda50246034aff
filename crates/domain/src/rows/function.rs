//! `ops` rows of functions: what one invocation did.

use crate::name::{Location, MonitorId, Tenant};
use crate::record::{Record, Value};
use crate::schema::{dimension, measure_name};
use crate::time::Timestamp;

/// The row of a function (`config`, `monitor`, `writer`, `webhook`) for the invocation that ended
/// at `end`. Only what the invocation knows is in it; `figures` are names of
/// [`crate::schema::measure`] and their values.
///
/// The time is cut to milliseconds: several rows a minute come from as many invocations, and
/// readers add them up.
pub fn function_row(
    component: &'static str,
    location: &Location,
    figures: impl IntoIterator<Item = (&'static str, Value)>,
    end: Timestamp,
) -> Record {
    let mut record = Record::new(
        measure_name::OPS,
        end.truncated_to_millis(),
        vec![
            (dimension::TENANT, Tenant::system().to_string()),
            (
                dimension::MONITOR_ID,
                MonitorId::component(component).to_string(),
            ),
            (dimension::LOCATION, location.to_string()),
        ],
    );
    for (name, value) in figures {
        record.set(name, value);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::measure;

    #[test]
    fn a_function_tells_what_it_knows_and_nothing_else() {
        let location = Location::try_new("eu-west-1").unwrap();
        let end = Timestamp::from_nanos(1_795_330_800_123_456_789);
        let figures = [(measure::RULES, Value::Bigint(12))];
        let row = function_row("config", &location, figures, end);
        assert_eq!(row.time, Timestamp::from_millis(1_795_330_800_123));
        assert_eq!(row.measures.len(), 1);
        assert_eq!(row.measure(measure::RULES), Some(&Value::Bigint(12)));
        let dimensions: Vec<&str> = row.dimensions.iter().map(|(_, value)| &**value).collect();
        assert_eq!(dimensions, ["_system", "config", "eu-west-1"]);
    }
}
