//! Numbers as Go prints them, because people compare texts with those of a Grafana.

/// The text of `value` as Go's `%v` has it: the fewest digits that read back as the same number,
/// with an exponent below 1e-4 and from 1e+06 on; `NaN`, `+Inf`, `-Inf`.
pub fn format(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    // Rust's shortest digits are the same as Go's; only the layout differs.
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => with_exponent(digits, exponent),
        Ok(_) => format!("{value}"),
        Err(_) => scientific,
    }
}

/// Go writes the sign of the exponent, and at least two digits of it.
fn with_exponent(digits: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right side was printed by Go 1.26 with `fmt.Printf("%v", ...)`.
    #[test]
    fn prints_what_go_prints() {
        for (value, printed) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.5, "3.5"),
            (-2.5, "-2.5"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (1_795_330_797.0, "1.795330797e+09"),
            (123_456_789_012_345_678_901.0, "1.2345678901234568e+20"),
            (1e100, "1e+100"),
            (0.0001, "0.0001"),
            (0.000_123, "0.000123"),
            (0.000_01, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(format(value), printed);
        }
    }
}
