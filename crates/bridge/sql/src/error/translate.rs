//! DataFusion's errors as the service's.

use arrow::error::ArrowError;
use datafusion::common::{Column, DataFusionError, SchemaError, TableReference};
use datafusion::sql::sqlparser::ast::Query;

use super::SqlError;
use crate::ast::invalid_at;
use crate::rewrite::{display_name, find, find_call};
use crate::stop::Stopped;

/// An error of planning a query as it was written.
pub(crate) fn at_planning(error: &DataFusionError, written: &Query) -> SqlError {
    match error.find_root() {
        DataFusionError::SchemaError(schema, _) => match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } => {
                about_column(written, error, field, "does not exist")
            }
            SchemaError::AmbiguousReference { field } => {
                about_column(written, error, field, "is ambiguous")
            }
            other => SqlError::Validation(readable(&other.to_string())),
        },
        DataFusionError::Plan(text) | DataFusionError::NotImplemented(text) => {
            SqlError::Validation(with_place(&in_the_services_words(&readable(text)), written))
        }
        _ => at_run_time(error),
    }
}

/// An error of optimising a plan: its names are all known, so that one which is missing now was
/// lost by taking a correlated sub-select apart.
pub(crate) fn at_optimizing(error: &DataFusionError, written: &Query) -> SqlError {
    match error.find_root() {
        DataFusionError::SchemaError(..) => SqlError::Validation(CORRELATED.to_owned()),
        _ => at_planning(error, written),
    }
}

const CORRELATED: &str = "Given correlated subquery is not supported";

/// Trino's sentence for a fault that DataFusion words otherwise.
fn in_the_services_words(text: &str) -> String {
    let quoted = |text: &str| Some(text.split_once('"')?.1.split_once('"')?.0.to_owned());
    if let Some((_, rest)) = text.split_once("While expanding wildcard, column ")
        && let Some(column) = quoted(rest)
    {
        let name = column.rsplit('.').next().unwrap_or(&column);
        let name = display_name(name, 0);
        return format!("'{name}' must be an aggregate expression or appear in GROUP BY clause");
    }
    if text.starts_with("Aggregate functions are not allowed in the WHERE clause") {
        return "WHERE clause cannot contain aggregations, window functions or grouping operations"
            .to_owned();
    }
    if text.starts_with("Aggregate function calls cannot be nested") {
        return "Cannot nest aggregations inside aggregation".to_owned();
    }
    if text.starts_with("Cannot create filter with non-boolean predicate") {
        return "WHERE clause must evaluate to a boolean".to_owned();
    }
    if text.contains("OuterReferenceColumn") {
        return CORRELATED.to_owned();
    }
    text.to_owned()
}

/// An error while rows are computed.
pub(crate) fn at_run_time(error: &DataFusionError) -> SqlError {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(text) => SqlError::Exhausted(format!(
            "Query exceeded the memory of this server: {}",
            readable(text)
        )),
        DataFusionError::ArrowError(arrow, _) => of_arrow(arrow),
        DataFusionError::Execution(text) => SqlError::Execution(readable(text)),
        DataFusionError::Plan(text) | DataFusionError::NotImplemented(text) => {
            SqlError::Validation(in_the_services_words(&readable(text)))
        }
        DataFusionError::External(source) if source.is::<Stopped>() => SqlError::Stopped,
        other => SqlError::Internal(readable(&other.strip_backtrace())),
    }
}

fn of_arrow(error: &ArrowError) -> SqlError {
    match error {
        ArrowError::DivideByZero => SqlError::Execution("Division by zero".to_owned()),
        ArrowError::MemoryError(text) => SqlError::Exhausted(readable(text)),
        ArrowError::ExternalError(source) => match source.downcast_ref::<DataFusionError>() {
            Some(error) => at_run_time(error),
            None => SqlError::Internal(readable(&source.to_string())),
        },
        ArrowError::ComputeError(text)
        | ArrowError::ArithmeticOverflow(text)
        | ArrowError::CastError(text)
        | ArrowError::ParseError(text)
        | ArrowError::InvalidArgumentError(text) => SqlError::Execution(readable(text)),
        other => SqlError::Internal(readable(&other.to_string())),
    }
}

fn about_column(written: &Query, error: &DataFusionError, column: &Column, what: &str) -> SqlError {
    let qualifier = column
        .relation
        .as_ref()
        .map(TableReference::to_vec)
        .unwrap_or_default();
    let parts: Vec<String> = qualifier
        .into_iter()
        .chain([display_name(&column.name, 0)])
        .collect();
    let text = format!("Column '{}' {what}", parts.join("."));
    let diagnosed = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let place = find(written, column).or_else(|| {
        diagnosed.map(|span| datafusion::sql::sqlparser::tokenizer::Location {
            line: span.start.line,
            column: span.start.column,
        })
    });
    match place {
        Some(at) => invalid_at(at, text),
        None => SqlError::Validation(text),
    }
}

/// Puts the place of the function that a message names in front, where it is not there yet.
fn with_place(text: &str, written: &Query) -> String {
    if text.starts_with("line ") {
        return text.to_owned();
    }
    let function = text
        .split_once(" for function ")
        .map(|(_, rest)| rest.split(['.', ' ']).next().unwrap_or_default());
    // `'name' must be an aggregate expression`: where the column is named first.
    let column = text
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once("' must be an aggregate"))
        .map(|(name, _)| Column::new_unqualified(name));
    let place = function.and_then(|function| find_call(written, function));
    match place.or_else(|| column.and_then(|column| find(written, &column))) {
        Some(at) => format!("line {}:{}: {text}", at.line, at.column),
        None => text.to_owned(),
    }
}

/// A message without DataFusion's prefixes and hints, on one line, and with the columns' own names.
fn readable(text: &str) -> String {
    let text = text.split("\n\nbacktrace:").next().unwrap_or_default();
    // A refusal of our own, wrapped by the search for a function.
    let text = text
        .split_once("user-defined coercion failed with: ")
        .map_or(text, |(_, own)| own);
    let text = text
        .split(". No function matches the given name")
        .next()
        .unwrap_or_default();
    let text = [
        "Error during planning: ",
        "Execution error: ",
        "This feature is not implemented: ",
    ]
    .iter()
    .fold(text, |text, prefix| {
        text.strip_prefix(prefix).unwrap_or(text)
    });
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}
