//! From words to a tree (`pkg/expr/mathexp/parse/parse.go`).

use std::iter::Peekable;
use std::vec::IntoIter;

use super::functions::Function;
use super::lex::{Token, tokens};
use super::node::Node;
use super::operators::{Operator, Sign};

/// Deeper nesting is nobody's alert rule, and would end on the stack.
const DEEPEST: usize = 100;

/// Reads an expression. The error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser {
        tokens: tokens(text)?.into_iter().peekable(),
        depth: 0,
    };
    let node = parser.binary(0)?;
    match parser.tokens.next() {
        None => Ok(node),
        Some(token) => Err(format!(
            "`{}` stands where the expression could end; an operator may be missing before it",
            token.text()
        )),
    }
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    /// Operators of `level` and of those above it, from the left.
    fn binary(&mut self, level: u8) -> Result<Node, String> {
        if level > Operator::Power.level() {
            return self.unary();
        }
        let mut node = self.binary(level + 1)?;
        let mut operators = 0;
        while let Some(Token::Operator(operator)) = self.tokens.peek() {
            let operator = *operator;
            if operator.level() != level {
                break;
            }
            // A chain is a tree that leans to the left, as deep as it is long.
            operators += 1;
            if self.depth + operators > DEEPEST {
                return Err(too_deep());
            }
            self.tokens.next();
            let right = self.binary(level + 1)?;
            node = Node::Binary(operator, Box::new(node), Box::new(right));
        }
        Ok(node)
    }

    fn unary(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(too_deep());
        }
        let node = match self.tokens.next() {
            Some(Token::Number { value, .. }) => Node::Number(value),
            Some(Token::Variable { name, text }) => Node::Variable { name, text },
            Some(Token::Not) => Node::Signed(Sign::Not, Box::new(self.unary()?)),
            Some(Token::Operator(Operator::Minus)) => {
                Node::Signed(Sign::Minus, Box::new(self.unary()?))
            }
            Some(Token::Open) => {
                let node = self.binary(0)?;
                self.close()?;
                node
            }
            Some(Token::Function(name)) => self.call(&name)?,
            Some(token) => {
                return Err(format!(
                    "`{}` stands where a number, a $refId, a function or `(` belongs",
                    token.text()
                ));
            }
            None => {
                return Err("ends where a number, a $refId, a function or `(` belongs".to_owned());
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn call(&mut self, name: &str) -> Result<Node, String> {
        let function = Function::of(name)?;
        if self.tokens.next() != Some(Token::Open) {
            return Err(format!("`(` is missing after the function `{name}`"));
        }
        if function.constant().is_some() {
            return match self.tokens.next() {
                Some(Token::Close) => Ok(Node::Call(function, None)),
                _ => Err(format!(
                    "the function `{name}` takes no argument; write {name}()"
                )),
            };
        }
        if self.tokens.peek() == Some(&Token::Close) {
            return Err(format!("the function `{name}` takes one argument"));
        }
        let argument = self.binary(0)?;
        self.close()?;
        Ok(Node::Call(function, Some(Box::new(argument))))
    }

    fn close(&mut self) -> Result<(), String> {
        match self.tokens.next() {
            Some(Token::Close) => Ok(()),
            Some(token) => Err(format!("`{}` stands where `)` belongs", token.text())),
            None => Err("a `)` is missing at the end".to_owned()),
        }
    }
}

fn too_deep() -> String {
    format!("is nested deeper than {DEEPEST} levels; split it into several steps")
}
