//! Aggregates that are worked out from the array of what a group collected.
//!
//! `map_agg(k, v)` is `$map_agg(array_agg(row(k, v)))`: so FILTER, ORDER BY, DISTINCT and OVER keep
//! their meaning and their place, and the array's memory is accounted for by the engine.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArguments, Spanned};

use super::renamed;
use crate::SqlError;
use crate::ast::{argument, call, function_name, invalid_at, place, plain_arguments};

/// What one row adds to the array.
#[derive(Clone, Copy)]
enum Collects {
    /// The value; nulls are left out.
    Values,
    /// A row of the key and the value; those without a key are left out.
    Entries,
    /// A row of the value and its weight, which is 1 when none is given; the number of bins comes
    /// before them and stays outside.
    Weighted,
}

/// The aggregate, what it collects, and the function of the array.
const FORMS: &[(&str, Collects, &str)] = &[
    ("histogram", Collects::Values, "$histogram"),
    ("map_agg", Collects::Entries, "$map_agg"),
    ("map_union", Collects::Values, "$map_union"),
    ("multimap_agg", Collects::Entries, "$multimap_agg"),
    (
        "numeric_histogram",
        Collects::Weighted,
        "$numeric_histogram",
    ),
];

/// The names of these functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FORMS.iter().map(|(name, ..)| *name)
}

/// What a call stands for, or `None` when it is none of these.
pub(super) fn expand(function: &Function) -> Result<Option<Expr>, SqlError> {
    let name = function_name(function);
    let Some((_, collects, finish)) = FORMS.iter().find(|(known, ..)| *known == name) else {
        return Ok(None);
    };
    let span = function.name.span();
    let wrong_count = |expected: &str| {
        invalid_at(
            place(span),
            format_args!("Function '{name}' takes {expected}"),
        )
    };
    let args: Vec<Expr> = plain_arguments(function)
        .unwrap_or_default()
        .into_iter()
        .cloned()
        .collect();
    let (outside, collected, required) = match (collects, args.as_slice()) {
        (Collects::Values, [value]) => (None, value.clone(), Some(value)),
        (Collects::Entries, [key, value]) => {
            let entry = call("row", vec![key.clone(), value.clone()], span);
            (None, entry, Some(key))
        }
        (Collects::Weighted, [bins, value]) => {
            let weighted = call("row", vec![value.clone(), one()], span);
            (Some(bins.clone()), weighted, Some(value))
        }
        (Collects::Weighted, [bins, value, weight]) => {
            let weighted = call("row", vec![value.clone(), weight.clone()], span);
            (Some(bins.clone()), weighted, Some(value))
        }
        (Collects::Values, _) => return Err(wrong_count("one argument")),
        (Collects::Entries, _) => return Err(wrong_count("a key and a value")),
        (Collects::Weighted, _) => {
            return Err(wrong_count(
                "a number of bins, a value and at most a weight",
            ));
        }
    };
    let mut array = renamed(function, "array_agg");
    if let FunctionArguments::List(list) = &mut array.args {
        list.args = vec![argument(collected)];
    }
    if let Some(required) = required {
        array.filter = Some(Box::new(present(required, array.filter.take())));
    }
    let args = outside.into_iter().chain([Expr::Function(array)]).collect();
    Ok(Some(call(finish, args, span)))
}

/// `value IS NOT NULL AND filter`
fn present(value: &Expr, filter: Option<Box<Expr>>) -> Expr {
    let present = Expr::IsNotNull(Box::new(Expr::Nested(Box::new(value.clone()))));
    match filter {
        Some(filter) => Expr::BinaryOp {
            left: Box::new(present),
            op: BinaryOperator::And,
            right: Box::new(Expr::Nested(filter)),
        },
        None => present,
    }
}

fn one() -> Expr {
    crate::ast::bare_number("1.0")
}
