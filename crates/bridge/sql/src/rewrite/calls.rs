//! Special forms of syntax as plain function calls, and calls as what they stand for.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Array, BinaryOperator, CastKind, CeilFloorKind, DataType, DateTimeField, Expr, Query, Spanned,
    TrimWhereField, TypedString, UnaryOperator, Value, ValueWithSpan, VisitMut, VisitorMut,
};

use super::intervals;
use crate::SqlError;
use crate::ast::{as_text, call, invalid_at, place, start, syntax_error, text};
use crate::dialect::{arrow_type, parse_duration};
use crate::functions::expand_form;

/// The target of a cast that gives text: there is no type of that name in results.
const JSON: &str = "json";

/// Rewrites every expression of a query, innermost first.
pub(super) fn rewrite(query: &mut Query) -> Result<(), SqlError> {
    match query.visit(&mut Calls) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Calls;

impl VisitorMut for Calls {
    type Break = SqlError;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        match replacement(expr) {
            Ok(Some(new)) => {
                *expr = new;
                ControlFlow::Continue(())
            }
            Ok(None) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }
}

fn replacement(expr: &Expr) -> Result<Option<Expr>, SqlError> {
    let span = expr.span();
    Ok(Some(match expr {
        Expr::TypedString(literal) => typed_string(literal)?,
        Expr::Interval(interval) => intervals::standard(interval)?,
        Expr::Cast {
            kind,
            expr: inner,
            data_type: DataType::Custom(name, _),
            ..
        } => {
            let type_name = name.0.first().and_then(|part| part.as_ident());
            let type_name = type_name
                .map(|ident| ident.value.as_str())
                .unwrap_or_default();
            if type_name == JSON {
                return Ok(Some(call("$to_json", vec![inner.as_ref().clone()], span)));
            }
            if arrow_type(type_name).is_none() {
                return Err(invalid_at(
                    place(name.span()),
                    format_args!("Unknown type: {type_name}"),
                ));
            }
            let function = if *kind == CastKind::TryCast {
                "$try_cast"
            } else {
                "$cast"
            };
            call(
                function,
                vec![inner.as_ref().clone(), text(type_name)],
                span,
            )
        }
        Expr::Extract {
            field, expr: inner, ..
        } => {
            let name = field_function(field).ok_or_else(|| {
                invalid_at(place(span), format_args!("Invalid EXTRACT field: {field}"))
            })?;
            call(name, vec![inner.as_ref().clone()], span)
        }
        Expr::Ceil { expr: inner, field } if is_plain(field) => {
            call("ceil", vec![inner.as_ref().clone()], span)
        }
        Expr::Floor { expr: inner, field } if is_plain(field) => {
            call("floor", vec![inner.as_ref().clone()], span)
        }
        Expr::Ceil { .. } | Expr::Floor { .. } => return Err(syntax_error(start(expr))),
        Expr::Position { expr: part, r#in } => call(
            "strpos",
            vec![r#in.as_ref().clone(), part.as_ref().clone()],
            span,
        ),
        Expr::Substring {
            expr: inner,
            substring_from,
            substring_for,
            ..
        } => {
            let from = substring_from
                .as_deref()
                .cloned()
                .ok_or_else(|| syntax_error(start(expr)))?;
            let args = [inner.as_ref().clone(), from].into_iter();
            call(
                "substr",
                args.chain(substring_for.as_deref().cloned()).collect(),
                span,
            )
        }
        Expr::Trim {
            expr: inner,
            trim_where,
            trim_what,
            trim_characters,
        } => {
            let name = match trim_where {
                Some(TrimWhereField::Leading) => "ltrim",
                Some(TrimWhereField::Trailing) => "rtrim",
                Some(TrimWhereField::Both) | None => "trim",
            };
            let what = trim_what
                .as_deref()
                .into_iter()
                .chain(trim_characters.iter().flatten());
            call(
                name,
                [inner.as_ref()].into_iter().chain(what).cloned().collect(),
                span,
            )
        }
        // DataFusion knows no minus of such intervals.
        Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: inner,
        } if intervals::is_literal(inner) => {
            let minus_one = crate::ast::bare_number("-1.0");
            call("$multiply", vec![inner.as_ref().clone(), minus_one], span)
        }
        Expr::Subquery(_) => call("$nullable", vec![expr.clone()], span),
        Expr::Tuple(fields) => call("row", fields.clone(), span),
        Expr::Array(Array { elem, .. }) => call("make_array", elem.clone(), span),
        Expr::Between {
            expr: inner,
            negated,
            low,
            high,
        } => between(inner, *negated, low, high),
        Expr::Like {
            negated,
            any: false,
            expr: inner,
            pattern,
            escape_char,
        } => {
            let Some(pattern_text) = as_text(pattern) else {
                return Ok(None);
            };
            let escape = match escape_char {
                Some(ValueWithSpan {
                    value: Value::SingleQuotedString(escape),
                    span,
                }) => {
                    let mut characters = escape.chars();
                    match (characters.next(), characters.next()) {
                        (Some(escape), None) => Some(escape),
                        _ => {
                            let message = "Escape string must be a single character";
                            return Err(invalid_at(place(*span), message));
                        }
                    }
                }
                _ => None,
            };
            Expr::Like {
                negated: *negated,
                any: false,
                expr: inner.clone(),
                pattern: Box::new(text(backslashed(pattern_text, escape))),
                escape_char: None,
            }
        }
        Expr::Function(function) => return expand_form(function),
        _ => return Ok(None),
    }))
}

fn typed_string(literal: &TypedString) -> Result<Expr, SqlError> {
    let span = literal.value.span;
    let Value::SingleQuotedString(value) = &literal.value.value else {
        return Err(syntax_error(place(span)));
    };
    if let DataType::Custom(..) = literal.data_type
        && let Some(duration) = parse_duration(value)
    {
        return Ok(intervals::literal(duration));
    }
    let type_name = literal.data_type.to_string().to_ascii_lowercase();
    if arrow_type(&type_name).is_none() {
        return Err(invalid_at(
            place(span),
            format_args!("Unknown type: {type_name}"),
        ));
    }
    Ok(call(
        "$cast",
        vec![text(value.clone()), text(type_name)],
        span,
    ))
}

fn is_plain(field: &CeilFloorKind) -> bool {
    matches!(
        field,
        CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)
    )
}

fn between(value: &Expr, negated: bool, low: &Expr, high: &Expr) -> Expr {
    let compare = |op, bound: &Expr| Expr::BinaryOp {
        left: Box::new(value.clone()),
        op,
        right: Box::new(Expr::Nested(Box::new(bound.clone()))),
    };
    let both = Expr::Nested(Box::new(Expr::BinaryOp {
        left: Box::new(compare(BinaryOperator::GtEq, low)),
        op: BinaryOperator::And,
        right: Box::new(compare(BinaryOperator::LtEq, high)),
    }));
    if negated {
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: Box::new(both),
        }
    } else {
        both
    }
}

/// The function that reads a field of `EXTRACT`.
fn field_function(field: &DateTimeField) -> Option<&'static str> {
    const FIELDS: [&str; 17] = [
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "day_of_month",
        "day_of_week",
        "dow",
        "day_of_year",
        "doy",
        "year_of_week",
        "yow",
        "hour",
        "minute",
        "second",
        "millisecond",
        "nanosecond",
    ];
    let name = field.to_string().to_ascii_lowercase();
    FIELDS.into_iter().find(|known| *known == name)
}

/// A LIKE pattern for DataFusion, which always reads the backslash as an escape; Timestream has
/// no escape unless one is given.
fn backslashed(pattern: &str, escape: Option<char>) -> String {
    let mut result = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if Some(c) == escape {
            if let Some(escaped) = characters.next() {
                result.push('\\');
                result.push(escaped);
            }
        } else if c == '\\' {
            result.push_str("\\\\");
        } else {
            result.push(c);
        }
    }
    result
}
