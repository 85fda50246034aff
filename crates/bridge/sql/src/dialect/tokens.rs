//! From text to tokens.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{
    Token, TokenWithSpan, Tokenizer, TokenizerError, Word,
};

use super::{TimestreamDialect, parse_duration, values};

/// The tokens of a statement, with white space and comments.
///
/// * `measure_value` `::` `double` without space between them is one quoted name;
/// * every row of VALUES stands in parentheses;
/// * a number followed at once by a unit is one [`Token::Number`] that holds both, which
///   [`parse_prefix`](super::TimestreamDialect) reads.
pub(crate) fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
    let tokens = Tokenizer::new(&TimestreamDialect, sql).tokenize_with_location()?;
    let mut merged: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let Some(name) = measure_column(rest) {
            merged.push(name);
            rest = &rest[3..];
        } else if let Some(literal) = duration_literal(rest) {
            merged.push(literal);
            rest = &rest[2..];
        } else {
            merged.push(first.clone());
            rest = after;
        }
    }
    Ok(values::in_parentheses(merged))
}

fn measure_column(tokens: &[TokenWithSpan]) -> Option<TokenWithSpan> {
    let [first, second, third, ..] = tokens else {
        return None;
    };
    let (Token::Word(prefix), Token::DoubleColon, Token::Word(kind)) =
        (&first.token, &second.token, &third.token)
    else {
        return None;
    };
    if prefix.quote_style.is_some() || !prefix.value.eq_ignore_ascii_case("measure_value") {
        return None;
    }
    let word = Word {
        value: format!("measure_value::{}", kind.value.to_ascii_lowercase()),
        quote_style: Some('"'),
        keyword: Keyword::NoKeyword,
    };
    Some(TokenWithSpan::new(
        Token::Word(word),
        first.span.union(&third.span),
    ))
}

fn duration_literal(tokens: &[TokenWithSpan]) -> Option<TokenWithSpan> {
    let [first, second, ..] = tokens else {
        return None;
    };
    let (Token::Number(number, false), Token::Word(unit)) = (&first.token, &second.token) else {
        return None;
    };
    if unit.quote_style.is_some() {
        return None;
    }
    let text = format!("{number}{}", unit.value.to_ascii_lowercase());
    parse_duration(&text)?;
    Some(TokenWithSpan::new(
        Token::Number(text, false),
        first.span.union(&second.span),
    ))
}
