//! Numbers for people (`prometheus/template/template.go`, and `helpers/templates/time.go` of
//! prometheus/common).

use tidewatch_domain::Timestamp;

use crate::go::precise;

const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];
const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const BINARY: [&str; 8] = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

pub(super) fn decimal(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return precise(number, 4);
    }
    if number.abs() >= 1.0 {
        let (number, prefix) = divided(number, 1000.0, LARGE);
        return format!("{}{prefix}", precise(number, 4));
    }
    let (number, prefix) = multiplied(number);
    format!("{}{prefix}", precise(number, 4))
}

pub(super) fn binary(number: f64) -> String {
    if number.abs() <= 1.0 || !number.is_finite() {
        return precise(number, 4);
    }
    let (number, prefix) = divided(number, 1024.0, BINARY);
    format!("{}{prefix}", precise(number, 4))
}

pub(super) fn percentage(number: f64) -> String {
    format!("{}%", precise(number * 100.0, 4))
}

pub(super) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return precise(seconds, 4);
    }
    if seconds == 0.0 {
        return format!("{}s", precise(seconds, 4));
    }
    if seconds.abs() < 1.0 {
        let (seconds, prefix) = multiplied(seconds);
        return format!("{}{prefix}s", precise(seconds, 4));
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let size = seconds.abs();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole seconds are wanted; what no i64 holds is no duration of an alert"
    )]
    let whole = size as i64;
    let (second, minute) = (whole % 60, whole / 60 % 60);
    let (hour, day) = (whole / 3600 % 24, whole / 86_400);
    if day != 0 {
        format!("{sign}{day}d {hour}h {minute}m {second}s")
    } else if hour != 0 {
        format!("{sign}{hour}h {minute}m {second}s")
    } else if minute != 0 {
        format!("{sign}{minute}m {second}s")
    } else {
        format!("{sign}{}s", precise(size, 4))
    }
}

/// Unix seconds as Go prints an instant, to the millisecond.
pub(super) fn timestamp(seconds: f64) -> Result<String, String> {
    if !seconds.is_finite() {
        return Ok(precise(seconds, 4));
    }
    let nanos = seconds * 1e9;
    if nanos.abs() >= 9_223_372_036_854_775_808.0 {
        return Err(format!("{seconds} is too far away for a time"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked, and Go drops the fraction too"
    )]
    let millis = nanos as i64 / 1_000_000;
    let instant = jiff::Timestamp::from_millisecond(millis)
        .map_err(|_| format!("{seconds} is too far away for a time"))?;
    let whole = instant.strftime("%Y-%m-%d %H:%M:%S");
    let fraction = Timestamp::from_millis(millis).as_millis().rem_euclid(1000);
    let fraction = match fraction {
        0 => String::new(),
        _ => format!(".{fraction:03}").trim_end_matches('0').to_owned(),
    };
    Ok(format!("{whole}{fraction} +0000 UTC"))
}

fn divided(mut number: f64, by: f64, prefixes: [&'static str; 8]) -> (f64, &'static str) {
    let mut reached = "";
    for prefix in prefixes {
        if number.abs() < by {
            break;
        }
        reached = prefix;
        number /= by;
    }
    (number, reached)
}

fn multiplied(mut number: f64) -> (f64, &'static str) {
    let mut reached = "";
    for prefix in SMALL {
        if number.abs() >= 1.0 {
            break;
        }
        reached = prefix;
        number *= 1000.0;
    }
    (number, reached)
}
