//! States on disk.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Alert, Instance, RuleStates};
use crate::evaluate::Labels;

/// The version of the form below; a reader refuses others.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    instances: Vec<(&'a Labels, &'a Instance)>,
    departing: &'a [Alert],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: u32,
    instances: Vec<(Labels, Instance)>,
    departing: Vec<Alert>,
}

impl RuleStates {
    /// All of it, as an object with a `version`.
    pub fn snapshot(&self) -> Value {
        let written = Written {
            version: VERSION,
            instances: self.instances.iter().collect(),
            departing: &self.departing,
        };
        serde_json::to_value(written).expect("maps have texts as keys, and numbers are finite")
    }

    /// What [`RuleStates::snapshot`] gave.
    ///
    /// # Errors
    ///
    /// Another version, or no snapshot at all.
    pub fn restore(snapshot: &Value) -> Result<Self, String> {
        let read = Read::deserialize(snapshot)
            .map_err(|error| format!("no snapshot of alert states: {error}"))?;
        if read.version != VERSION {
            return Err(format!(
                "the snapshot of alert states has version {}; this program reads version {VERSION}",
                read.version
            ));
        }
        Ok(RuleStates {
            instances: read.instances.into_iter().collect(),
            departing: read.departing,
        })
    }
}

/// Numbers by refId; JSON has no NaN, so that `null` stands for what is not finite.
pub(super) mod numbers {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        numbers: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            numbers
                .iter()
                .map(|(name, number)| (name, number.is_finite().then_some(*number))),
        )
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let numbers = BTreeMap::<String, Option<f64>>::deserialize(deserializer)?;
        Ok(numbers
            .into_iter()
            .map(|(name, number)| (name, number.unwrap_or(f64::NAN)))
            .collect())
    }
}
