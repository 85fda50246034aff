//! What can be refused on the tokens, before a syntax tree is built.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::SqlError;
use crate::ast::{place, syntax_error};

/// The most operators, joins and set operations of a statement.
///
/// A chain such as `a + b + c` is as deep a tree as it is long, and trees are walked and freed by
/// recursion; parentheses and sub-selects are counted by the parser itself.
const MOST_OPERATORS: usize = 2_000;

/// Refuses statements that are too deep, and relations that are text: sqlparser would take
/// `FROM '/etc/passwd'` for a table.
pub(super) fn check(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let mut operators = 0;
    let mut after_from = false;
    for token in tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
    {
        if after_from && matches!(token.token, Token::SingleQuotedString(_)) {
            return Err(syntax_error(place(token.span)));
        }
        after_from = matches!(
            &token.token,
            Token::Word(word) if matches!(word.keyword, Keyword::FROM | Keyword::JOIN)
        );
        operators += usize::from(deepens(&token.token));
    }
    if operators > MOST_OPERATORS {
        return Err(SqlError::Validation(format!(
            "the query has {operators} operators; at most {MOST_OPERATORS} are allowed, \
             use IN for long lists of values"
        )));
    }
    Ok(())
}

fn deepens(token: &Token) -> bool {
    match token {
        Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::LBracket
        | Token::Arrow => true,
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::BETWEEN
                | Keyword::JOIN
                | Keyword::UNION
                | Keyword::INTERSECT
                | Keyword::EXCEPT
                | Keyword::UNNEST
        ),
        _ => false,
    }
}
