//! What operators do to two numbers (`binaryOp` and `unaryOp` of `pkg/expr/mathexp/exp.go`).

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    Power,
}

const ALL: [(Operator, &str, u8); 14] = [
    (Operator::Or, "||", 0),
    (Operator::And, "&&", 1),
    (Operator::Equal, "==", 2),
    (Operator::NotEqual, "!=", 2),
    (Operator::Greater, ">", 2),
    (Operator::GreaterOrEqual, ">=", 2),
    (Operator::Less, "<", 2),
    (Operator::LessOrEqual, "<=", 2),
    (Operator::Plus, "+", 3),
    (Operator::Minus, "-", 3),
    (Operator::Times, "*", 4),
    (Operator::Divide, "/", 4),
    (Operator::Modulo, "%", 4),
    (Operator::Power, "**", 5),
];

impl Operator {
    /// The operator that `text` is.
    pub(super) fn of(text: &str) -> Option<Self> {
        let known = ALL.iter().find(|(_, known, _)| *known == text);
        known.map(|(operator, _, _)| *operator)
    }

    fn entry(self) -> (&'static str, u8) {
        let entry = ALL.iter().find(|(operator, _, _)| *operator == self);
        entry.map_or(("", 0), |(_, text, level)| (*text, *level))
    }

    /// As it is written.
    pub(super) fn text(self) -> &'static str {
        self.entry().0
    }

    /// The higher, the tighter it binds.
    pub(super) fn level(self) -> u8 {
        self.entry().1
    }

    /// The result. NaN on a side makes it NaN, unless the left side alone decides.
    #[expect(
        clippy::float_cmp,
        reason = "people who write `==` mean the very number, as in Grafana"
    )]
    pub(super) fn apply(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        // NaN is not 0 and therefore counts as true here.
        match self {
            Operator::Or if left != 0.0 => return 1.0,
            Operator::And if left == 0.0 => return 0.0,
            _ => {}
        }
        if left.is_nan() || right.is_nan() {
            return f64::NAN;
        }
        match self {
            Operator::Plus => left + right,
            Operator::Minus => left - right,
            Operator::Times => left * right,
            Operator::Divide => left / right,
            Operator::Modulo => left % right,
            Operator::Power => left.powf(right),
            Operator::Equal => truth(left == right),
            Operator::NotEqual => truth(left != right),
            Operator::Greater => truth(left > right),
            Operator::GreaterOrEqual => truth(left >= right),
            Operator::Less => truth(left < right),
            Operator::LessOrEqual => truth(left <= right),
            Operator::Or | Operator::And => truth(right != 0.0),
        }
    }
}

/// A sign before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Not,
    Minus,
}

impl Sign {
    /// As it is written.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Sign::Not => "!",
            Sign::Minus => "-",
        }
    }

    /// The result; NaN stays NaN.
    pub(super) fn apply(self, value: f64) -> f64 {
        match self {
            _ if value.is_nan() => f64::NAN,
            Sign::Not => f64::from(u8::from(value == 0.0)),
            Sign::Minus => -value,
        }
    }
}
