//! Floating point numbers (Go's `strconv/ftoa.go`, `encoding/json`).

/// Sign, decimal digits without trailing zeros, and the place of the point: 0.digits x 10^point.
struct Digits {
    negative: bool,
    digits: String,
    point: i32,
}

impl Digits {
    /// Those of Rust's exponent form, `-1.234e5`.
    fn of(text: &str) -> Self {
        let negative = text.starts_with('-');
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_end_matches('0').to_owned();
        let point = exponent.parse::<i32>().unwrap_or(0) + 1;
        Digits {
            negative,
            point: if digits.is_empty() { 1 } else { point },
            digits,
        }
    }

    fn count(&self) -> i32 {
        i32::try_from(self.digits.len()).unwrap_or(i32::MAX)
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// Without an exponent, all digits.
    fn plain(&self) -> String {
        let point = usize::try_from(self.point.max(0)).unwrap_or(0);
        let zeros = "0".repeat(usize::try_from(-self.point.min(0)).unwrap_or(0));
        let whole = match self.digits.get(..point) {
            Some("") => "0".to_owned(),
            Some(whole) => whole.to_owned(),
            None => format!("{:0<point$}", self.digits),
        };
        match self.digits.get(point..) {
            None | Some("") => format!("{}{whole}", self.sign()),
            Some(fraction) => format!("{}{whole}.{zeros}{fraction}", self.sign()),
        }
    }

    /// With an exponent of at least `width` digits.
    fn scientific(&self, width: usize) -> String {
        let first = self.digits.get(..1).unwrap_or("0");
        let rest = self.digits.get(1..).unwrap_or_default();
        let point = if rest.is_empty() { "" } else { "." };
        let exponent = self.point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        format!(
            "{}{first}{point}{rest}e{sign}{:0width$}",
            self.sign(),
            exponent.abs()
        )
    }
}

fn special(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number == f64::INFINITY {
        Some("+Inf")
    } else if number == f64::NEG_INFINITY {
        Some("-Inf")
    } else {
        None
    }
}

/// `strconv.FormatFloat(number, 'f', -1, 64)`: never an exponent.
pub(crate) fn decimal(number: f64) -> String {
    special(number).map_or_else(|| Digits::of(&format!("{number:e}")).plain(), str::to_owned)
}

/// `%.Ng`: at most `precision` significant digits.
pub(crate) fn precise(number: f64, precision: usize) -> String {
    if let Some(text) = special(number) {
        return text.to_owned();
    }
    let precision = precision.max(1);
    let digits = Digits::of(&format!("{number:.*e}", precision - 1));
    let mut limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if limit > digits.count() && digits.count() >= digits.point {
        limit = digits.count();
    }
    let exponent = digits.point - 1;
    if exponent < -4 || exponent >= limit {
        digits.scientific(2)
    } else {
        digits.plain()
    }
}

/// As `encoding/json` writes it; nothing where JSON has no number for it.
pub(crate) fn json(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    let digits = Digits::of(&format!("{number:e}"));
    let size = number.abs();
    let text = if size != 0.0 && !(1e-6..1e21).contains(&size) {
        digits.scientific(if size < 1.0 { 1 } else { 2 })
    } else {
        digits.plain()
    };
    Some(text)
}

#[cfg(test)]
mod tests;
