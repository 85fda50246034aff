//! Small pieces of syntax that the rewrites build, and where pieces stand in the text.

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, LambdaFunction, LambdaSyntax, ObjectName, OneOrManyWithParens,
    Spanned, Value, ValueWithSpan,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use crate::SqlError;

/// A refusal at a place: `line 1:8: text`.
pub(crate) fn invalid_at(at: Location, text: impl std::fmt::Display) -> SqlError {
    SqlError::Validation(format!("line {}:{}: {text}", at.line, at.column))
}

/// A refusal of syntax, in the service's words.
pub(crate) fn syntax_error(at: Location) -> SqlError {
    SqlError::Validation(format!(
        "The query syntax is invalid at line {}:{}",
        at.line, at.column
    ))
}

/// Where an expression begins. Made-up pieces have no place: then the beginning of the text.
pub(crate) fn start(expr: &Expr) -> Location {
    place(expr.span())
}

/// The start of a span, or of the text when the span is empty.
pub(crate) fn place(span: Span) -> Location {
    if span.start.line == 0 {
        Location { line: 1, column: 1 }
    } else {
        span.start
    }
}

/// `name(args)`.
pub(crate) fn call(name: &str, args: Vec<Expr>, span: Span) -> Expr {
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::with_span(span, name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.into_iter().map(argument).collect(),
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

/// An expression as an argument.
pub(crate) fn argument(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

/// The plain expressions among the arguments, or `None` when there is any other kind.
pub(crate) fn plain_arguments(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    list.args
        .iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}

/// The name of a called function in lower case.
pub(crate) fn function_name(function: &Function) -> String {
    match function.name.0.as_slice() {
        [part] => part
            .as_ident()
            .map_or_else(|| part.to_string(), |ident| ident.value.clone()),
        _ => function.name.to_string(),
    }
    .to_ascii_lowercase()
}

/// A text literal.
pub(crate) fn text(value: impl Into<String>) -> Expr {
    Expr::Value(ValueWithSpan {
        value: Value::SingleQuotedString(value.into()),
        span: Span::empty(),
    })
}

/// The text of a text literal.
pub(crate) fn as_text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(ValueWithSpan {
            value: Value::SingleQuotedString(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

/// A number that the rewrite of literals leaves alone, because the place wants a bare number.
pub(crate) fn bare_number(number: impl std::fmt::Display) -> Expr {
    Expr::Value(ValueWithSpan {
        value: Value::Number(number.to_string(), true),
        span: Span::empty(),
    })
}

/// DataFusion's own cast.
pub(crate) fn plain_cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type,
        format: None,
        array: false,
    }
}

/// A type by its canonical name.
pub(crate) fn named_type(name: &str) -> DataType {
    DataType::Custom(ObjectName::from(vec![Ident::new(name)]), vec![])
}

/// `() -> body`.
pub(crate) fn thunk(body: Expr) -> Expr {
    Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::Many(vec![]),
        body: Box::new(body),
        syntax: LambdaSyntax::Arrow,
    })
}
