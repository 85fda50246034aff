//! Times, durations and counts in words.

use std::time::Duration;

use maud::{Markup, html};
use tidewatch_domain::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A span in its largest unit, rounded down: `12 s`, `4 min`, `3 h`, `5 d`.
pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..MINUTE => format!("{seconds} s"),
        seconds @ MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        seconds @ HOUR..DAY => format!("{} h", seconds / HOUR),
        seconds => format!("{} d", seconds / DAY),
    }
}

/// A span in its two largest units: `4 min 12 s`, `3 h 5 min`, `5 d`.
pub(super) fn exact_span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let smaller = match seconds {
        0..MINUTE => 0,
        MINUTE..HOUR => seconds % MINUTE,
        HOUR..DAY => seconds % HOUR / MINUTE * MINUTE,
        _ => seconds % DAY / HOUR * HOUR,
    };
    if smaller == 0 {
        span(duration)
    } else {
        format!("{} {}", span(duration), span(Duration::from_secs(smaller)))
    }
}

/// A configured duration without loss: `500 ms`, `1500 ms`, `3 s`, `10 min`.
pub(super) fn setting(duration: Duration) -> String {
    if duration < Duration::from_secs(1)
        || duration.as_secs() < MINUTE && duration.subsec_millis() > 0
    {
        return format!("{} ms", duration.as_millis());
    }
    exact_span(duration)
}

/// A latency with three significant digits: `4.21 ms`, `42.1 ms`, `421 ms`, `4.21 s`.
pub(super) fn latency(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1e3;
    // The bounds are where rounding would give a fourth digit.
    if millis < 9.995 {
        format!("{millis:.2} ms")
    } else if millis < 99.95 {
        format!("{millis:.1} ms")
    } else if millis < 999.5 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.2} s", millis / 1e3)
    }
}

/// A past instant, relative: `12 s ago`.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> Markup {
    let age = now.since(at);
    if age < Duration::from_secs(1) {
        time(at, "just now")
    } else {
        time(at, &format!("{} ago", span(age)))
    }
}

/// An instant to come, relative: `in 12 s`.
pub(super) fn ahead(at: Timestamp, now: Timestamp) -> Markup {
    let wait = at.since(now);
    if wait < Duration::from_secs(1) {
        time(at, "now")
    } else {
        time(at, &format!("in {}", span(wait)))
    }
}

/// An instant in full: `2026-11-22 07:00:00 UTC`.
pub(super) fn full(at: Timestamp) -> Markup {
    time(at, &strftime(at, "%Y-%m-%d %H:%M:%S UTC"))
}

/// The time of day of an instant: `07:00:00`.
pub(super) fn time_of_day(at: Timestamp) -> String {
    strftime(at, "%H:%M:%S")
}

/// `text` for an instant, with the instant itself for machines and on hover.
pub(super) fn time(at: Timestamp, text: &str) -> Markup {
    html! {
        time datetime=(at) title=(strftime(at, "%Y-%m-%d %H:%M:%S UTC")) { (text) }
    }
}

/// A message for people: what it puts between backticks is shown as code.
pub(super) fn prose(text: &str) -> Markup {
    let paired = text.matches('`').count().is_multiple_of(2);
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @match (paired, index % 2) {
                (true, 1) => code { (part) },
                (false, 1..) => { "`" (part) }
                _ => (part),
            }
        }
    }
}

/// `1 monitor`, `2 monitors`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

fn strftime(at: Timestamp, format: &str) -> String {
    let instant = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos()))
        .expect("an i64 of nanoseconds lies within the years -9999 to 9999");
    instant.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_name_their_largest_units() {
        let cases = [
            (0, "0 s", "0 s"),
            (59, "59 s", "59 s"),
            (60, "1 min", "1 min"),
            (252, "4 min", "4 min 12 s"),
            (3_600, "1 h", "1 h"),
            (11_101, "3 h", "3 h 5 min"),
            (86_400 * 5 + 3_599, "5 d", "5 d"),
            (86_400 * 400 + 3_600, "400 d", "400 d 1 h"),
        ];
        for (seconds, short, exact) in cases {
            assert_eq!(span(Duration::from_secs(seconds)), short);
            assert_eq!(exact_span(Duration::from_secs(seconds)), exact);
        }
    }

    #[test]
    fn settings_lose_nothing_a_person_would_write() {
        let cases = [
            (250, "250 ms"),
            (1_500, "1500 ms"),
            (3_000, "3 s"),
            (90_000, "1 min 30 s"),
        ];
        for (millis, text) in cases {
            assert_eq!(setting(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn latencies_have_three_digits() {
        let cases = [
            (4_210, "4.21 ms"),
            (9_994, "9.99 ms"),
            (9_996, "10.0 ms"),
            (42_100, "42.1 ms"),
            (99_960, "100 ms"),
            (421_000, "421 ms"),
            (999_600, "1.00 s"),
            (4_210_000, "4.21 s"),
        ];
        for (micros, text) in cases {
            assert_eq!(latency(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn pairs_of_backticks_become_code_and_others_stay() {
        assert_eq!(
            prose("got `<5>`, not `2`").into_string(),
            "got <code>&lt;5&gt;</code>, not <code>2</code>"
        );
        assert_eq!(prose("a ` b").into_string(), "a ` b");
    }

    #[test]
    fn instants_are_relative_with_the_absolute_time_beside() {
        let now = Timestamp::from_millis(1_795_330_800_000);
        assert_eq!(
            ago(now.minus(Duration::from_secs(130)), now).into_string(),
            "<time datetime=\"2026-11-22T06:57:50.000Z\" title=\"2026-11-22 06:57:50 UTC\">2 min ago</time>"
        );
        let text = |markup: Markup| markup.into_string();
        assert!(text(ago(now.plus(Duration::from_secs(5)), now)).contains(">just now<"));
        assert!(text(ahead(now.minus(Duration::from_secs(5)), now)).contains(">now<"));
        assert!(text(ahead(now.plus(Duration::from_secs(5)), now)).contains(">in 5 s<"));
    }
}
