//! Instants as RFC 3339 text, for `#[serde(with = "instant")]`.

use serde::{Deserialize, Deserializer, Serializer, de};
use tidewatch_domain::Timestamp;

/// Reads RFC 3339 with any offset. The year 1, Go's zero, and whatever else lies outside of what a
/// [`Timestamp`] holds is `None`.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    i64::try_from(instant.as_nanosecond())
        .ok()
        .map(Timestamp::from_nanos)
}

/// RFC 3339 in UTC with as many digits of the second as there are.
pub(crate) fn format(instant: Timestamp) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(instant.as_nanos()))
        .expect("an i64 of nanoseconds lies within the years -9999 to 9999")
        .to_string()
}

pub(crate) fn serialize<S: Serializer>(
    instant: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(*instant))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not an instant in RFC 3339")))
}
