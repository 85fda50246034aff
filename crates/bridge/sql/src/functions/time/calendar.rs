//! Between nanoseconds and the calendar, always in UTC.

use datafusion::common::{Result, exec_datafusion_err};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// The calendar's reading of an instant. Every 64-bit count of nanoseconds has one.
pub(crate) fn civil(nanoseconds: i64) -> DateTime {
    let instant = Timestamp::from_nanosecond(i128::from(nanoseconds))
        .expect("64 bits of nanoseconds end in 2262, jiff's range in 9999");
    Offset::UTC.to_datetime(instant)
}

/// The instant of a date and time in UTC, or an error outside 1677-09-21..2262-04-11.
pub(crate) fn nanoseconds(datetime: DateTime) -> Result<i64> {
    Offset::UTC
        .to_timestamp(datetime)
        .ok()
        .and_then(|instant| i64::try_from(instant.as_nanosecond()).ok())
        .ok_or_else(|| exec_datafusion_err!("Timestamp out of range: {datetime}"))
}

/// The date of a number of days since the Unix epoch.
pub(crate) fn date(days: i32) -> Result<Date> {
    jiff::civil::date(1970, 1, 1)
        .checked_add(
            jiff::Span::new()
                .try_days(days)
                .map_err(|_| out_of_range(days))?,
        )
        .map_err(|_| out_of_range(days))
}

/// The number of days from the Unix epoch to a date.
pub(crate) fn days(date: Date) -> Result<i32> {
    let span = date
        .since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1)))
        .map_err(|_| exec_datafusion_err!("Date out of range: {date}"))?;
    Ok(span.get_days())
}

/// Adds `count` times `size` months and, when the month is too short, takes its last day.
pub(crate) fn plus_months(at: DateTime, count: i64, size: i64) -> Result<DateTime> {
    count
        .checked_mul(size)
        .and_then(|months| jiff::Span::new().try_months(months).ok())
        .and_then(|span| at.checked_add(span).ok())
        .ok_or_else(|| exec_datafusion_err!("date_add: the result is out of range"))
}

fn out_of_range(days: i32) -> datafusion::error::DataFusionError {
    exec_datafusion_err!("Date out of range: {days} days from the epoch")
}
