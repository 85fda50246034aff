//! Operators: which types they take, and those that Arrow computes differently or not at all.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, plan_err};
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator};
use datafusion::sql::sqlparser::ast::BinaryOperator;

use crate::functions::operator_function;
use crate::shapes::{TIMESTAMP, is_text, list_element, map_types, type_name as name};

/// Checks operands and plans arithmetic of intervals.
///
/// DataFusion would compare a timestamp with a number of nanoseconds, or a text with a number;
/// Timestream refuses, and a wrong graph is worse than an error.
#[derive(Debug)]
pub(super) struct Operators;

/// Types that may be compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Unknown,
    Boolean,
    Number,
    Text,
    Instant,
    Time,
    DayToSecond,
    YearToMonth,
    Other,
}

fn family(data_type: &DataType) -> Family {
    match data_type {
        DataType::Null => Family::Unknown,
        DataType::Boolean => Family::Boolean,
        t if t.is_numeric() => Family::Number,
        t if is_text(t) => Family::Text,
        DataType::Timestamp(_, _) | DataType::Date32 => Family::Instant,
        DataType::Time64(_) => Family::Time,
        DataType::Duration(_) => Family::DayToSecond,
        DataType::Interval(_) => Family::YearToMonth,
        _ => Family::Other,
    }
}

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        let (left, right) = (expr.left.get_type(schema)?, expr.right.get_type(schema)?);
        match &expr.op {
            BinaryOperator::And | BinaryOperator::Or => {
                for (side, data_type) in [("Left", &left), ("Right", &right)] {
                    if !matches!(family(data_type), Family::Boolean | Family::Unknown) {
                        return plan_err!(
                            "{}{side} side of logical expression must evaluate to a boolean (actual: {})",
                            place(&expr),
                            name(data_type)
                        );
                    }
                }
                Ok(PlannerResult::Original(expr))
            }
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => {
                // The order of a map's entries is no part of its value, and Arrow compares it.
                let map = [&left, &right].iter().any(|side| map_types(side).is_some());
                if !map && comparable(family(&left), family(&right)) {
                    return compare(expr, &left, &right);
                }
                refuse(&expr, &left, &right)
            }
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => arithmetic(expr, &left, &right),
            BinaryOperator::StringConcat => match (family(&left), family(&right)) {
                (Family::Text | Family::Unknown, Family::Text | Family::Unknown) => {
                    Ok(PlannerResult::Original(expr))
                }
                _ if list_element(&left).is_some() && list_element(&right).is_some() => {
                    let both = vec![expr.left, expr.right];
                    Ok(PlannerResult::Planned(call("concat", both)))
                }
                // An element is put at the end of an array, or at its beginning.
                _ if is_element(&right, &left) => {
                    let both = vec![expr.left, call("make_array", vec![expr.right])];
                    Ok(PlannerResult::Planned(call("concat", both)))
                }
                _ if is_element(&left, &right) => {
                    let both = vec![call("make_array", vec![expr.left]), expr.right];
                    Ok(PlannerResult::Planned(call("concat", both)))
                }
                _ => refuse(&expr, &left, &right),
            },
            _ => plan_err!("{}operator {} is not supported", place(&expr), expr.op),
        }
    }
}

/// Whether values of both types can stand in one column.
pub(super) fn can_unite(left: &DataType, right: &DataType) -> bool {
    let (left, right) = (family(left), family(right));
    left == right || left == Family::Unknown || right == Family::Unknown
}

fn comparable(left: Family, right: Family) -> bool {
    use Family::{Instant, Text, Unknown};
    left == right
        || matches!(
            (left, right),
            (Unknown, _) | (_, Unknown) | (Text, Instant) | (Instant, Text)
        )
}

/// A text that is compared with a point in time is read as one.
fn compare(
    mut expr: RawBinaryExpr,
    left: &DataType,
    right: &DataType,
) -> Result<PlannerResult<RawBinaryExpr>> {
    match (family(left), family(right)) {
        (Family::Text, Family::Instant) => expr.left = as_timestamp(expr.left),
        (Family::Instant, Family::Text) => expr.right = as_timestamp(expr.right),
        _ => {}
    }
    Ok(PlannerResult::Original(expr))
}

fn as_timestamp(text: Expr) -> Expr {
    let type_name = datafusion::logical_expr::lit("timestamp");
    call("$cast", vec![text, type_name])
}

fn arithmetic(
    expr: RawBinaryExpr,
    left: &DataType,
    right: &DataType,
) -> Result<PlannerResult<RawBinaryExpr>> {
    use Family::{DayToSecond, Instant, Number, Text, Time, Unknown, YearToMonth};
    let minus = expr.op == BinaryOperator::Minus;
    let sum = minus || expr.op == BinaryOperator::Plus;
    let planned = |expr| Ok(PlannerResult::Planned(expr));
    match (family(left), family(right)) {
        (Number, Number) if left.is_integer() && right.is_integer() => {
            let name = match expr.op {
                BinaryOperator::Plus => "$plus",
                BinaryOperator::Minus => "$minus",
                BinaryOperator::Multiply => "$times",
                _ => return Ok(PlannerResult::Original(expr)),
            };
            planned(call(name, vec![expr.left, expr.right]))
        }
        (Number | Unknown, Number | Unknown) => Ok(PlannerResult::Original(expr)),
        (DayToSecond, DayToSecond) if sum => Ok(PlannerResult::Original(expr)),
        (Instant, DayToSecond) if sum && *left == DataType::Date32 => {
            let shifted = native(cast(expr.left, TIMESTAMP), minus, expr.right);
            planned(cast(shifted, DataType::Date32))
        }
        (Instant, DayToSecond) if sum => Ok(PlannerResult::Original(expr)),
        (Text, DayToSecond) if sum => planned(native(as_timestamp(expr.left), minus, expr.right)),
        (Time, DayToSecond) if sum => {
            let name = if minus { "$time_minus" } else { "$time_plus" };
            planned(call(name, vec![expr.left, expr.right]))
        }
        (DayToSecond, Time) if sum && !minus => {
            planned(call("$time_plus", vec![expr.right, expr.left]))
        }
        (DayToSecond, Instant) if sum && !minus => planned(native(expr.right, false, expr.left)),
        (Instant, Instant) if minus => planned(native(
            cast(expr.left, TIMESTAMP),
            true,
            cast(expr.right, TIMESTAMP),
        )),
        (Instant, Text) if minus => planned(native(
            cast(expr.left, TIMESTAMP),
            true,
            as_timestamp(expr.right),
        )),
        (Text, Instant) if minus => planned(native(
            as_timestamp(expr.left),
            true,
            cast(expr.right, TIMESTAMP),
        )),
        (Instant, YearToMonth) if sum => {
            let months = if minus {
                negated(expr.right)
            } else {
                expr.right
            };
            planned(call("$add_months", vec![expr.left, months]))
        }
        (YearToMonth, Instant) if sum && !minus => {
            planned(call("$add_months", vec![expr.right, expr.left]))
        }
        (YearToMonth, YearToMonth) if sum => {
            let months = if minus {
                negated(expr.right)
            } else {
                expr.right
            };
            planned(call("$sum_months", vec![expr.left, months]))
        }
        (DayToSecond | YearToMonth, Number) if expr.op == BinaryOperator::Multiply => {
            planned(call("$multiply", vec![expr.left, expr.right]))
        }
        (Number, DayToSecond | YearToMonth) if expr.op == BinaryOperator::Multiply => {
            planned(call("$multiply", vec![expr.right, expr.left]))
        }
        (DayToSecond | YearToMonth, Number) if expr.op == BinaryOperator::Divide => {
            planned(call("$divide", vec![expr.left, expr.right]))
        }
        (Unknown, DayToSecond) | (DayToSecond | Instant, Unknown) if sum => {
            Ok(PlannerResult::Original(expr))
        }
        _ => refuse(&expr, left, right),
    }
}

/// Whether a value can be put into an array.
fn is_element(value: &DataType, array: &DataType) -> bool {
    list_element(array).is_some_and(|element| {
        family(element.data_type()) == family(value)
            && element.data_type().is_nested() == value.is_nested()
    })
}

fn native(left: Expr, minus: bool, right: Expr) -> Expr {
    let operator = if minus {
        Operator::Minus
    } else {
        Operator::Plus
    };
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
}

fn cast(expr: Expr, to: DataType) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), to))
}

fn negated(months: Expr) -> Expr {
    call(
        "$multiply",
        vec![months, datafusion::logical_expr::lit(-1.0)],
    )
}

fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(operator_function(name), args))
}

fn refuse<T>(expr: &RawBinaryExpr, left: &DataType, right: &DataType) -> Result<T> {
    plan_err!(
        "{}Cannot apply operator: {} {} {}",
        place(expr),
        name(left),
        expr.op,
        name(right)
    )
}

/// `line 1:8: `, the place of the first column in the expression; nothing when it has none.
fn place(expr: &RawBinaryExpr) -> String {
    let mut found = None;
    for side in [&expr.left, &expr.right] {
        let visited = side.apply(|node| {
            if let Expr::Column(column) = node
                && let Some(span) = column.spans().first()
            {
                found = Some(span.start);
                return Ok(TreeNodeRecursion::Stop);
            }
            Ok(TreeNodeRecursion::Continue)
        });
        if visited.is_ok()
            && let Some(at) = found
        {
            return format!("line {}:{}: ", at.line, at.column);
        }
    }
    String::new()
}
