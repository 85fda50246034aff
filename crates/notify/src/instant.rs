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

/// Reads what Go's `time.Time.String` writes, which is what templates of Grafana's rules print
/// instants as: `2026-11-22 06:59:57.5 +0000 UTC`.
pub(crate) fn parse_go(text: &str) -> Option<Timestamp> {
    let (instant, _zone) = text.trim().rsplit_once(' ')?;
    let instant = jiff::Timestamp::strptime("%Y-%m-%d %H:%M:%S%.f %z", instant).ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_go_are_read() {
        for (text, wanted) in [
            ("2026-11-22 06:59:57 +0000 UTC", "2026-11-22T06:59:57.000Z"),
            (
                "2026-11-22 06:59:57.25 +0000 UTC",
                "2026-11-22T06:59:57.250Z",
            ),
            ("2026-11-22 08:59:57 +0200 EET", "2026-11-22T06:59:57.000Z"),
        ] {
            assert_eq!(parse_go(text).unwrap().to_string(), wanted, "{text}");
        }
        for text in [
            "",
            "[no value]",
            "1795330797",
            "2026-11-22T06:59:57Z",
            "+Inf",
        ] {
            assert_eq!(parse_go(text), None, "{text}");
        }
    }
}
