//! Numbers and durations as people write them.

use std::time::Duration;

/// Why a text is no usable quantity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) problem: String,
    pub(crate) remedy: String,
}

/// How a duration is written.
pub(crate) const DURATION_REMEDY: &str =
    "write seconds as a number, or a text like `500ms`, `30s`, `5m`, `1h`, `1d`";

const MILLIS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// A whole number, also one that is written with an empty fraction or an exponent.
pub(crate) fn whole(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    // Up to 2^53 a double stands for one whole number only.
    let exact = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    exact.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// A number of seconds, with a precision of milliseconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, Refusal> {
    let refusal = |problem: &str| Refusal {
        problem: problem.to_owned(),
        remedy: DURATION_REMEDY.to_owned(),
    };
    let seconds: f64 = text.parse().map_err(|_| refusal("is not a number"))?;
    if seconds < 0.0 {
        return Err(refusal("is negative"));
    }
    let exact = Duration::try_from_secs_f64(seconds).map_err(|_| refusal("is out of range"))?;
    let millis = (exact.as_nanos() + 500_000) / 1_000_000;
    Ok(Duration::from_millis(
        u64::try_from(millis).map_err(|_| refusal("is out of range"))?,
    ))
}

/// One or more whole numbers with units: `500ms`, `30s`, `1h30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, Refusal> {
    let refusal = |problem: &str, remedy: String| Refusal {
        problem: problem.to_owned(),
        remedy,
    };
    let trimmed = text.trim();
    if !trimmed.is_empty()
        && trimmed
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        let remedy = format!("write `{}s`, or the number without quotes", short(trimmed));
        return Err(refusal("has no unit", remedy));
    }
    parts(trimmed)
        .map(Duration::from_millis)
        .ok_or_else(|| refusal("is not a duration", DURATION_REMEDY.to_owned()))
}

/// EventBridge's `rate(1 minute)`, with its rule that only 1 takes the singular.
/// `None` when the text does not begin like a rate.
///
/// Format: Amazon EventBridge User Guide, "Rate expressions".
pub(crate) fn rate(text: &str) -> Option<Result<Duration, Refusal>> {
    let inner = text.trim().strip_prefix("rate(")?;
    let refusal = |problem: &str, remedy: String| {
        Some(Err(Refusal {
            problem: problem.to_owned(),
            remedy,
        }))
    };
    let form = "write `rate(1 minute)`, `rate(5 minutes)`, hours or days; for seconds write `30s`";
    let Some((number, unit)) = inner
        .strip_suffix(')')
        .and_then(|inner| inner.split_once(' '))
    else {
        return refusal("is not a rate expression", form.to_owned());
    };
    let Ok(number @ 1..=1_000_000) = number.parse::<u64>() else {
        return refusal("is not a rate expression", form.to_owned());
    };
    let (singular, millis) = match unit.trim_end_matches('s') {
        word @ "minute" => (word, 60_000),
        word @ "hour" => (word, 3_600_000),
        word @ "day" => (word, 86_400_000),
        _ => return refusal("is not a rate expression", form.to_owned()),
    };
    let right = if number == 1 {
        singular.to_owned()
    } else {
        format!("{singular}s")
    };
    if unit != right {
        let remedy = format!("write `rate({number} {right})`");
        return refusal("does not fit the number and its unit", remedy);
    }
    Some(Ok(Duration::from_millis(number * millis)))
}

/// The shortest text that [`duration`] reads back as the same: `90s`, `1h`, `1500ms`.
pub(crate) fn written(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (unit, size) = MILLIS
        .into_iter()
        .filter(|(unit, _)| *unit != "d")
        .rfind(|(_, size)| millis.is_multiple_of(u128::from(*size)) && millis > 0)
        .unwrap_or(("s", 1_000));
    format!("{}{unit}", millis / u128::from(size))
}

fn parts(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total = None;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().ok()?;
        let unit_and_rest = &rest[digits..];
        let letters = unit_and_rest
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let (unit, after) = unit_and_rest.split_at(letters);
        let (_, millis) = MILLIS.into_iter().find(|(name, _)| *name == unit)?;
        let sum = number
            .checked_mul(millis)?
            .checked_add(total.unwrap_or(0))?;
        total = Some(sum);
        rest = after.trim_start();
    }
    total
}

fn short(text: &str) -> &str {
    &text[..text.len().min(20)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        let cases = [
            ("500ms", 500),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("1h30m", 5_400_000),
            ("1m 5s", 65_000),
            ("0s", 0),
        ];
        for (text, millis) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in [
            "",
            "s",
            "5 m",
            "-3s",
            "1.5h",
            "5w",
            "3S",
            "99999999999999999d",
            "1h-",
            "é",
        ] {
            assert_eq!(
                duration(bad).unwrap_err().problem,
                "is not a duration",
                "{bad}"
            );
        }
        let refusal = duration("60").unwrap_err();
        assert_eq!(refusal.remedy, "write `60s`, or the number without quotes");
    }

    #[test]
    fn reads_seconds_to_the_millisecond() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1_500)));
        assert_eq!(seconds("0.0004"), Ok(Duration::ZERO));
        assert_eq!(seconds("6e1"), Ok(Duration::from_secs(60)));
        for bad in ["-1", "1e300", "NaN", "inf", "x"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reads_rates_as_eventbridge_does() {
        assert_eq!(rate("rate(1 minute)"), Some(Ok(Duration::from_secs(60))));
        assert_eq!(rate("rate(2 hours)"), Some(Ok(Duration::from_secs(7_200))));
        assert_eq!(rate("5m"), None);
        for (bad, remedy) in [
            ("rate(1 minutes)", "write `rate(1 minute)`"),
            ("rate(5 minute)", "write `rate(5 minutes)`"),
            ("rate(1 minutess)", "write `rate(1 minute)`"),
        ] {
            assert_eq!(rate(bad).unwrap().unwrap_err().remedy, remedy, "{bad}");
        }
        for bad in [
            "rate(0 minutes)",
            "rate(30 seconds)",
            "rate(5  minutes)",
            "rate(5)",
            "rate(1 day",
        ] {
            assert!(rate(bad).unwrap().is_err(), "{bad}");
        }
    }

    #[test]
    fn whole_numbers_lose_nothing() {
        assert_eq!(whole("18446744073709551615"), Some(u64::MAX));
        assert_eq!(whole("60.0"), Some(60));
        assert_eq!(whole("1e3"), Some(1_000));
        for bad in ["-1", "1.5", "1e300", "NaN", ""] {
            assert_eq!(whole(bad), None, "{bad}");
        }
    }

    #[test]
    fn writes_durations_so_that_they_read_back() {
        let cases = [
            (0, "0s"),
            (1, "1ms"),
            (1_500, "1500ms"),
            (90_000, "90s"),
            (86_400_000, "24h"),
        ];
        for (millis, text) in cases {
            let duration_of = Duration::from_millis(millis);
            assert_eq!(written(duration_of), text);
            assert_eq!(duration(text), Ok(duration_of));
        }
    }
}
