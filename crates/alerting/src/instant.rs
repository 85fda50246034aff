//! Instants in snapshots, for `#[serde(with = "instant")]`: nanoseconds since the Unix epoch.

use serde::{Deserialize, Deserializer, Serializer};
use tidewatch_domain::Timestamp;

pub(crate) fn serialize<S: Serializer>(
    instant: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(instant.as_nanos())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    i64::deserialize(deserializer).map(Timestamp::from_nanos)
}

/// The same where there may be none, for `#[serde(with = "instant::optional")]`.
pub(crate) mod optional {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use tidewatch_domain::Timestamp;

    pub(crate) fn serialize<S: Serializer>(
        instant: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        instant.map(Timestamp::as_nanos).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_nanos))
    }
}
