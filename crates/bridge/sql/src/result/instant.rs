//! Points in time and intervals as text.

use crate::functions::civil;

const SECOND: i64 = 1_000_000_000;

/// `2021-05-06 06:35:38.000000000`.
pub(crate) fn timestamp_text(nanoseconds: i64) -> String {
    let at = civil(nanoseconds);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.subsec_nanosecond()
    )
}

/// `2020-08-08` from days since the epoch; `None` beyond the calendar (year 9999).
pub(crate) fn date_text(days: i32) -> Option<String> {
    crate::functions::date(days)
        .ok()
        .map(|date| date.to_string())
}

/// `01:00:00.000000000` from nanoseconds since midnight.
pub(crate) fn time_text(nanoseconds: i64) -> String {
    let seconds = nanoseconds / SECOND;
    format!(
        "{:02}:{:02}:{:02}.{:09}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        nanoseconds % SECOND
    )
}

/// `1 21:00:00.000000000`; a negative interval has one sign in front.
pub(crate) fn day_to_second_text(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let seconds = size / SECOND.unsigned_abs();
    format!(
        "{sign}{} {:02}:{:02}:{:02}.{:09}",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        size % SECOND.unsigned_abs()
    )
}

/// `2-7`: years and months.
pub(crate) fn year_to_month_text(months: i32) -> String {
    let sign = if months < 0 { "-" } else { "" };
    let size = months.unsigned_abs();
    format!("{sign}{}-{}", size / 12, size % 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(
            timestamp_text(1_620_282_938_000_000_000),
            "2021-05-06 06:35:38.000000000"
        );
        assert_eq!(timestamp_text(-1), "1969-12-31 23:59:59.999999999");
        assert_eq!(timestamp_text(i64::MIN), "1677-09-21 00:12:43.145224192");
        assert_eq!(timestamp_text(i64::MAX), "2262-04-11 23:47:16.854775807");
        assert_eq!(date_text(18_482).as_deref(), Some("2020-08-08"));
        assert_eq!(date_text(i32::MAX), None);
        assert_eq!(time_text(3_600_000_000_000), "01:00:00.000000000");
        assert_eq!(
            day_to_second_text(162_000_000_000_000),
            "1 21:00:00.000000000"
        );
        assert_eq!(day_to_second_text(-1), "-0 00:00:00.000000001");
        assert_eq!(year_to_month_text(31), "2-7");
        assert_eq!(year_to_month_text(-13), "-1-1");
    }
}
