//! The two ways in which Grafana's files write durations.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// `ParseDuration` of Prometheus' `common/model`: whole numbers with units, the larger first, each
/// at most once; `0` needs none. A year has 365 days.
pub(super) fn prometheus(text: &str) -> Result<Duration, String> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "^(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$",
        )
        .expect("the expression is constant and right")
    });
    const UNITS: [u64; 7] = [365 * DAY, WEEK, DAY, HOUR, MINUTE, SECOND, 1];
    let wrong = || {
        format!("`{text}` is no duration; write whole numbers with units, such as 90s, 2m or 1h30m")
    };
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let found = FORM.captures(text).filter(|_| !text.is_empty());
    let found = found.ok_or_else(wrong)?;
    let mut milliseconds: u64 = 0;
    for (index, unit) in UNITS.iter().enumerate() {
        let Some(digits) = found.get(index + 1) else {
            continue;
        };
        let number: u64 = digits.as_str().parse().map_err(|_error| too_long(text))?;
        milliseconds = number
            .checked_mul(*unit)
            .and_then(|part| milliseconds.checked_add(part))
            .ok_or_else(|| too_long(text))?;
    }
    limited(text, u128::from(milliseconds) * 1_000_000)
}

/// `ParseDuration` of the plugin SDK's `gtime`: durations of Go such as `1.5h` or `1h30m`, or a
/// whole number of days, weeks, months or years; a year has 365.25 days here.
pub(super) fn of_window(text: &str) -> Result<Duration, String> {
    const YEAR: u128 = 31_557_600_000_000_000;
    let wrong = || {
        format!("`{text}` is no duration; write a number with a unit, such as 30s, 5m, 1h or 1d")
    };
    let calendar = |suffix: char, nanos: u128| {
        let digits = text.strip_suffix(suffix)?;
        let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<u128> = digits.parse().ok().filter(|_| all);
        Some(number?.checked_mul(nanos).ok_or_else(|| too_long(text)))
    };
    let day = u128::from(DAY) * 1_000_000;
    for (suffix, nanos) in [('d', day), ('w', 7 * day), ('M', YEAR / 12), ('y', YEAR)] {
        if let Some(found) = calendar(suffix, nanos) {
            return limited(text, found?);
        }
    }
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("^([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
            .expect("the expression is constant and right")
    });
    let mut rest = text;
    let mut seconds = 0.0;
    while let Some(found) = PART.captures(rest) {
        let number: f64 = found[1].parse().map_err(|_error| wrong())?;
        seconds += number
            * match &found[2] {
                "ns" => 1e-9,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => 1e-6,
            };
        rest = &rest[found[0].len()..];
    }
    if !rest.is_empty() || text.is_empty() {
        return Err(wrong());
    }
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_error| too_long(text))?;
    limited(text, duration.as_nanos())
}

/// Both count nanoseconds in 64 bits with a sign.
fn limited(text: &str, nanos: u128) -> Result<Duration, String> {
    match u64::try_from(nanos) {
        Ok(nanos) if nanos <= i64::MAX as u64 => Ok(Duration::from_nanos(nanos)),
        _ => Err(too_long(text)),
    }
}

fn too_long(text: &str) -> String {
    format!("`{text}` is longer than 292 years; write a shorter duration")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_has_whole_numbers_in_order() {
        for (text, milliseconds) in [
            ("0", 0),
            ("0s", 0),
            ("90s", 90_000),
            ("1h30m", 5_400_000),
            ("1d", 86_400_000),
            ("1w2d3h4m5s6ms", 788_645_006),
            ("1y", 31_536_000_000),
        ] {
            let wanted = Duration::from_millis(milliseconds);
            assert_eq!(prometheus(text), Ok(wanted), "{text}");
        }
        for text in [
            "", "1.5m", "10", "m", "5s1m", "1m1m", "-1m", " 1m", "1 m", "300y",
        ] {
            assert!(prometheus(text).is_err(), "{text}");
        }
        let error = prometheus("99999999999999999999s").unwrap_err();
        assert!(error.contains("292 years"), "{error}");
    }

    #[test]
    fn windows_have_fractions_or_days() {
        for (text, seconds) in [
            ("30s", 30.0),
            ("1.5h", 5400.0),
            ("1h30m", 5400.0),
            ("250ms", 0.25),
            (".5s", 0.5),
            ("2d", 172_800.0),
            ("1w", 604_800.0),
            ("1y", 31_557_600.0),
            ("1M", 2_629_800.0),
        ] {
            let wanted = Duration::from_secs_f64(seconds);
            assert_eq!(of_window(text), Ok(wanted), "{text}");
        }
        for text in ["", "5", "d", "1.5d", "1d1h", "s", "1x", "-5s", "300y"] {
            assert!(of_window(text).is_err(), "{text}");
        }
    }
}
