//! The functions of math expressions (`pkg/expr/mathexp/funcs.go`).

use crate::expression::Item;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Log,
    Round,
    Ceil,
    Floor,
    IsNan,
    IsInf,
    IsNull,
    IsNumber,
    Nan,
    Inf,
    NegativeInf,
    Null,
}

const ALL: [(&str, Function); 13] = [
    ("abs", Function::Abs),
    ("log", Function::Log),
    ("round", Function::Round),
    ("ceil", Function::Ceil),
    ("floor", Function::Floor),
    ("is_nan", Function::IsNan),
    ("is_inf", Function::IsInf),
    ("is_null", Function::IsNull),
    ("is_number", Function::IsNumber),
    ("nan", Function::Nan),
    ("inf", Function::Inf),
    ("infn", Function::NegativeInf),
    ("null", Function::Null),
];

impl Function {
    /// The function of that name. The error says which there are.
    pub(super) fn of(name: &str) -> Result<Self, String> {
        let known = ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, function)| *function).ok_or_else(|| {
            let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
            format!(
                "there is no function `{name}`; use one of {}",
                names.join(", ")
            )
        })
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        let entry = ALL.iter().find(|(_, function)| *function == self);
        entry.map_or("", |(name, _)| name)
    }

    /// What it gives without an argument; `None` where it takes one.
    pub(super) const fn constant(self) -> Option<Item> {
        match self {
            Function::Nan => Some(Item::Scalar(Some(f64::NAN))),
            Function::Inf => Some(Item::Scalar(Some(f64::INFINITY))),
            Function::NegativeInf => Some(Item::Scalar(Some(f64::NEG_INFINITY))),
            Function::Null => Some(Item::Scalar(None)),
            _ => None,
        }
    }

    /// What it makes of one value. Null is NaN afterwards, except where null is asked for.
    pub(super) fn apply(self, value: Option<f64>) -> Option<f64> {
        let truth = |holds: bool| Some(f64::from(u8::from(holds)));
        match self {
            Function::IsNull => return truth(value.is_none()),
            Function::IsNumber => return truth(value.is_some_and(f64::is_finite)),
            _ => {}
        }
        let Some(value) = value else {
            return Some(f64::NAN);
        };
        match self {
            Function::Abs => Some(value.abs()),
            Function::Log => Some(value.ln()),
            Function::Round => Some(value.round()),
            Function::Ceil => Some(value.ceil()),
            Function::Floor => Some(value.floor()),
            Function::IsNan => truth(value.is_nan()),
            Function::IsInf => truth(value.is_infinite()),
            _ => Some(value),
        }
    }
}
