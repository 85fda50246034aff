//! Doubles as Java prints them.

/// The text of Java's `Double.toString` (JDK 19 and later: the shortest digits that read back as
/// the same value).
///
/// Plain notation from 1e-3 up to, not including, 1e7, else `d.dddE<exponent>`; always at least
/// one digit after the point.
pub(crate) fn java_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        // Rust's Debug form is plain in this span, shortest, and has a point.
        return format!("{value:?}");
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific
        .split_once('e')
        .expect("the LowerExp form of a finite number has an exponent");
    if digits.contains('.') {
        return format!("{digits}E{exponent}");
    }
    // Java shows two digits at least, and of these the pair that is nearest to the value.
    let two = format!("{value:.1e}");
    if two.parse::<f64>() == Ok(value) {
        return two.replace('e', "E");
    }
    format!("{digits}.0E{exponent}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::java_double;

    #[test]
    fn forms_of_java() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (63.422_643_547_215_04, "63.42264354721504"),
            (0.001, "0.001"),
            (0.000_999, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (10_000_000.0, "1.0E7"),
            (1_655_487_883.771_000_1, "1.6554878837710001E9"),
            (-1e21, "-1.0E21"),
            (1e-5, "1.0E-5"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (5e-324, "4.9E-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(java_double(value), expected, "{value:e}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_as_the_same_value(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let text = java_double(value);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits, "{}", text);
        }

        #[test]
        fn the_notation_follows_the_size(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite() && value != 0.0);
            let text = java_double(value);
            let plain = (1e-3..1e7).contains(&value.abs());
            prop_assert_eq!(!text.contains('E'), plain, "{}", text);
            let mantissa = text.trim_start_matches('-').split('E').next().unwrap();
            let (integer, fraction) = mantissa.split_once('.').unwrap();
            prop_assert!(!fraction.is_empty());
            if !plain {
                prop_assert_eq!(integer.len(), 1);
                prop_assert_ne!(integer, "0");
            }
        }
    }
}
