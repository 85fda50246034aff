//! `VALUES 1, 2` and `VALUES ROW(1, 'a')`: rows that sqlparser knows only as `(1), (2)` and
//! `(1, 'a')`; and `ANY (VALUES ...)`, where it knows only SELECT.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

/// The tokens with every row of VALUES in exactly one pair of parentheses.
pub(super) fn in_parentheses(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let is_values = |token: &TokenWithSpan| keyword(token) == Some(Keyword::VALUES);
    if !tokens.iter().any(is_values) {
        return tokens;
    }
    let mut result = Vec::with_capacity(tokens.len() + 16);
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let compared = is_values(first) && is_compared(&result);
        if compared {
            let select = [
                Token::make_keyword("SELECT"),
                Token::Mul,
                Token::make_keyword("FROM"),
                Token::LParen,
            ];
            result.extend(select.map(|token| TokenWithSpan::new(token, first.span)));
        }
        result.push(first.clone());
        rest = after;
        if !is_values(first) {
            continue;
        }
        loop {
            let length = row_length(rest);
            let (row, after) = rest.split_at(length);
            push_row(row, &mut result);
            rest = after;
            match rest.split_first() {
                Some((comma, after)) if comma.token == Token::Comma => {
                    result.push(comma.clone());
                    rest = after;
                }
                _ => break,
            }
        }
        if compared {
            result.push(TokenWithSpan::new(Token::RParen, first.span));
        }
    }
    result
}

/// Whether the tokens so far end in `ANY (`, `SOME (` or `ALL (`.
fn is_compared(tokens: &[TokenWithSpan]) -> bool {
    let mut before = tokens
        .iter()
        .rev()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let opened = before
        .next()
        .is_some_and(|token| token.token == Token::LParen);
    let word = before.next().and_then(keyword);
    opened && matches!(word, Some(Keyword::ANY | Keyword::SOME | Keyword::ALL))
}

fn keyword(token: &TokenWithSpan) -> Option<Keyword> {
    match &token.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

/// How many tokens belong to the row at the beginning: up to a comma, the end of the parentheses
/// around, or a word that goes on with the statement.
fn row_length(tokens: &[TokenWithSpan]) -> usize {
    const AFTER: [Keyword; 8] = [
        Keyword::UNION,
        Keyword::INTERSECT,
        Keyword::EXCEPT,
        Keyword::ORDER,
        Keyword::LIMIT,
        Keyword::OFFSET,
        Keyword::FETCH,
        Keyword::AS,
    ];
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket if depth == 0 => return at,
            Token::RParen | Token::RBracket => depth -= 1,
            Token::Comma | Token::SemiColon if depth == 0 => return at,
            Token::Word(_) if depth == 0 && keyword(token).is_some_and(|k| AFTER.contains(&k)) => {
                return at;
            }
            _ => {}
        }
    }
    tokens.len()
}

fn push_row(row: &[TokenWithSpan], into: &mut Vec<TokenWithSpan>) {
    let is_blank = |token: &TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    let start = row.iter().take_while(|token| is_blank(token)).count();
    let (blanks, body) = row.split_at(start);
    let end = body.len()
        - body
            .iter()
            .rev()
            .take_while(|token| is_blank(token))
            .count();
    let (body, trailing) = body.split_at(end);
    into.extend(blanks.iter().cloned());
    let body = match body.split_first() {
        Some((word, fields)) if keyword(word) == Some(Keyword::ROW) => {
            let blanks = fields.iter().take_while(|token| is_blank(token)).count();
            let fields = &fields[blanks..];
            if is_enclosed(fields) { fields } else { body }
        }
        _ => body,
    };
    let body = innermost(body);
    match body {
        // Nothing at all stays as it is, for the parser to refuse.
        [] => {}
        [first, .., last] if is_enclosed(body) => {
            debug_assert!(first.token == Token::LParen && last.token == Token::RParen);
            into.extend(body.iter().cloned());
        }
        [first, ..] => {
            let last = body.last().unwrap_or(first);
            into.push(TokenWithSpan::new(Token::LParen, first.span));
            into.extend(body.iter().cloned());
            into.push(TokenWithSpan::new(Token::RParen, last.span));
        }
    }
    into.extend(trailing.iter().cloned());
}

/// Without parentheses that hold nothing but other parentheses: `((1, 2))` is `(1, 2)`.
fn innermost(mut tokens: &[TokenWithSpan]) -> &[TokenWithSpan] {
    while is_enclosed(tokens) {
        let inner = &tokens[1..tokens.len() - 1];
        if !is_enclosed(inner) {
            break;
        }
        tokens = inner;
    }
    tokens
}

/// Whether the first token opens a parenthesis that the last one closes.
fn is_enclosed(tokens: &[TokenWithSpan]) -> bool {
    let [first, .., last] = tokens else {
        return false;
    };
    if first.token != Token::LParen || last.token != Token::RParen {
        return false;
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1 == tokens.len();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::dialect::tokenize;

    #[track_caller]
    fn check(sql: &str, expected: &str) {
        let tokens = tokenize(sql).expect("the text is made of tokens");
        let text: String = tokens.iter().map(|token| token.token.to_string()).collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn every_row_gets_its_parentheses() {
        check("VALUES 1, 2", "VALUES (1), (2)");
        check("(VALUES 1, -f(2, 3) )", "(VALUES (1), (-f(2, 3)) )");
        check("VALUES (1), (2)", "VALUES (1), (2)");
        check("VALUES (('a', 1)), (('b', 2))", "VALUES ('a', 1), ('b', 2)");
        check(
            "VALUES ROW(1, 'a'), ROW (2, 'b')",
            "VALUES (1, 'a'), (2, 'b')",
        );
        check("VALUES (1) + 2, (3)", "VALUES ((1) + 2), (3)");
        check("VALUES ARRAY[1, 2], NULL", "VALUES (ARRAY[1, 2]), (NULL)");
        check("VALUES 1 UNION VALUES 2", "VALUES (1) UNION VALUES (2)");
        check("VALUES", "VALUES");
        check("1 > ALL (VALUES 1)", "1 > ALL (SELECT*FROM(VALUES (1)))");
        check("SELECT \"values\"", "SELECT \"values\"");
    }
}
