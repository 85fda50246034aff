//! Functions that stand for other expressions and never reach the planner under their own name.

mod collected;

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, DataType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, ObjectName, Spanned,
};
use datafusion::sql::sqlparser::ast::{Value, ValueWithSpan};
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::SqlError;
use crate::ast::{
    argument, call, function_name, invalid_at, place, plain_arguments, plain_cast, thunk,
};

/// What a call is replaced by.
enum Form {
    /// The same call under DataFusion's name for it.
    Renamed(&'static str),
    /// The call, whose result DataFusion gives an unsigned or narrower type, as BIGINT.
    Bigint(&'static str),
    /// `CASE WHEN a THEN b ELSE c END`.
    If,
    /// The value, or null when its evaluation fails.
    Try,
    /// How many rows meet the condition.
    CountIf,
    /// Null as soon as one argument is.
    Strict(&'static str),
    /// The n-th root of the product, by logarithms.
    GeometricMean,
    /// `max(x, n)` as `max_by(x, x, n)`; with one argument the call stays itself.
    Several(&'static str),
    /// A random number: of DataFusion, or between two bounds.
    Random,
    /// An array in an order that a random number decides.
    Shuffle,
    /// The call under another name when it has a lambda; with one argument it stays itself.
    Compared(&'static str),
}

/// Name, family, and what the call is replaced by.
const FORMS: &[(&str, &str, Form)] = &[
    ("array_sort", "array", Form::Compared("$array_sort")),
    ("array_remove", "array", Form::Renamed("array_remove_all")),
    (
        "approx_distinct",
        "aggregate",
        Form::Bigint("approx_distinct"),
    ),
    ("arbitrary", "aggregate", Form::Renamed("any_value")),
    ("contains", "array", Form::Renamed("array_has")),
    ("count_if", "aggregate", Form::CountIf),
    ("dense_rank", "window", Form::Bigint("dense_rank")),
    ("every", "aggregate", Form::Renamed("bool_and")),
    ("geometric_mean", "aggregate", Form::GeometricMean),
    ("greatest", "conditional", Form::Strict("greatest")),
    ("grouping", "aggregate", Form::Bigint("grouping")),
    ("if", "conditional", Form::If),
    ("least", "conditional", Form::Strict("least")),
    ("map", "map", Form::Renamed("$map")),
    ("max", "aggregate", Form::Several("max_by")),
    ("min", "aggregate", Form::Several("min_by")),
    ("ntile", "window", Form::Bigint("ntile")),
    ("rand", "math", Form::Random),
    ("random", "math", Form::Random),
    ("rank", "window", Form::Bigint("rank")),
    ("row_number", "window", Form::Bigint("row_number")),
    ("shuffle", "array", Form::Shuffle),
    ("stddev_samp", "aggregate", Form::Renamed("stddev")),
    ("try", "conditional", Form::Try),
    ("var_samp", "aggregate", Form::Renamed("var")),
    ("variance", "aggregate", Form::Renamed("var")),
];

/// The names of these functions and their families.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let collected = collected::names().map(|name| (name, "aggregate"));
    FORMS
        .iter()
        .map(|(name, family, _)| (*name, *family))
        .chain(collected)
}

/// Whether a function takes a lambda in one of its forms.
pub(crate) fn takes_lambda(name: &str) -> bool {
    FORMS
        .iter()
        .any(|(known, _, form)| *known == name && matches!(form, Form::Compared(_)))
}

/// What a call stands for, or `None` when it stands for itself.
pub(crate) fn expand(function: &Function) -> Result<Option<Expr>, SqlError> {
    let name = function_name(function);
    let Some((_, _, form)) = FORMS.iter().find(|(known, ..)| *known == name) else {
        return collected::expand(function);
    };
    let span = function.name.span();
    let wrong_count = |expected: &str| {
        invalid_at(
            place(span),
            format_args!("Function '{name}' takes {expected}"),
        )
    };
    let args = || -> Vec<Expr> {
        plain_arguments(function)
            .unwrap_or_default()
            .into_iter()
            .cloned()
            .collect()
    };
    Ok(Some(match form {
        Form::Renamed(other) => Expr::Function(renamed(function, other)),
        Form::Bigint(other) => plain_cast(
            Expr::Function(renamed(function, other)),
            DataType::BigInt(None),
        ),
        Form::If => {
            let mut args = args().into_iter();
            match (args.next(), args.next(), args.next(), args.next()) {
                (Some(condition), Some(result), otherwise, None) => {
                    case(condition, result, otherwise)
                }
                _ => return Err(wrong_count("a condition and one or two values")),
            }
        }
        Form::Try => match <[Expr; 1]>::try_from(args()) {
            Ok([value]) => call("$try", vec![thunk(value)], span),
            Err(_) => return Err(wrong_count("one argument")),
        },
        Form::CountIf => match <[Expr; 1]>::try_from(args()) {
            Ok([condition]) => {
                // A literal true is counted, so that FILTER and OVER keep their places.
                let counted = case(condition, boolean(true), None);
                let mut count = renamed(function, "count");
                if let FunctionArguments::List(list) = &mut count.args {
                    list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(counted))];
                }
                Expr::Function(count)
            }
            Err(_) => return Err(wrong_count("one argument")),
        },
        Form::Strict(other) => {
            let args = args();
            let any_null = args
                .iter()
                .map(|arg| Expr::IsNull(Box::new(Expr::Nested(Box::new(arg.clone())))))
                .reduce(|left, right| Expr::BinaryOp {
                    left: Box::new(left),
                    op: BinaryOperator::Or,
                    right: Box::new(right),
                });
            match any_null {
                Some(any_null) => {
                    let value = call(&format!("${other}"), args, span);
                    case(any_null, null(), Some(value))
                }
                None => return Err(wrong_count("at least one argument")),
            }
        }
        Form::GeometricMean => match <[Expr; 1]>::try_from(args()) {
            Ok([value]) => {
                let mut mean = renamed(function, "avg");
                if let FunctionArguments::List(list) = &mut mean.args {
                    let logarithm = call("ln", vec![value], span);
                    list.args = vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(logarithm))];
                }
                call("exp", vec![Expr::Function(mean)], span)
            }
            Err(_) => return Err(wrong_count("one argument")),
        },
        Form::Several(other) => match <[Expr; 2]>::try_from(args()) {
            Ok([value, count]) => {
                let mut ranked = renamed(function, other);
                if let FunctionArguments::List(list) = &mut ranked.args {
                    list.args = [value.clone(), value, count].map(argument).into();
                }
                Expr::Function(ranked)
            }
            Err(_) => return Ok(None),
        },
        Form::Compared(other) if args().len() == 2 => Expr::Function(renamed(function, other)),
        Form::Compared(_) => return Ok(None),
        Form::Shuffle => match <[Expr; 1]>::try_from(args()) {
            Ok([array]) => call("$shuffle", vec![array, call("$random", vec![], span)], span),
            Err(_) => return Err(wrong_count("one array")),
        },
        Form::Random => {
            let random = call("$random", vec![], span);
            let mut args = args().into_iter();
            match (args.next(), args.next(), args.next()) {
                (None, ..) => random,
                (Some(below), None, _) => call("$between", vec![random, zero(), below], span),
                (Some(from), Some(below), None) => {
                    call("$between", vec![random, from, below], span)
                }
                _ => return Err(wrong_count("at most two bounds")),
            }
        }
    }))
}

fn renamed(function: &Function, name: &str) -> Function {
    let mut function = function.clone();
    function.name = ObjectName::from(vec![Ident::with_span(function.name.span(), name)]);
    // A maximal error, as in `approx_distinct(x, e)`, is accepted and not needed.
    if name == "approx_distinct"
        && let FunctionArguments::List(list) = &mut function.args
    {
        list.args.truncate(1);
        for arg in &mut list.args {
            if let FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) = arg {
                *value = call("$countable", vec![value.clone()], value.span());
            }
        }
    }
    function
}

fn case(condition: Expr, result: Expr, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: vec![CaseWhen { condition, result }],
        else_result: otherwise.map(Box::new),
    }
}

fn boolean(value: bool) -> Expr {
    Expr::Value(ValueWithSpan {
        value: Value::Boolean(value),
        span: Span::empty(),
    })
}

fn zero() -> Expr {
    Expr::Value(ValueWithSpan {
        value: Value::Number("0".to_owned(), false),
        span: Span::empty(),
    })
}

fn null() -> Expr {
    Expr::Value(ValueWithSpan {
        value: Value::Null,
        span: Span::empty(),
    })
}
