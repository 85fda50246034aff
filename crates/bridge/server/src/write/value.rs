//! Values, which are texts on the wire.

use tidewatch_store::Value;
use tidewatch_wire::MeasureValueType;

/// Reads a value of a scalar type. `unit` is the record's time unit in nanoseconds, in which
/// values of type `TIMESTAMP` count, too.
pub(super) fn parse(kind: &MeasureValueType, text: String, unit: i64) -> Result<Value, String> {
    match kind {
        MeasureValueType::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Double(number)),
            _ => Err(format!("the value '{text}' is not a finite DOUBLE.")),
        },
        MeasureValueType::Bigint => text
            .parse()
            .map(Value::Bigint)
            .map_err(|_| format!("the value '{text}' is not a BIGINT.")),
        MeasureValueType::Varchar => Ok(Value::Varchar(text)),
        MeasureValueType::Boolean if text.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        MeasureValueType::Boolean if text.eq_ignore_ascii_case("false") => {
            Ok(Value::Boolean(false))
        }
        MeasureValueType::Boolean => Err(format!("the value '{text}' is neither true nor false.")),
        MeasureValueType::Timestamp => instant(&text, unit).map(Value::Timestamp),
        MeasureValueType::Multi => Err("MULTI is not the type of a value.".to_owned()),
        MeasureValueType::Unrecognized(kind) => Err(format!("{kind} is not a type.")),
    }
}

/// Reads a count of `unit` nanoseconds since the Unix epoch.
pub(super) fn instant(text: &str, unit: i64) -> Result<i64, String> {
    let count: i64 = text
        .parse()
        .map_err(|_| format!("'{text}' is not an integer."))?;
    count.checked_mul(unit).ok_or_else(|| {
        format!("'{text}' is too far from 1970 for its TimeUnit; is the unit right?")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(kind: MeasureValueType, text: &str, value: Value) {
        assert_eq!(parse(&kind, text.to_owned(), 1_000), Ok(value));
    }

    #[track_caller]
    fn refuses(kind: MeasureValueType, text: &str) {
        assert!(parse(&kind, text.to_owned(), 1_000).is_err(), "{text}");
    }

    #[test]
    fn doubles_are_decimal_or_scientific_and_finite() {
        for (text, number) in [
            ("12.000000", 12.0),
            ("-1e-3", -0.001),
            ("1.7976931348623157E308", f64::MAX),
            (".5", 0.5),
            ("7", 7.0),
        ] {
            reads(MeasureValueType::Double, text, Value::Double(number));
        }
        for text in ["", " 1", "NaN", "Infinity", "-inf", "1e999", "0x1p3", "1,5"] {
            refuses(MeasureValueType::Double, text);
        }
    }

    #[test]
    fn bigints_have_64_bits() {
        reads(
            MeasureValueType::Bigint,
            "-9223372036854775808",
            Value::Bigint(i64::MIN),
        );
        for text in ["9223372036854775808", "1.0", "1e3", ""] {
            refuses(MeasureValueType::Bigint, text);
        }
    }

    #[test]
    fn booleans_come_in_any_case() {
        reads(MeasureValueType::Boolean, "TRUE", Value::Boolean(true));
        reads(MeasureValueType::Boolean, "false", Value::Boolean(false));
        refuses(MeasureValueType::Boolean, "1");
    }

    #[test]
    fn timestamps_count_in_the_unit_of_the_record() {
        reads(
            MeasureValueType::Timestamp,
            "1637280000",
            Value::Timestamp(1_637_280_000_000),
        );
        refuses(MeasureValueType::Timestamp, "9223372036854775807");
        refuses(MeasureValueType::Timestamp, "2021-11-19 00:00:00");
    }

    #[test]
    fn several_is_no_type_of_one_value() {
        refuses(MeasureValueType::Multi, "1");
    }
}
