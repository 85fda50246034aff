//! Names of types, as they stand in `CAST(x AS ...)`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};
use datafusion::sql::sqlparser::ast::{CastKind, DataType as SqlType, Expr, Ident, ObjectName};
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::Token;

/// The type under which an interval literal such as `15m` reaches the rewrite.
pub(crate) const INTERVAL_LITERAL: &str = "interval literal";

/// Which of the two casts.
#[derive(Debug, Clone, Copy)]
pub(super) enum CastName {
    Cast,
    TryCast,
}

/// Parses `CAST(expr AS type)` with types that sqlparser's grammar lacks, such as
/// `ROW(high BIGINT, low ARRAY(DOUBLE))`. The type is kept as its canonical text.
pub(super) fn parse_cast(parser: &mut Parser, name: CastName) -> Result<Expr, ParserError> {
    use datafusion::sql::sqlparser::keywords::Keyword;
    parser.advance_token();
    parser.expect_token(&Token::LParen)?;
    let expr = parser.parse_expr()?;
    parser.expect_keyword(Keyword::AS)?;
    let start = parser.peek_token().span;
    let text = parse_type(parser)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Cast {
        kind: match name {
            CastName::Cast => CastKind::Cast,
            CastName::TryCast => CastKind::TryCast,
        },
        expr: Box::new(expr),
        data_type: SqlType::Custom(
            ObjectName::from(vec![Ident::with_span(start, text)]),
            vec![],
        ),
        format: None,
        array: false,
    })
}

fn parse_type(parser: &mut Parser) -> Result<String, ParserError> {
    let token = parser.next_token();
    let Token::Word(word) = &token.token else {
        return parser.expected("a type", token);
    };
    let name = word.value.to_ascii_lowercase();
    match name.as_str() {
        "array" | "timeseries" => {
            parser.expect_token(&Token::LParen)?;
            let element = parse_type(parser)?;
            parser.expect_token(&Token::RParen)?;
            Ok(format!("{name}({element})"))
        }
        "map" => {
            parser.expect_token(&Token::LParen)?;
            let key = parse_type(parser)?;
            parser.expect_token(&Token::Comma)?;
            let value = parse_type(parser)?;
            parser.expect_token(&Token::RParen)?;
            Ok(format!("map({key}, {value})"))
        }
        "row" => {
            parser.expect_token(&Token::LParen)?;
            let mut fields = Vec::new();
            loop {
                let named = matches!(parser.peek_nth_token(1).token, Token::Word(_));
                let field = if named {
                    Some(parser.parse_identifier()?.value)
                } else {
                    None
                };
                let kind = parse_type(parser)?;
                fields.push(match field {
                    Some(field) => format!("\"{}\" {kind}", field.replace('"', "\"\"")),
                    None => kind,
                });
                if !parser.consume_token(&Token::Comma) {
                    break;
                }
            }
            parser.expect_token(&Token::RParen)?;
            Ok(format!("row({})", fields.join(", ")))
        }
        "double" => {
            if peek_word(parser, "precision") {
                parser.advance_token();
            }
            Ok(name)
        }
        "interval" => {
            for expected in ["day", "year"] {
                if peek_word(parser, expected) {
                    parser.advance_token();
                    let (to, last) = (parser.next_token(), parser.next_token());
                    let wanted = if expected == "day" { "second" } else { "month" };
                    if !is_word(&to.token, "to") || !is_word(&last.token, wanted) {
                        return parser.expected(&format!("{expected} to {wanted}"), to);
                    }
                    return Ok(format!("interval {expected} to {wanted}"));
                }
            }
            let found = parser.peek_token();
            parser.expected("day to second or year to month", found)
        }
        _ => {
            // A length or precision, as in `varchar(20)` and `timestamp(9)`.
            if parser.consume_token(&Token::LParen) {
                let length = parser.parse_literal_uint()?;
                parser.expect_token(&Token::RParen)?;
                if name == "varchar" || name == "char" {
                    return Ok(format!("{name}({length})"));
                }
            }
            Ok(name)
        }
    }
}

fn peek_word(parser: &Parser, word: &str) -> bool {
    is_word(&parser.peek_token().token, word)
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.value.eq_ignore_ascii_case(word))
}

/// The Arrow type of a canonical type text, or `None` for a name that is no type.
pub(crate) fn arrow_type(text: &str) -> Option<DataType> {
    let mut rest = text;
    let parsed = read_type(&mut rest)?;
    rest.is_empty().then_some(parsed)
}

fn read_type(rest: &mut &str) -> Option<DataType> {
    let end = rest.find(['(', ')', ',']).unwrap_or(rest.len());
    let name = rest[..end].trim();
    let opened = rest[end..].starts_with('(');
    *rest = &rest[end..];
    if opened && matches!(name, "array" | "timeseries" | "map" | "row") {
        *rest = &rest[1..];
        let parsed = match name {
            "map" => {
                let key = read_type(rest)?;
                *rest = rest.strip_prefix(", ")?;
                crate::shapes::map_of(key, read_type(rest)?)
            }
            "row" => DataType::Struct(read_fields(rest)?),
            "array" => crate::shapes::list_of(read_type(rest)?),
            _ => crate::shapes::series_of(read_type(rest)?),
        };
        *rest = rest.strip_prefix(')')?;
        return Some(parsed);
    }
    if opened {
        *rest = &rest[rest.find(')')? + 1..];
    }
    scalar_type(name)
}

fn read_fields(rest: &mut &str) -> Option<Fields> {
    let mut fields = Vec::new();
    loop {
        *rest = rest.trim_start();
        let name = if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut characters = quoted.char_indices().peekable();
            loop {
                let (at, c) = characters.next()?;
                if c != '"' {
                    name.push(c);
                } else if characters.next_if(|(_, next)| *next == '"').is_some() {
                    name.push('"');
                } else {
                    *rest = quoted[at + 1..].trim_start();
                    break;
                }
            }
            name
        } else {
            crate::shapes::anonymous_field(fields.len())
        };
        fields.push(Arc::new(Field::new(name, read_type(rest)?, true)));
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(Fields::from(fields)),
        }
    }
}

fn scalar_type(name: &str) -> Option<DataType> {
    Some(match name {
        "varchar" | "char" | "string" => DataType::Utf8View,
        "boolean" => DataType::Boolean,
        "tinyint" | "smallint" | "int" | "integer" => DataType::Int32,
        "bigint" => DataType::Int64,
        "real" | "double" => DataType::Float64,
        "timestamp" => DataType::Timestamp(TimeUnit::Nanosecond, None),
        "date" => DataType::Date32,
        "time" => DataType::Time64(TimeUnit::Nanosecond),
        "varbinary" => DataType::Binary,
        "interval day to second" => DataType::Duration(TimeUnit::Nanosecond),
        "interval year to month" => DataType::Interval(IntervalUnit::YearMonth),
        _ => return None,
    })
}
