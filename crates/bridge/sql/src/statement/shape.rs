//! What can be refused on the tokens, before a syntax tree is built.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::SqlError;
use crate::ast::{place, syntax_error};

/// The most operators of a statement, wherever they stand.
///
/// A chain such as `a + b + c` is as deep a tree as it is long, and trees are walked and freed by
/// recursion. This bounds the tree that is built at all; how deep a single expression may be is
/// checked on the tree, and parentheses and sub-selects are counted by the parser itself.
const MOST_OPERATORS: usize = 5_000;

/// The most joins, and the most set operations, of a statement.
const MOST_RELATIONS: usize = 100;

/// Refuses statements that are too deep, and relations that are text: sqlparser would take
/// `FROM '/etc/passwd'` for a table.
pub(super) fn check(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let (mut operators, mut joins, mut sets) = (0, 0, 0);
    let mut previous: Option<&Token> = None;
    // For every open parenthesis, whether it belongs to a function whose arguments have a FROM.
    let mut in_call = Vec::new();
    for token in tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
    {
        let after = |keywords: &[Keyword]| matches!(previous, Some(Token::Word(word)) if keywords.contains(&word.keyword));
        match &token.token {
            Token::LParen => in_call.push(after(&[
                Keyword::TRIM,
                Keyword::EXTRACT,
                Keyword::SUBSTRING,
                Keyword::SUBSTR,
            ])),
            Token::RParen => {
                let _open = in_call.pop();
            }
            Token::SingleQuotedString(_)
                if after(&[Keyword::FROM, Keyword::JOIN]) && in_call.last() != Some(&true) =>
            {
                return Err(syntax_error(place(token.span)));
            }
            Token::Word(word) => match word.keyword {
                Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::BETWEEN => operators += 1,
                Keyword::JOIN | Keyword::UNNEST => joins += 1,
                Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => sets += 1,
                _ => {}
            },
            other => operators += usize::from(is_operator(other)),
        }
        previous = Some(&token.token);
    }
    for (what, count, most) in [
        ("operators", operators, MOST_OPERATORS),
        ("joins", joins, MOST_RELATIONS),
        ("set operations", sets, MOST_RELATIONS),
    ] {
        if count > most {
            return Err(SqlError::Validation(format!(
                "the query has {count} {what}; at most {most} are allowed"
            )));
        }
    }
    Ok(())
}

fn is_operator(token: &Token) -> bool {
    matches!(
        token,
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
            | Token::Arrow
    )
}
