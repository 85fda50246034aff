//! Builds the tree of a template (Go's `text/template/parse/parse.go`).

use std::collections::BTreeMap;

use super::functions::Function;
use super::lex::{self, Piece, Token};
use super::tree::{Branch, Command, Node, Operand, Pipeline, Tree};

/// How deep actions and parentheses may stand in each other; nobody writes more by hand.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Tree, String> {
    let pieces = lex::pieces(text)?;
    let mut parser = Parser {
        pieces: pieces.into_iter(),
        defined: BTreeMap::new(),
        called: Vec::new(),
        // Grafana puts these before every template of a rule.
        variables: ["$", "$labels", "$values", "$value"]
            .map(str::to_owned)
            .to_vec(),
        loops: 0,
        depth: 0,
    };
    let (main, stop) = parser.nodes()?;
    if let Some((stop, line)) = stop {
        return Err(format!("line {line}: {} belongs to no action", stop.name()));
    }
    for (name, line) in &parser.called {
        if !parser.defined.contains_key(name) {
            return Err(format!(
                "line {line}: the template `{name}` is not defined; define it in this text"
            ));
        }
    }
    Ok(Tree {
        main,
        defined: parser.defined,
    })
}

struct Parser {
    pieces: std::vec::IntoIter<Piece>,
    defined: BTreeMap<String, Vec<Node>>,
    called: Vec<(String, usize)>,
    variables: Vec<String>,
    loops: usize,
    depth: usize,
}

/// Nodes, and what ended them in which line.
type Part = (Vec<Node>, Option<(Stop, usize)>);

/// What ends a list of nodes.
enum Stop {
    End,
    Else(Tokens),
}

impl Stop {
    fn name(&self) -> &'static str {
        match self {
            Stop::End => "{{end}}",
            Stop::Else(_) => "{{else}}",
        }
    }
}

impl Parser {
    /// Nodes up to the end of the text, `end` or `else`.
    fn nodes(&mut self) -> Result<Part, String> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (tokens, line) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Action { tokens, line } => (tokens, line),
            };
            let mut tokens = Tokens {
                tokens: tokens.into_iter().peekable(),
                line,
            };
            match tokens.keyword().as_deref() {
                Some("end") => {
                    tokens.finish("end")?;
                    return Ok((nodes, Some((Stop::End, line))));
                }
                Some("else") => return Ok((nodes, Some((Stop::Else(tokens), line)))),
                Some(keyword) => nodes.extend(self.action(keyword, tokens)?),
                None => {
                    let pipeline = self.pipeline(&mut tokens, None)?;
                    tokens.finish("the action")?;
                    nodes.push(Node::Print(pipeline));
                }
            }
        }
        Ok((nodes, None))
    }

    fn action(&mut self, keyword: &str, mut tokens: Tokens) -> Result<Option<Node>, String> {
        let line = tokens.line;
        Ok(match keyword {
            "if" => Some(Node::If(self.branch("if", tokens)?)),
            "with" => Some(Node::With(self.branch("with", tokens)?)),
            "range" => Some(Node::Range(self.branch("range", tokens)?)),
            "break" | "continue" => {
                tokens.finish(keyword)?;
                if self.loops == 0 {
                    return Err(format!("line {line}: {keyword} stands outside of a range"));
                }
                Some(if keyword == "break" {
                    Node::Break
                } else {
                    Node::Continue
                })
            }
            "template" => {
                let name = tokens.text("template")?;
                let data = self.optional_pipeline(&mut tokens)?;
                self.called.push((name.clone(), line));
                Some(Node::Template { name, data })
            }
            "define" => {
                let name = tokens.text("define")?;
                tokens.finish("define")?;
                if self.depth > 0 {
                    return tokens.error("define stands inside of another action");
                }
                self.define(name, line)?;
                None
            }
            "block" => {
                let name = tokens.text("block")?;
                let data = Some(self.pipeline(&mut tokens, None)?);
                tokens.finish("block")?;
                self.define(name.clone(), line)?;
                Some(Node::Template { name, data })
            }
            _ => return tokens.error(&format!("`{keyword}` is no action")),
        })
    }

    fn optional_pipeline(&mut self, tokens: &mut Tokens) -> Result<Option<Pipeline>, String> {
        if tokens.tokens.peek().is_none() {
            return Ok(None);
        }
        let pipeline = self.pipeline(tokens, None)?;
        tokens.finish("the action")?;
        Ok(Some(pipeline))
    }

    /// The nodes of `define` or `block`, which see no variable but `$`.
    fn define(&mut self, name: String, line: usize) -> Result<(), String> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let loops = std::mem::take(&mut self.loops);
        self.enter(line)?;
        let (nodes, stop) = self.nodes()?;
        self.depth -= 1;
        self.loops = loops;
        self.variables = variables;
        match stop {
            Some((Stop::End, _)) => {}
            Some((Stop::Else(_), line)) => {
                return Err(format!("line {line}: {{{{else}}}} belongs to no action"));
            }
            None => {
                return Err(format!(
                    "line {line}: define is not closed; write {{{{end}}}}"
                ));
            }
        }
        if self.defined.contains_key(&name) {
            return Err(format!(
                "line {line}: the template `{name}` is defined twice"
            ));
        }
        self.defined.insert(name, nodes);
        Ok(())
    }

    fn enter(&mut self, line: usize) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!(
                "line {line}: more than {DEEPEST} levels stand in each other"
            ));
        }
        Ok(())
    }

    fn branch(&mut self, keyword: &'static str, mut tokens: Tokens) -> Result<Branch, String> {
        let line = tokens.line;
        self.enter(line)?;
        let known = self.variables.len();
        let pipeline = self.pipeline(&mut tokens, Some(keyword))?;
        tokens.finish(keyword)?;
        let is_loop = usize::from(keyword == "range");
        self.loops += is_loop;
        let (then, stop) = self.nodes()?;
        self.loops -= is_loop;
        let unclosed = || format!("line {line}: {keyword} is not closed; write {{{{end}}}}");
        let otherwise = match stop {
            None => return Err(unclosed()),
            Some((Stop::End, _)) => Vec::new(),
            Some((Stop::Else(mut tokens), line)) => match tokens.keyword().as_deref() {
                // `else if` and `else with` share the end of the action that they are part of.
                Some(word @ ("if" | "with")) if word == keyword => {
                    let branch = self.branch(keyword, tokens)?;
                    vec![match keyword {
                        "if" => Node::If(branch),
                        _ => Node::With(branch),
                    }]
                }
                Some(word) => {
                    return Err(format!("line {line}: `{word}` cannot follow else here"));
                }
                None => {
                    tokens.finish("else")?;
                    let (otherwise, stop) = self.nodes()?;
                    match stop {
                        Some((Stop::End, _)) => otherwise,
                        Some((Stop::Else(_), line)) => {
                            return Err(format!("line {line}: there is an else already"));
                        }
                        None => return Err(unclosed()),
                    }
                }
            },
        };
        self.variables.truncate(known);
        self.depth -= 1;
        Ok(Branch {
            pipeline,
            then,
            otherwise,
        })
    }

    fn pipeline(&mut self, tokens: &mut Tokens, keyword: Option<&str>) -> Result<Pipeline, String> {
        self.enter(tokens.line)?;
        let (variables, declares) = self.variables(tokens, keyword)?;
        let mut commands = vec![self.command(tokens)?];
        while tokens.take(&Token::Pipe) {
            let command = self.command(tokens)?;
            if !matches!(command.first, Operand::Function(_)) {
                return tokens.error("what follows a `|` has to be a function");
            }
            commands.push(command);
        }
        if declares {
            self.variables.extend(variables.iter().cloned());
        }
        self.depth -= 1;
        Ok(Pipeline {
            variables,
            declares,
            commands,
        })
    }

    /// `$a :=`, `$a =` and, in range, `$a, $b :=`.
    fn variables(
        &self,
        tokens: &mut Tokens,
        keyword: Option<&str>,
    ) -> Result<(Vec<String>, bool), String> {
        let ahead: Vec<Token> = tokens.tokens.clone().take(4).collect();
        let (names, sign) = match ahead.as_slice() {
            [
                Token::Variable(name),
                sign @ (Token::Declare | Token::Assign),
                ..,
            ] => (vec![name.clone()], sign.clone()),
            [
                Token::Variable(first),
                Token::Comma,
                Token::Variable(second),
                sign @ (Token::Declare | Token::Assign),
            ] if keyword == Some("range") => (vec![first.clone(), second.clone()], sign.clone()),
            _ => return Ok((Vec::new(), false)),
        };
        for _ in 0..names.len() * 2 {
            tokens.tokens.next();
        }
        let declares = sign == Token::Declare;
        if !declares {
            for name in &names {
                self.known(name, tokens)?;
            }
        }
        Ok((names, declares))
    }

    fn known(&self, name: &str, tokens: &Tokens) -> Result<(), String> {
        if self.variables.iter().any(|it| it == name) {
            return Ok(());
        }
        tokens.error(&format!(
            "the variable `{name}` is not defined; there are $labels, $values and $value"
        ))
    }

    fn command(&mut self, tokens: &mut Tokens) -> Result<Command, String> {
        let first = match self.operand(tokens)? {
            Some(Operand::Nil) => return tokens.error("nil is no command"),
            Some(first) => first,
            None => return tokens.error("a value or function is missing"),
        };
        let mut arguments = Vec::new();
        while let Some(argument) = self.operand(tokens)? {
            arguments.push(argument);
        }
        if !matches!(first, Operand::Function(_)) && !arguments.is_empty() {
            return tokens.error("arguments follow what is no function");
        }
        if let Operand::Function(function) = &first
            && let Err(reason) = function.check(arguments.len())
        {
            return tokens.error(&reason);
        }
        Ok(Command { first, arguments })
    }

    /// A value with the fields that follow it; nothing at the end of a command.
    fn operand(&mut self, tokens: &mut Tokens) -> Result<Option<Operand>, String> {
        let Some(token) = tokens.tokens.peek().cloned() else {
            return Ok(None);
        };
        if matches!(token, Token::Close | Token::Pipe) {
            return Ok(None);
        }
        tokens.tokens.next();
        Ok(Some(match token {
            Token::Dot => Operand::Dot,
            Token::Field { name, .. } => {
                let mut fields = vec![name];
                fields.extend(tokens.fields());
                Operand::Field(fields)
            }
            Token::Variable(name) => {
                self.known(&name, tokens)?;
                Operand::Variable(name, tokens.fields())
            }
            Token::Text(text) => Operand::Text(text),
            Token::Character(character) => Operand::Int(i64::from(u32::from(character))),
            Token::Number(number) => tokens.number(&number)?,
            Token::Open => {
                let pipeline = self.pipeline(tokens, None)?;
                if !tokens.take(&Token::Close) {
                    return tokens.error("a parenthesis is not closed");
                }
                Operand::Pipeline(Box::new(pipeline), tokens.fields())
            }
            Token::Name(name) => match name.as_str() {
                "true" => Operand::Bool(true),
                "false" => Operand::Bool(false),
                "nil" => Operand::Nil,
                _ => match Function::named(&name) {
                    Some(function) => Operand::Function(function),
                    None => return tokens.error(&format!("there is no function `{name}`")),
                },
            },
            Token::Comma | Token::Assign | Token::Declare => {
                return tokens.error("`,`, `=` and `:=` belong to variables only");
            }
            Token::Close | Token::Pipe => return Ok(None),
        }))
    }
}

/// The tokens of one action.
struct Tokens {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    line: usize,
}

const KEYWORDS: [&str; 10] = [
    "if", "with", "range", "else", "end", "define", "template", "block", "break", "continue",
];

impl Tokens {
    fn error<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("line {}: {what}", self.line))
    }

    fn keyword(&mut self) -> Option<String> {
        let word = self.tokens.next_if(
            |token| matches!(token, Token::Name(name) if KEYWORDS.contains(&name.as_str())),
        )?;
        match word {
            Token::Name(name) => Some(name),
            _ => None,
        }
    }

    fn take(&mut self, wanted: &Token) -> bool {
        self.tokens.next_if(|token| token == wanted).is_some()
    }

    fn text(&mut self, keyword: &str) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(text),
            _ => self.error(&format!("{keyword} needs a name in quotes")),
        }
    }

    fn fields(&mut self) -> Vec<String> {
        let mut fields = Vec::new();
        while let Some(Token::Field { name, .. }) = self
            .tokens
            .next_if(|token| matches!(token, Token::Field { attached: true, .. }))
        {
            fields.push(name);
        }
        fields
    }

    fn finish(&mut self, what: &str) -> Result<(), String> {
        match self.tokens.next() {
            None => Ok(()),
            Some(_) => self.error(&format!("something unexpected follows in {what}")),
        }
    }

    /// Go's numbers: whole ones in any base, floating point ones.
    fn number(&self, text: &str) -> Result<Operand, String> {
        let plain = text.replace('_', "");
        let (sign, digits) = match plain.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
        };
        let lower = digits.to_ascii_lowercase();
        let based = [("0x", 16), ("0o", 8), ("0b", 2)]
            .into_iter()
            .find_map(|(prefix, base)| Some((lower.strip_prefix(prefix)?.to_owned(), base)))
            .or_else(|| {
                let octal = lower.len() > 1 && lower.bytes().all(|it| it.is_ascii_digit());
                let octal = lower.strip_prefix('0').filter(|_| octal);
                octal.map(|digits| (digits.to_owned(), 8))
            });
        let (digits, base) = based.unwrap_or((lower.clone(), 10));
        if let Ok(number) = i64::from_str_radix(&format!("{sign}{digits}"), base) {
            return Ok(Operand::Int(number));
        }
        match plain.parse::<f64>() {
            Ok(number) if number.is_finite() && base == 10 && lower.contains(['.', 'e']) => {
                Ok(Operand::Float(number))
            }
            _ => self.error(&format!("`{text}` is no number")),
        }
    }
}
