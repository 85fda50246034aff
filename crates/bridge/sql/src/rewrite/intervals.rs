//! Interval literals: `15m`, `INTERVAL '6' day`, `INTERVAL '2' year`.

use datafusion::sql::sqlparser::ast::{DateTimeField, Expr, Interval};

use crate::SqlError;
use crate::ast::{as_text, bare_number, invalid_at, named_type, place, plain_cast};
use crate::dialect::{Duration, parse_duration};

/// A literal of one of the two interval types.
pub(super) fn literal(duration: Duration) -> Expr {
    match duration {
        Duration::Nanoseconds(count) => {
            plain_cast(bare_number(count), named_type("interval day to second"))
        }
        Duration::Months(count) => plain_cast(
            plain_cast(bare_number(count), named_type("integer")),
            named_type("interval year to month"),
        ),
    }
}

/// Whether an expression is what [`literal`] makes, perhaps in parentheses.
pub(super) fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_literal(inner),
        Expr::Cast { data_type, .. } => ["interval day to second", "interval year to month"]
            .map(named_type)
            .contains(data_type),
        _ => false,
    }
}

/// The literal that `INTERVAL 'number' unit` stands for.
pub(super) fn standard(interval: &Interval) -> Result<Expr, SqlError> {
    parse(interval).map(literal)
}

/// The duration of `INTERVAL 'number' unit` or `INTERVAL 'numbers' unit TO unit`.
pub(super) fn parse(interval: &Interval) -> Result<Duration, SqlError> {
    use datafusion::sql::sqlparser::ast::Spanned;
    let refuse = || {
        let at = place(interval.value.span());
        invalid_at(
            at,
            format_args!("{} is not a valid interval literal", interval.value),
        )
    };
    let text = as_text(&interval.value).ok_or_else(refuse)?;
    let (negative, number) = match text.trim().strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text.trim()),
    };
    let first = interval.leading_field.as_ref().ok_or_else(refuse)?;
    let duration = match (first, &interval.last_field) {
        (DateTimeField::Year, Some(DateTimeField::Month)) => {
            let (years, months) = number.split_once('-').ok_or_else(refuse)?;
            let years: i32 = years.parse().map_err(|_| refuse())?;
            let months: i32 = months.parse().map_err(|_| refuse())?;
            let years = years.checked_mul(12);
            Duration::Months(
                years
                    .and_then(|y| y.checked_add(months))
                    .ok_or_else(refuse)?,
            )
        }
        (first, Some(last)) => clock(number, first, last).ok_or_else(refuse)?,
        (DateTimeField::Week(None), None) => {
            let weeks: i64 = number.parse().map_err(|_| refuse())?;
            let days = weeks.checked_mul(7).ok_or_else(refuse)?;
            parse_duration(&format!("{days}day")).ok_or_else(refuse)?
        }
        (unit, None) => {
            let unit = unit.to_string().to_ascii_lowercase();
            parse_duration(&format!("{number}{unit}")).ok_or_else(refuse)?
        }
    };
    Ok(match (negative, duration) {
        (false, duration) => duration,
        (true, Duration::Nanoseconds(count)) => Duration::Nanoseconds(-count),
        (true, Duration::Months(count)) => Duration::Months(-count),
    })
}

/// `'1 02:03:04.5' DAY TO SECOND` and shorter ones: one number for each unit from first to last.
fn clock(numbers: &str, first: &DateTimeField, last: &DateTimeField) -> Option<Duration> {
    let units = [
        (DateTimeField::Day, "day"),
        (DateTimeField::Hour, "hour"),
        (DateTimeField::Minute, "minute"),
        (DateTimeField::Second, "second"),
    ];
    let at = |field| units.iter().position(|(unit, _)| unit == field);
    let units = units.get(at(first)?..=at(last)?)?;
    let numbers: Vec<&str> = numbers.split([' ', ':']).collect();
    if numbers.len() != units.len() {
        return None;
    }
    let mut total = 0_i64;
    for (number, (_, unit)) in numbers.iter().zip(units) {
        match parse_duration(&format!("{number}{unit}"))? {
            Duration::Nanoseconds(count) => total = total.checked_add(count)?,
            Duration::Months(_) => return None,
        }
    }
    Some(Duration::Nanoseconds(total))
}
