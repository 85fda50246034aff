//! From a monitor's interval to the rate of a rule.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How the slots of an interval come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// The schedule expression of the rule: `rate(1 minute)`, `rate(5 minutes)`.
    pub expression: String,
    /// Slots that each tick stands for: 1, and more below a minute.
    pub slots: u32,
}

/// An interval that rules cannot keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an interval of {} s is no whole number of minutes and does not divide a minute; use 10, 12, 15, 20 or 30 seconds, or whole minutes", .0.as_secs_f64())]
pub struct RateError(pub Duration);

/// The ticks of an interval.
///
/// The shortest rate of EventBridge is a minute. A shorter interval that divides it, from 10 s on,
/// ticks every minute, and whoever is called deals with the slots in between.
pub fn ticks(interval: Duration) -> Result<Ticks, RateError> {
    let seconds = interval.as_secs();
    if interval.subsec_nanos() != 0 || seconds < 10 {
        return Err(RateError(interval));
    }
    if seconds < MINUTE {
        let slots = u32::try_from(MINUTE / seconds).unwrap_or(1);
        return (MINUTE.is_multiple_of(seconds))
            .then(|| Ticks {
                expression: "rate(1 minute)".to_owned(),
                slots,
            })
            .ok_or(RateError(interval));
    }
    let (unit, size) = [("day", DAY), ("hour", HOUR), ("minute", MINUTE)]
        .into_iter()
        .find(|(_, size)| seconds.is_multiple_of(*size))
        .ok_or(RateError(interval))?;
    let number = seconds / size;
    // The singular goes with 1 and with nothing else: the service refuses the other way round.
    let plural = if number == 1 { "" } else { "s" };
    Ok(Ticks {
        expression: format!("rate({number} {unit}{plural})"),
        slots: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_fits_the_number() {
        for (seconds, expression, slots) in [
            (10, "rate(1 minute)", 6),
            (30, "rate(1 minute)", 2),
            (60, "rate(1 minute)", 1),
            (120, "rate(2 minutes)", 1),
            (300, "rate(5 minutes)", 1),
            (3_600, "rate(1 hour)", 1),
            (5_400, "rate(90 minutes)", 1),
            (7_200, "rate(2 hours)", 1),
            (86_400, "rate(1 day)", 1),
        ] {
            let found = ticks(Duration::from_secs(seconds)).unwrap();
            assert_eq!(
                (found.expression.as_str(), found.slots),
                (expression, slots)
            );
        }
    }

    #[test]
    fn what_no_rule_can_keep_is_refused_with_a_remedy() {
        for millis in [5_000, 11_000, 45_000, 61_000, 90_000, 10_500] {
            let error = ticks(Duration::from_millis(millis)).unwrap_err();
            assert!(error.to_string().contains("whole minutes"), "{error}");
        }
    }
}
