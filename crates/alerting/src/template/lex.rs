//! Splits a template into text and actions, and an action into tokens
//! (Go's `text/template/parse/lex.go`).

/// A token of an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name: function or keyword.
    Name(String),
    /// `.Name`, where it directly follows what it is a field of if `attached`.
    Field { name: String, attached: bool },
    /// `.` alone.
    Dot,
    /// `$` or `$name`, with the dollar sign.
    Variable(String),
    /// A text in quotes.
    Text(String),
    /// A character in single quotes, as its number.
    Character(char),
    /// A number as it is written.
    Number(String),
    /// `(`
    Open,
    /// `)`, whether or not a field may follow it directly.
    Close,
    /// `|`
    Pipe,
    /// `,`
    Comma,
    /// `=`
    Assign,
    /// `:=`
    Declare,
}

impl Token {
    fn begins_value(&self) -> bool {
        matches!(
            self,
            Token::Name(_)
                | Token::Variable(_)
                | Token::Text(_)
                | Token::Character(_)
                | Token::Number(_)
                | Token::Open
        )
    }

    fn ends_value(&self) -> bool {
        matches!(self, Token::Field { .. } | Token::Dot | Token::Close)
            || (self.begins_value() && *self != Token::Open)
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Action { tokens: Vec<Token>, line: usize },
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The pieces of `text`, comments left out, text trimmed as the markers say.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut line = 1;
    let mut trim_next = false;
    loop {
        let (before, after) = match rest.split_once("{{") {
            Some((before, after)) => (before, Some(after)),
            None => (rest, None),
        };
        let trims = after.is_some_and(|after| is_marker(after, '-'));
        let mut shown = before;
        if trim_next {
            shown = shown.trim_start_matches(SPACE);
        }
        if trims {
            shown = shown.trim_end_matches(SPACE);
        }
        if !shown.is_empty() {
            pieces.push(Piece::Text(shown.to_owned()));
        }
        line += before.matches('\n').count();
        let Some(mut after) = after else {
            return Ok(pieces);
        };
        if trims {
            after = after.get(1..).unwrap_or_default();
        }

        let mut action = Action {
            rest: after,
            line,
            tokens: Vec::new(),
        };
        let is_comment = action.comment()?;
        if !is_comment {
            action.run()?;
        }
        trim_next = action.end()?;
        if !is_comment {
            pieces.push(Piece::Action {
                tokens: action.tokens,
                line,
            });
        }
        line = action.line;
        rest = action.rest;
    }
}

/// `-` and a space after it.
fn is_marker(text: &str, marker: char) -> bool {
    text.strip_prefix(marker)
        .is_some_and(|after| after.starts_with(SPACE))
}

/// What stands between `{{` and `}}`.
struct Action<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl Action<'_> {
    fn error<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("line {}: {what}", self.line))
    }

    fn skip(&mut self, bytes: usize) {
        let (skipped, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }

    /// Skips a comment, which is all that its action holds.
    fn comment(&mut self) -> Result<bool, String> {
        let start = self.rest.trim_start_matches(SPACE);
        if !start.starts_with("/*")
            || start.len() != self.rest.len() && !self.rest.starts_with(SPACE)
        {
            return Ok(false);
        }
        let Some(end) = self.rest.find("*/") else {
            return self.error("a comment is not closed; write */");
        };
        self.skip(end + 2);
        if self.at_end().is_none() {
            return self.error("a comment ends before the action does; write {{/* ... */}}");
        }
        Ok(true)
    }

    /// How many bytes the end takes, if this is it, and whether it trims.
    fn at_end(&self) -> Option<(usize, bool)> {
        if self.rest.starts_with("}}") {
            return Some((2, false));
        }
        let spaces = self.rest.len() - self.rest.trim_start_matches(SPACE).len();
        let after = self.rest.get(spaces..)?;
        (spaces > 0 && after.starts_with("-}}")).then_some((spaces + 3, true))
    }

    fn end(&mut self) -> Result<bool, String> {
        let Some((bytes, trims)) = self.at_end() else {
            return self.error("an action is not closed; write }}");
        };
        self.skip(bytes);
        Ok(trims)
    }

    fn run(&mut self) -> Result<(), String> {
        let mut after_space = true;
        loop {
            if self.at_end().is_some() {
                return Ok(());
            }
            let Some(first) = self.rest.chars().next() else {
                return self.error("an action is not closed; write }}");
            };
            if SPACE.contains(&first) {
                self.skip(1);
                after_space = true;
                continue;
            }
            let token = self.token(first, !after_space)?;
            let before = self.tokens.last();
            if !after_space && token.begins_value() && before.is_some_and(Token::ends_value) {
                return self.error("a space is missing between two values");
            }
            self.tokens.push(token);
            after_space = false;
        }
    }

    fn token(&mut self, first: char, attached: bool) -> Result<Token, String> {
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '|' => Some(Token::Pipe),
            ',' => Some(Token::Comma),
            '=' => Some(Token::Assign),
            _ => None,
        };
        if let Some(token) = single {
            self.skip(1);
            return Ok(token);
        }
        if self.rest.starts_with(":=") {
            self.skip(2);
            return Ok(Token::Declare);
        }
        let second = self.rest.chars().nth(1).unwrap_or(' ');
        match first {
            '"' => self.quoted(),
            '`' => self.raw(),
            '\'' => self.character(),
            '$' => {
                self.skip(1);
                let name = self.word();
                Ok(Token::Variable(format!("${name}")))
            }
            '.' if !second.is_ascii_digit() => {
                self.skip(1);
                let name = self.word();
                Ok(if name.is_empty() {
                    Token::Dot
                } else {
                    Token::Field { name, attached }
                })
            }
            '.' | '+' | '-' | '0'..='9' => self.number(),
            _ if first.is_alphabetic() || first == '_' => Ok(Token::Name(self.word())),
            _ => self.error(&format!("`{first}` has no meaning in an action")),
        }
    }

    fn word(&mut self) -> String {
        let end = self
            .rest
            .find(|it: char| !(it.is_alphanumeric() || it == '_'))
            .unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or_default().to_owned();
        self.skip(end);
        word
    }

    fn number(&mut self) -> Result<Token, String> {
        let mut end = 0;
        let mut before = ' ';
        for character in self.rest.chars() {
            let sign = matches!(character, '+' | '-')
                && (end == 0 || matches!(before, 'e' | 'E' | 'p' | 'P'));
            if !(sign || character == '.' || character == '_' || character.is_ascii_alphanumeric())
            {
                break;
            }
            end += 1;
            before = character;
        }
        let number = self.rest.get(..end).unwrap_or_default().to_owned();
        self.skip(end);
        Ok(Token::Number(number))
    }

    fn raw(&mut self) -> Result<Token, String> {
        let inner = self.rest.get(1..).unwrap_or_default();
        let Some(end) = inner.find('`') else {
            return self.error("a text in backquotes is not closed");
        };
        let text = inner.get(..end).unwrap_or_default().to_owned();
        self.skip(end + 2);
        Ok(Token::Text(text))
    }

    fn quoted(&mut self) -> Result<Token, String> {
        self.skip(1);
        let mut text = String::new();
        loop {
            match self.rest.chars().next() {
                None | Some('\n') => return self.error("a text in quotes is not closed"),
                Some('"') => {
                    self.skip(1);
                    return Ok(Token::Text(text));
                }
                Some('\\') => text.push(self.escape('"')?),
                Some(character) => {
                    self.skip(character.len_utf8());
                    text.push(character);
                }
            }
        }
    }

    fn character(&mut self) -> Result<Token, String> {
        self.skip(1);
        let character = match self.rest.chars().next() {
            Some('\\') => self.escape('\'')?,
            Some(character) if character != '\'' && character != '\n' => {
                self.skip(character.len_utf8());
                character
            }
            _ => return self.error("a character in quotes is missing; write 'a'"),
        };
        if !self.rest.starts_with('\'') {
            return self.error("a character in quotes is not closed; texts take double quotes");
        }
        self.skip(1);
        Ok(Token::Character(character))
    }

    /// A backslash and what follows it.
    fn escape(&mut self, quote: char) -> Result<char, String> {
        self.skip(1);
        let kind = self.rest.chars().next().unwrap_or(' ');
        let simple = match kind {
            'a' => Some('\u{7}'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            '\\' => Some('\\'),
            _ if kind == quote => Some(quote),
            _ => None,
        };
        if let Some(character) = simple {
            self.skip(1);
            return Ok(character);
        }
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => {
                return self.error(&format!(
                    "`\\{kind}` is no escape; write \\\\ for a backslash"
                ));
            }
        };
        let code = self
            .rest
            .get(1..=digits)
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        let Some(character) = code else {
            return self.error(&format!("`\\{kind}` needs {digits} hexadecimal digits"));
        };
        self.skip(digits + 1);
        Ok(character)
    }
}
