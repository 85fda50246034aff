//! One statement of text as one statement of the service.

mod expansion;
mod metadata;
mod shape;

use datafusion::sql::sqlparser::ast::{Ident, ObjectName, Query};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::SqlError;
use crate::ast::{invalid_at, place, syntax_error};
use crate::dialect::{TimestreamDialect, tokenize};

pub(crate) use metadata::answer;

/// What a client may ask.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statement {
    /// `SELECT`, with everything around it.
    Select(Box<Query>),
    /// A question about the catalog.
    Metadata(Question),
}

/// `SHOW` and `DESCRIBE`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    /// `SHOW DATABASES [LIKE pattern]`
    Databases { like: Option<String> },
    /// `SHOW TABLES [FROM database] [LIKE pattern]`
    Tables {
        database: Option<Ident>,
        like: Option<String>,
    },
    /// `SHOW MEASURES FROM database.table [LIKE pattern]`
    Measures {
        table: ObjectName,
        like: Option<String>,
    },
    /// `DESCRIBE database.table`
    Columns { table: ObjectName },
}

/// Parses exactly one statement; a semicolon may end it.
pub(crate) fn parse(sql: &str) -> Result<Statement, SqlError> {
    parse_tokens(tokens(sql)?, end_of(sql))
}

/// The tokens of a text.
pub(crate) fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, SqlError> {
    tokenize(sql).map_err(|error| syntax_error(error.location))
}

/// Parses the tokens of a text that ends at `end`.
pub(crate) fn parse_tokens(
    tokens: Vec<TokenWithSpan>,
    end: Location,
) -> Result<Statement, SqlError> {
    shape::check(&tokens)?;
    refuse_unload(&tokens)?;
    let mut parser = Parser::new(&TimestreamDialect).with_tokens_with_locations(tokens);
    let statement =
        parse_statement(&mut parser).map_err(|error| from_parser(&error, &parser, end))?;
    let _ended = parser.consume_token(&Token::SemiColon);
    match parser.peek_token() {
        TokenWithSpan {
            token: Token::EOF, ..
        } => {
            if let Statement::Select(query) = &statement {
                expansion::check(query)?;
            }
            Ok(statement)
        }
        next => Err(syntax_error(place(next.span))),
    }
}

/// `UNLOAD` is Timestream's, but there is nowhere to put its files.
fn refuse_unload(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let mut words = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)));
    match words.next() {
        Some(TokenWithSpan {
            token: Token::Word(word),
            span,
        }) if word.keyword == Keyword::UNLOAD => Err(invalid_at(
            place(*span),
            "UNLOAD is not supported by this server: run the query itself and store its rows",
        )),
        _ => Ok(()),
    }
}

fn parse_statement(parser: &mut Parser) -> Result<Statement, ParserError> {
    let first = parser.peek_token();
    match &first.token {
        Token::Word(word) if word.keyword == Keyword::SHOW => {
            parser.advance_token();
            parse_show(parser).map(Statement::Metadata)
        }
        Token::Word(word) if matches!(word.keyword, Keyword::DESCRIBE | Keyword::DESC) => {
            parser.advance_token();
            let table = parser.parse_object_name(false)?;
            Ok(Statement::Metadata(Question::Columns { table }))
        }
        Token::Word(word)
            if matches!(
                word.keyword,
                Keyword::SELECT | Keyword::WITH | Keyword::VALUES
            ) =>
        {
            Ok(Statement::Select(parser.parse_query()?))
        }
        Token::LParen => Ok(Statement::Select(parser.parse_query()?)),
        _ => parser.expected("SELECT, SHOW or DESCRIBE", first),
    }
}

fn parse_show(parser: &mut Parser) -> Result<Question, ParserError> {
    let what = parser.next_token();
    let Token::Word(word) = &what.token else {
        return parser.expected("DATABASES", what);
    };
    match word.value.to_ascii_uppercase().as_str() {
        "DATABASES" => Ok(Question::Databases {
            like: parse_like(parser)?,
        }),
        "TABLES" => {
            let database = match parser.parse_one_of_keywords(&[Keyword::FROM, Keyword::IN]) {
                Some(_) => Some(parser.parse_identifier()?),
                None => None,
            };
            Ok(Question::Tables {
                database,
                like: parse_like(parser)?,
            })
        }
        "MEASURES" => {
            parser.expect_one_of_keywords(&[Keyword::FROM, Keyword::IN])?;
            let table = parser.parse_object_name(false)?;
            Ok(Question::Measures {
                table,
                like: parse_like(parser)?,
            })
        }
        _ => parser.expected("DATABASES, TABLES or MEASURES", what),
    }
}

fn parse_like(parser: &mut Parser) -> Result<Option<String>, ParserError> {
    if parser.parse_keyword(Keyword::LIKE) {
        return parser.parse_literal_string().map(Some);
    }
    Ok(None)
}

/// The place at which parsing stopped.
///
/// sqlparser gives it in the text of its message only; where it does not, the parser's own
/// position tells.
fn from_parser(error: &ParserError, parser: &Parser, end: Location) -> SqlError {
    let text = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.as_str(),
        ParserError::RecursionLimitExceeded => {
            return SqlError::Validation("the query is nested too deeply".to_owned());
        }
    };
    if let Some(at) = location_in(text) {
        return syntax_error(at);
    }
    match parser.peek_token() {
        TokenWithSpan {
            token: Token::EOF, ..
        } => syntax_error(end),
        next => syntax_error(place(next.span)),
    }
}

fn location_in(text: &str) -> Option<Location> {
    let (_, place) = text.rsplit_once("at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some(Location {
        line: line.parse().ok()?,
        column: column.trim().parse().ok()?,
    })
}

/// The place just behind the text.
pub(crate) fn end_of(sql: &str) -> Location {
    let text = sql.trim_end();
    let line = text.matches('\n').count() as u64 + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Location { line, column }
}
