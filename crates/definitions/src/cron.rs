//! EventBridge's cron expressions, as far as they name an interval.
//!
//! Format: Amazon EventBridge User Guide, "Cron expressions": minutes, hours, day of month, month,
//! day of week, year; UTC. A monitor is probed at even intervals around the clock, so that only
//! expressions that come to this are accepted. Which instants of the interval it is probed at is
//! the scheduler's choice, as with every interval.

use std::time::Duration;

use crate::quantity::Refusal;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The interval of `cron(0/5 * * * ? *)`. `None` when the text does not begin like a cron
/// expression.
pub(crate) fn interval(text: &str) -> Option<Result<Duration, Refusal>> {
    let inner = text.trim().strip_prefix("cron(")?;
    let fields: Vec<&str> = match inner.strip_suffix(')') {
        Some(inner) => inner.split_ascii_whitespace().collect(),
        None => Vec::new(),
    };
    let [minutes, hours, days, months, weekdays, years] = fields[..] else {
        return Some(Err(Refusal {
            problem: "is not a cron expression of six fields".to_owned(),
            remedy: "write `cron(0/5 * * * ? *)`, or an interval like `5m`".to_owned(),
        }));
    };
    let every_day =
        matches!((days, weekdays), ("*", "?") | ("?", "*")) && months == "*" && years == "*";
    let seconds = match (minutes, hours) {
        ("0", "0") => Some(DAY),
        ("0", hours) => step(hours, 24).map(|hours| hours * HOUR),
        (minutes, "*") => step(minutes, 60).map(|minutes| minutes * MINUTE),
        _ => None,
    };
    let seconds = seconds.filter(|_| every_day);
    Some(seconds.map(Duration::from_secs).ok_or_else(|| {
        Refusal {
            problem: "names instants that are not evenly spaced from midnight on".to_owned(),
            remedy: "write an interval like `5m`: a monitor is probed around the clock; \
                 `maintenance` says when nobody is to be called"
                .to_owned(),
        }
    }))
}

/// The step of `*`, `*/5` or `0/5`, where it divides `size`.
fn step(field: &str, size: u64) -> Option<u64> {
    if field == "*" {
        return Some(1);
    }
    let step = field.strip_prefix("*/").or(field.strip_prefix("0/"))?;
    let step = step.parse().ok().filter(|step| *step > 0)?;
    size.is_multiple_of(step).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spaced_instants_are_an_interval() {
        for (text, seconds) in [
            ("cron(* * * * ? *)", 60),
            ("cron(0/5 * * * ? *)", 300),
            (" cron(*/15 * ? * * *) ", 900),
            ("cron(0 * * * ? *)", 3_600),
            ("cron(0 0/6 * * ? *)", 21_600),
            ("cron(0 0 * * ? *)", 86_400),
        ] {
            let found = interval(text).unwrap().unwrap();
            assert_eq!(found, Duration::from_secs(seconds), "{text}");
        }
        assert!(interval("5m").is_none());
        assert!(interval("rate(5 minutes)").is_none());
    }

    #[test]
    fn everything_else_is_refused_with_a_remedy() {
        for text in [
            "cron(0/7 * * * ? *)",
            "cron(0 8 * * ? *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(0/5 * 1 * ? *)",
            "cron(0/5 * * * * *)",
            "cron(0/0 * * * ? *)",
            "cron(0 0 * * ? 2026)",
            "cron(* 0/2 * * ? *)",
        ] {
            let refusal = interval(text).unwrap().unwrap_err();
            assert!(refusal.problem.contains("evenly"), "{text}");
        }
        for text in ["cron(", "cron(* * * * *)", "cron(0/5 * * * ? *"] {
            let refusal = interval(text).unwrap().unwrap_err();
            assert!(refusal.problem.contains("six fields"), "{text}");
        }
    }
}
