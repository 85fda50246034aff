//! Functions of numbers.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, exec_datafusion_err, exec_err};

use super::cells::{map1, map2, map3};
use super::signature::Param::{Bigint, Double, Integer, Varchar};
use super::signature::{Call, Gives, Scalar, form};

const DOUBLE: Gives = Gives::Is(|| DataType::Float64);
const BIGINT: Gives = Gives::Is(|| DataType::Int64);
const SAME: Gives = Gives::Like(0);

/// A function from double to double.
macro_rules! of_double {
    ($name:literal, $f:expr) => {
        Scalar {
            name: $name,
            overloads: &[form(&[Double], DOUBLE, |call| {
                map1(call, |x: f64| {
                    Ok(Some({
                        let f: fn(f64) -> f64 = $f;
                        f(x)
                    }))
                })
            })],
        }
    };
}

/// A function that leaves whole numbers alone and works on doubles.
macro_rules! identity_on_integers {
    ($name:literal, $f:expr) => {
        Scalar {
            name: $name,
            overloads: &[
                form(&[Integer], SAME, |call| Ok(call.args[0].clone())),
                form(&[Bigint], SAME, |call| Ok(call.args[0].clone())),
                form(&[Double], DOUBLE, |call| {
                    map1(call, |x: f64| {
                        Ok(Some({
                            let f: fn(f64) -> f64 = $f;
                            f(x)
                        }))
                    })
                }),
            ],
        }
    };
}

/// An operator on whole numbers that fails when the result does not fit its type; Arrow's wraps.
macro_rules! checked {
    ($name:literal, $word:ident, $narrow:expr, $wide:expr) => {
        Scalar {
            name: $name,
            overloads: &[
                form(&[Integer, Integer], SAME, |call| {
                    map2(call, |a: i32, b: i32| {
                        $narrow(a, b).map(Some).ok_or_else(|| {
                            exec_datafusion_err!("integer {} overflow: {a}, {b}", stringify!($word))
                        })
                    })
                }),
                form(&[Bigint, Bigint], BIGINT, |call| {
                    map2(call, |a: i64, b: i64| {
                        $wide(a, b).map(Some).ok_or_else(|| {
                            exec_datafusion_err!("bigint {} overflow: {a}, {b}", stringify!($word))
                        })
                    })
                }),
            ],
        }
    };
}

/// A number that takes no arguments.
macro_rules! constant {
    ($name:literal, $value:expr) => {
        Scalar {
            name: $name,
            overloads: &[form(&[], DOUBLE, |call| {
                Ok(Arc::new(Float64Array::from(vec![$value; call.rows])))
            })],
        }
    };
}

/// A property of a double.
macro_rules! predicate {
    ($name:literal, $method:ident) => {
        Scalar {
            name: $name,
            overloads: &[form(&[Double], Gives::Is(|| DataType::Boolean), |call| {
                map1(call, |x: f64| Ok(Some(x.$method())))
            })],
        }
    };
}

/// An operator on the bits of bigints.
macro_rules! bitwise {
    ($name:literal, $operator:tt) => {
        Scalar {
            name: $name,
            overloads: &[form(&[Bigint, Bigint], BIGINT, |call| {
                map2(call, |a: i64, b: i64| Ok(Some(a $operator b)))
            })],
        }
    };
}

/// A shift of the bits of bigints by a number of places that is not negative.
macro_rules! shift {
    ($name:literal, $shift:expr) => {
        Scalar {
            name: $name,
            overloads: &[form(&[Bigint, Bigint], BIGINT, |call| {
                map2(call, |x: i64, by: i64| match u32::try_from(by) {
                    Ok(by) => Ok(Some({
                        let shift: fn(i64, u32) -> i64 = $shift;
                        shift(x, by)
                    })),
                    Err(_) => exec_err!("{} takes a shift from 0, not {by}", $name),
                })
            })],
        }
    };
}

const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "abs",
        overloads: &[
            form(&[Integer], SAME, |call| {
                map1(call, |x: i32| {
                    x.checked_abs()
                        .map(Some)
                        .ok_or_else(|| exec_datafusion_err!("Value {x} is out of range for abs"))
                })
            }),
            form(&[Bigint], SAME, |call| {
                map1(call, |x: i64| {
                    x.checked_abs()
                        .map(Some)
                        .ok_or_else(|| exec_datafusion_err!("Value {x} is out of range for abs"))
                })
            }),
            form(&[Double], DOUBLE, |call| {
                map1(call, |x: f64| Ok(Some(x.abs())))
            }),
        ],
    },
    identity_on_integers!("ceil", f64::ceil),
    identity_on_integers!("ceiling", f64::ceil),
    identity_on_integers!("floor", f64::floor),
    identity_on_integers!("truncate", f64::trunc),
    Scalar {
        name: "round",
        overloads: &[
            form(&[Integer], SAME, |call| Ok(call.args[0].clone())),
            form(&[Bigint], SAME, |call| Ok(call.args[0].clone())),
            form(&[Double], DOUBLE, |call| {
                map1(call, |x: f64| Ok(Some(x.round())))
            }),
            form(&[Integer, Bigint], SAME, round_integer),
            form(&[Bigint, Bigint], SAME, round_bigint),
            form(&[Double, Bigint], DOUBLE, round_digits),
        ],
    },
    Scalar {
        name: "sign",
        overloads: &[
            form(&[Integer], SAME, |call| {
                map1(call, |x: i32| Ok(Some(x.signum())))
            }),
            form(&[Bigint], SAME, |call| {
                map1(call, |x: i64| Ok(Some(x.signum())))
            }),
            form(&[Double], DOUBLE, |call| {
                map1(call, |x: f64| {
                    Ok(Some(if x == 0.0 || x.is_nan() {
                        x
                    } else {
                        x.signum()
                    }))
                })
            }),
        ],
    },
    checked!("$plus", addition, i32::checked_add, i64::checked_add),
    checked!("$minus", subtraction, i32::checked_sub, i64::checked_sub),
    checked!("$times", multiplication, i32::checked_mul, i64::checked_mul),
    Scalar {
        name: "mod",
        overloads: &[
            form(&[Integer, Integer], SAME, |call| {
                map2(call, |n: i32, m: i32| {
                    if m == 0 {
                        return exec_err!("Division by zero");
                    }
                    Ok(Some(n.wrapping_rem(m)))
                })
            }),
            form(&[Bigint, Bigint], BIGINT, |call| {
                map2(call, |n: i64, m: i64| {
                    if m == 0 {
                        return exec_err!("Division by zero");
                    }
                    Ok(Some(n.wrapping_rem(m)))
                })
            }),
            form(&[Double, Double], DOUBLE, |call| {
                map2(call, |n: f64, m: f64| Ok(Some(n % m)))
            }),
        ],
    },
    Scalar {
        name: "power",
        overloads: &[form(&[Double, Double], DOUBLE, power)],
    },
    Scalar {
        name: "pow",
        overloads: &[form(&[Double, Double], DOUBLE, power)],
    },
    Scalar {
        name: "log",
        overloads: &[form(&[Double, Double], DOUBLE, |call| {
            map2(call, |base: f64, x: f64| Ok(Some(x.ln() / base.ln())))
        })],
    },
    Scalar {
        name: "atan2",
        overloads: &[form(&[Double, Double], DOUBLE, |call| {
            map2(call, |y: f64, x: f64| Ok(Some(y.atan2(x))))
        })],
    },
    of_double!("sqrt", f64::sqrt),
    of_double!("cbrt", f64::cbrt),
    of_double!("exp", f64::exp),
    of_double!("ln", f64::ln),
    of_double!("log2", f64::log2),
    of_double!("log10", f64::log10),
    of_double!("acos", f64::acos),
    of_double!("asin", f64::asin),
    of_double!("atan", f64::atan),
    of_double!("cos", f64::cos),
    of_double!("cosh", f64::cosh),
    of_double!("sin", f64::sin),
    of_double!("sinh", f64::sinh),
    of_double!("tan", f64::tan),
    of_double!("tanh", f64::tanh),
    of_double!("degrees", f64::to_degrees),
    of_double!("radians", f64::to_radians),
    constant!("pi", std::f64::consts::PI),
    constant!("e", std::f64::consts::E),
    constant!("infinity", f64::INFINITY),
    constant!("nan", f64::NAN),
    predicate!("is_finite", is_finite),
    predicate!("is_infinite", is_infinite),
    predicate!("is_nan", is_nan),
    bitwise!("bitwise_and", &),
    bitwise!("bitwise_or", |),
    bitwise!("bitwise_xor", ^),
    Scalar {
        // How many bits are set in the low bits of a number in two's complement.
        name: "bit_count",
        overloads: &[form(&[Bigint, Bigint], BIGINT, |call| {
            map2(call, |x: i64, bits: i64| match bits {
                2..=64 => {
                    let unused = 64 - bits as u32;
                    // The sign of what the bits can hold must be that of the number.
                    if (x << unused) >> unused != x {
                        return exec_err!(
                            "Number must be representable with the bits specified. {x} cannot be represented with {bits} bits"
                        );
                    }
                    Ok(Some(i64::from((x << unused).count_ones())))
                }
                _ => exec_err!("Bits specified in bit_count must be between 2 and 64, got {bits}"),
            })
        })],
    },
    shift!(
        "bitwise_left_shift",
        |x, by| (x as u64).checked_shl(by).unwrap_or(0) as i64
    ),
    shift!(
        "bitwise_right_shift",
        |x, by| (x as u64).checked_shr(by).unwrap_or(0) as i64
    ),
    shift!("bitwise_right_shift_arithmetic", |x, by| x >> by.min(63)),
    Scalar {
        // `random(from, below)` with a random number from 0 to 1.
        name: "$between",
        overloads: &[
            form(&[Double, Integer, Integer], Gives::Like(1), |call| {
                map3(call, |random: f64, from: i32, below: i32| {
                    let at = between(random, i64::from(from), i64::from(below))?;
                    Ok(Some(i32::try_from(at).unwrap_or(from)))
                })
            }),
            form(&[Double, Bigint, Bigint], BIGINT, |call| {
                map3(call, |random: f64, from: i64, below: i64| {
                    between(random, from, below).map(Some)
                })
            }),
        ],
    },
    Scalar {
        name: "bitwise_not",
        overloads: &[form(&[Bigint], BIGINT, |call| {
            map1(call, |a: i64| Ok(Some(!a)))
        })],
    },
    Scalar {
        name: "from_base",
        overloads: &[form(&[Varchar, Bigint], BIGINT, |call| {
            map2(call, |text: &str, radix: i64| {
                match i64::from_str_radix(text, checked_radix(radix)?) {
                    Ok(value) => Ok(Some(value)),
                    Err(_) => exec_err!("Not a valid base-{radix} number: {text}"),
                }
            })
        })],
    },
    Scalar {
        name: "to_base",
        overloads: &[form(
            &[Bigint, Bigint],
            Gives::Is(|| DataType::Utf8View),
            |call| {
                map2(call, |value: i64, radix: i64| {
                    Ok(Some(in_base(value, checked_radix(radix)?)))
                })
            },
        )],
    },
    Scalar {
        name: "width_bucket",
        overloads: &[form(
            &[Double, Double, Double, Bigint],
            BIGINT,
            width_bucket,
        )],
    },
];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied()
}

/// A whole number from `from` to below `below`.
fn between(random: f64, from: i64, below: i64) -> Result<i64> {
    let width = i128::from(below) - i128::from(from);
    if width <= 0 {
        return exec_err!("the bounds of random must ascend, not {from} and {below}");
    }
    let step = ((random * width as f64) as i128).min(width - 1);
    Ok((i128::from(from) + step) as i64)
}

fn power(call: &Call) -> Result<ArrayRef> {
    map2(call, |base: f64, exponent: f64| {
        Ok(Some(base.powf(exponent)))
    })
}

/// Rounds half away from zero to a number of decimal digits; beyond what a double can tell apart
/// the value stays as it is.
fn round_digits(call: &Call) -> Result<ArrayRef> {
    map2(call, |x: f64, digits: i64| {
        if !x.is_finite() || digits > 300 {
            return Ok(Some(x));
        }
        let Ok(digits) = i32::try_from(digits.max(-400)) else {
            return Ok(Some(x));
        };
        if digits < 0 {
            let unit = 10f64.powi(-digits);
            let rounded = (x / unit).round() * unit;
            return Ok(Some(if rounded.is_finite() { rounded } else { 0.0 }));
        }
        let unit = 10f64.powi(digits);
        let scaled = x * unit;
        Ok(Some(if scaled.is_finite() {
            scaled.round() / unit
        } else {
            x
        }))
    })
}

fn round_bigint(call: &Call) -> Result<ArrayRef> {
    map2(call, |x: i64, digits: i64| {
        round_whole(i128::from(x), digits, i64::MIN, i64::MAX)
    })
}

fn round_integer(call: &Call) -> Result<ArrayRef> {
    let (numbers, digits) = (&call.args[0], &call.args[1]);
    let cells = (0..call.rows).map(|row| {
        match (
            super::cells::cell::<i32>(numbers, row),
            super::cells::cell::<i64>(digits, row),
        ) {
            (Some(x), Some(digits)) => {
                let bounds = (i64::from(i32::MIN), i64::from(i32::MAX));
                let rounded = round_whole(i128::from(x), digits, bounds.0, bounds.1)?;
                Ok(rounded.and_then(|value| i32::try_from(value).ok()))
            }
            _ => Ok(None),
        }
    });
    <i32 as super::cells::Output>::collect(cells, &call.gives)
}

fn round_whole(x: i128, digits: i64, least: i64, most: i64) -> Result<Option<i64>> {
    if digits >= 0 {
        return Ok(i64::try_from(x).ok());
    }
    let Ok(power) = u32::try_from(-digits) else {
        return Ok(Some(0));
    };
    if power > 20 {
        return Ok(Some(0));
    }
    let unit = 10_i128.pow(power);
    let rounded = (x + unit / 2 * x.signum()) / unit * unit;
    match i64::try_from(rounded) {
        Ok(value) if (least..=most).contains(&value) => Ok(Some(value)),
        _ => exec_err!("Out of range: round({x}, {digits})"),
    }
}

fn checked_radix(radix: i64) -> Result<u32> {
    u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix))
        .ok_or_else(|| exec_datafusion_err!("Radix must be between 2 and 36"))
}

fn in_base(value: i64, radix: u32) -> String {
    let mut digits = Vec::new();
    let mut rest = value.unsigned_abs();
    loop {
        let digit = (rest % u64::from(radix)) as u32;
        digits.extend(char::from_digit(digit, radix));
        rest /= u64::from(radix);
        if rest == 0 {
            break;
        }
    }
    digits.extend((value < 0).then_some('-'));
    digits.iter().rev().collect()
}

/// The bucket of x among n equal ones between two bounds; 0 below, n + 1 above.
fn width_bucket(call: &Call) -> Result<ArrayRef> {
    let [x, low, high] = [0, 1, 2].map(|i| call.args[i].as_primitive::<Float64Type>());
    let count = call.args[3].as_primitive::<Int64Type>();
    let cells = (0..call.rows).map(|row| {
        if call.args.iter().any(|arg| arg.is_null(row)) {
            return Ok(None);
        }
        let (x, low, high, count) = (
            x.value(row),
            low.value(row),
            high.value(row),
            count.value(row),
        );
        if count <= 0 || low == high || !low.is_finite() || !high.is_finite() || x.is_nan() {
            return exec_err!(
                "width_bucket needs finite bounds that differ and at least one bucket"
            );
        }
        let position = (x - low) / (high - low);
        Ok(Some(match position {
            p if p < 0.0 => 0,
            p if p >= 1.0 => count + 1,
            p => (p * count as f64) as i64 + 1,
        }))
    });
    Ok(Arc::new(cells.collect::<Result<Int64Array>>()?))
}
