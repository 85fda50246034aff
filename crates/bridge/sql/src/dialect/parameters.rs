//! Parameters: `@name` in a statement that is to be prepared.
//!
//! sqlparser knows no typed parameter, and the planner needs the type of every expression. So a
//! parameter is replaced, on the tokens, by a null of a type before anything is parsed.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

/// What stands in for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filling {
    /// A null of no type.
    Untyped,
    /// A null of the type of this name.
    Typed(&'static str),
}

/// The names of the parameters, each once, in the order of the text.
pub(crate) fn names(tokens: &[TokenWithSpan]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (at, _) in tokens.iter().enumerate() {
        if let Some(word) = parameter(&tokens[at..])
            && !names.contains(&word.value)
        {
            names.push(word.value.clone());
        }
    }
    names
}

/// The tokens with every parameter replaced by what `filling` says for its name.
pub(crate) fn fill(
    tokens: &[TokenWithSpan],
    filling: impl Fn(&str) -> Filling,
) -> Vec<TokenWithSpan> {
    let mut filled = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        let Some(word) = parameter(rest) else {
            filled.push(first.clone());
            rest = after;
            continue;
        };
        let span = first.span.union(&after[0].span);
        let mut push = |token| filled.push(TokenWithSpan::new(token, span));
        match filling(&word.value) {
            Filling::Untyped => push(Token::make_word("NULL", None)),
            Filling::Typed(name) => {
                push(Token::make_word("CAST", None));
                push(Token::LParen);
                push(Token::make_word("NULL", None));
                push(Token::make_word("AS", None));
                push(Token::make_word(name, None));
                push(Token::RParen);
            }
        }
        rest = &after[1..];
    }
    filled
}

/// The name behind an `@` that the tokens begin with.
fn parameter(tokens: &[TokenWithSpan]) -> Option<&Word> {
    match tokens {
        [at, name, ..] => match (&at.token, &name.token) {
            (Token::AtSign, Token::Word(word)) if word.quote_style.is_none() => Some(word),
            _ => None,
        },
        _ => None,
    }
}
