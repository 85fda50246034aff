//! Durations as text: `15m`, `42.8ms`, `1 day`, `12month`.

/// A parsed duration. Timestream keeps the two kinds apart because months have no fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duration {
    /// INTERVAL_DAY_TO_SECOND, in nanoseconds.
    Nanoseconds(i64),
    /// INTERVAL_YEAR_TO_MONTH, in months.
    Months(i32),
}

/// Parses `<number><unit>`, with or without white space between them.
///
/// Units: ns, us, ms, s, m, h, d, y and nanosecond, microsecond, millisecond, second, minute, hour,
/// day, month, year; singular and in lower case. Months and years must be whole. `None` when the
/// text is no duration or does not fit 64 bits of nanoseconds (292 years).
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let number = number.trim_end();
    let nanoseconds: i64 = match unit {
        "ns" | "nanosecond" => 1,
        "us" | "microsecond" => 1_000,
        "ms" | "millisecond" => 1_000_000,
        "s" | "second" => 1_000_000_000,
        "m" | "minute" => 60_000_000_000,
        "h" | "hour" => 3_600_000_000_000,
        "d" | "day" => 86_400_000_000_000,
        "month" => return whole(number).map(Duration::Months),
        "y" | "year" => {
            return whole(number)
                .and_then(|years| years.checked_mul(12))
                .map(Duration::Months);
        }
        _ => return None,
    };
    scale(number, nanoseconds).map(Duration::Nanoseconds)
}

fn whole(number: &str) -> Option<i32> {
    is_digits(number).then(|| number.parse().ok()).flatten()
}

/// `number` (decimal digits with at most one point) times `unit`, rounded down, without going
/// through floating point: `2592000000ms` and `0.1s` must come out exactly.
fn scale(number: &str, unit: i64) -> Option<i64> {
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    if !is_digits(integer) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let total = i128::from(integer.parse::<i64>().ok()?) * i128::from(unit);
    // Eighteen digits are more than any unit can show, and keep the product within 128 bits.
    let fraction = &fraction[..fraction.len().min(18)];
    let part = match fraction {
        "" => 0,
        digits => {
            digits.parse::<i128>().ok()? * i128::from(unit) / 10_i128.pow(digits.len() as u32)
        }
    };
    i64::try_from(total + part).ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Duration::{Months, Nanoseconds};
    use super::parse_duration;

    #[test]
    fn every_unit() {
        for (text, expected) in [
            ("1ns", 1),
            ("2us", 2_000),
            ("3ms", 3_000_000),
            ("4s", 4_000_000_000),
            ("15m", 900_000_000_000),
            ("2h", 7_200_000_000_000),
            ("1d", 86_400_000_000_000),
            ("1 day", 86_400_000_000_000),
            ("42.8ms", 42_800_000),
            ("0.1s", 100_000_000),
            ("2592000000ms", 2_592_000_000_000_000),
            ("31536000000ms", 31_536_000_000_000_000),
            ("1.0000000009s", 1_000_000_000),
        ] {
            assert_eq!(parse_duration(text), Some(Nanoseconds(expected)), "{text}");
        }
        assert_eq!(parse_duration("12month"), Some(Months(12)));
        assert_eq!(parse_duration("2y"), Some(Months(24)));
    }

    #[test]
    fn what_is_no_duration() {
        for text in [
            "",
            "m",
            "15",
            "15x",
            "15 minutes",
            "1.5y",
            "-1s",
            "1e5m",
            "1..2s",
            "999999999999d",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
