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

/// The literal that `INTERVAL 'number' unit` stands for.
pub(super) fn standard(interval: &Interval) -> Result<Expr, SqlError> {
    use datafusion::sql::sqlparser::ast::Spanned;
    let refuse = || {
        let at = place(interval.value.span());
        invalid_at(
            at,
            format_args!("'{}' is not a valid interval literal", interval.value),
        )
    };
    let text = as_text(&interval.value).ok_or_else(refuse)?;
    let (negative, number) = match text.trim().strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, text.trim()),
    };
    if let (Some(DateTimeField::Year), Some(DateTimeField::Month)) =
        (&interval.leading_field, &interval.last_field)
    {
        let (years, months) = number.split_once('-').ok_or_else(refuse)?;
        let years: i32 = years.parse().map_err(|_| refuse())?;
        let months: i32 = months.parse().map_err(|_| refuse())?;
        let total = years
            .checked_mul(12)
            .and_then(|y| y.checked_add(months))
            .ok_or_else(refuse)?;
        return Ok(literal(Duration::Months(if negative {
            -total
        } else {
            total
        })));
    }
    if interval.last_field.is_some() {
        return Err(refuse());
    }
    let unit = match &interval.leading_field {
        Some(DateTimeField::Week(None)) => {
            let weeks: i64 = number.parse().map_err(|_| refuse())?;
            let days = weeks.checked_mul(7).ok_or_else(refuse)?;
            return Ok(literal(signed(
                negative,
                parse_duration(&format!("{days}day")),
                refuse,
            )?));
        }
        Some(field) => field.to_string().to_ascii_lowercase(),
        None => return Err(refuse()),
    };
    Ok(literal(signed(
        negative,
        parse_duration(&format!("{number}{unit}")),
        refuse,
    )?))
}

fn signed(
    negative: bool,
    duration: Option<Duration>,
    refuse: impl Fn() -> SqlError,
) -> Result<Duration, SqlError> {
    let duration = duration.ok_or_else(refuse)?;
    Ok(match (negative, duration) {
        (false, duration) => duration,
        (true, Duration::Nanoseconds(count)) => Duration::Nanoseconds(-count),
        (true, Duration::Months(count)) => Duration::Months(-count),
    })
}
