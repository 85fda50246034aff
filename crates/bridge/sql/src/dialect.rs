//! The grammar: sqlparser with the additions that Timestream makes to SQL.
//!
//! Two things are settled on the tokens before anything is parsed, because no parser hook sees
//! them in time: `measure_value::double` becomes one name, and `15m` becomes one literal. The
//! rest are hooks of [`TimestreamDialect`].

mod duration;
mod parameters;
mod tokens;
mod types;
mod values;

use std::any::TypeId;

use datafusion::sql::sqlparser::ast::{DataType, Expr, Ident, ObjectName};
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::Token;

pub(crate) use duration::{Duration, parse_duration};
pub(crate) use parameters::{Filling, fill, names};
pub(crate) use tokens::tokenize;
pub(crate) use types::arrow_type;

/// Reserved words that no expression begins with; sqlparser would take them for columns.
const NEVER_AN_EXPRESSION: [Keyword; 31] = [
    Keyword::AND,
    Keyword::AS,
    Keyword::BETWEEN,
    Keyword::BY,
    Keyword::CROSS,
    Keyword::ELSE,
    Keyword::END,
    Keyword::ESCAPE,
    Keyword::EXCEPT,
    Keyword::FROM,
    Keyword::FULL,
    Keyword::GROUP,
    Keyword::HAVING,
    Keyword::IN,
    Keyword::INNER,
    Keyword::INTERSECT,
    Keyword::INTO,
    Keyword::IS,
    Keyword::JOIN,
    Keyword::LEFT,
    Keyword::LIKE,
    Keyword::NATURAL,
    Keyword::ON,
    Keyword::OR,
    Keyword::ORDER,
    Keyword::OUTER,
    Keyword::RIGHT,
    Keyword::THEN,
    Keyword::UNION,
    Keyword::USING,
    Keyword::WHERE,
];

/// The SQL of Timestream.
///
/// It answers `GenericDialect`'s type id: sqlparser asks for that id by name at many places that
/// have no hook of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimestreamDialect;

impl Dialect for TimestreamDialect {
    fn dialect(&self) -> TypeId {
        TypeId::of::<GenericDialect>()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn allow_extract_custom(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        false
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }

    fn is_table_factor_alias(&self, explicit: bool, kw: &Keyword, parser: &mut Parser) -> bool {
        // `FROM "x"."x" DESC LIMIT 10` is in use; `DESC` cannot mean anything else there.
        explicit || *kw == Keyword::DESC || self.is_table_alias(kw, parser)
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let token = parser.peek_token();
        match token.token {
            Token::Word(ref word) if word.quote_style.is_none() => match word.keyword {
                keyword if NEVER_AN_EXPRESSION.contains(&keyword) => {
                    Some(parser.expected("an expression", token))
                }
                Keyword::CAST => {
                    opens_call(parser).then(|| types::parse_cast(parser, types::CastName::Cast))
                }
                Keyword::TRY_CAST => {
                    opens_call(parser).then(|| types::parse_cast(parser, types::CastName::TryCast))
                }
                _ => None,
            },
            Token::Number(ref text, _) => {
                parse_duration(text)?;
                parser.advance_token();
                Some(Ok(typed_string(types::INTERVAL_LITERAL, text, token.span)))
            }
            _ => None,
        }
    }
}

/// Whether the word under the cursor is followed by an opening parenthesis.
fn opens_call(parser: &Parser) -> bool {
    parser.peek_nth_token(1).token == Token::LParen
}

/// `kind 'text'`, as in `DATE '2020-01-01'`.
fn typed_string(kind: &str, text: &str, span: datafusion::sql::sqlparser::tokenizer::Span) -> Expr {
    use datafusion::sql::sqlparser::ast::{TypedString, Value, ValueWithSpan};
    Expr::TypedString(TypedString {
        data_type: DataType::Custom(ObjectName::from(vec![Ident::with_span(span, kind)]), vec![]),
        value: ValueWithSpan {
            value: Value::SingleQuotedString(text.to_owned()),
            span,
        },
        uses_odbc_syntax: false,
    })
}
