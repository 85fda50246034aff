//! Math expressions (`pkg/expr/mathexp` and its `parse`): arithmetic, comparisons and logic over
//! the items of other steps.
//!
//! ```text
//! or      = and { "||" and }
//! and     = compare { "&&" compare }
//! compare = sum { ( "==" | "!=" | ">" | ">=" | "<" | "<=" ) sum }
//! sum     = product { ( "+" | "-" ) product }
//! product = power { ( "*" | "/" | "%" ) power }
//! power   = unary { "**" unary }
//! unary   = ( "!" | "-" ) unary | "(" or ")" | number | function "(" [ or ] ")" | "$A" | "${A}"
//! ```
//! All operators group from the left, `**` too, and a sign binds tighter than `**`. Operators
//! stand apart: `2**-1` is refused, `2** -1` is not.

mod functions;
mod lex;
mod node;
mod operators;
mod parse;
mod run;

use super::{Given, Inputs};

use parse::parse;

/// Whether `expression` can be read. The error says what is wrong with it.
pub(crate) fn check(expression: &str) -> Result<(), String> {
    parse(expression).map(drop)
}

/// The refIds that an expression names, in its order; none where it cannot be read.
pub(crate) fn variables(expression: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(node) = parse(expression) {
        node.variables(&mut names);
    }
    names
}

/// Works out `expression`.
pub(super) fn run(expression: &str, inputs: &Inputs) -> Result<Given, String> {
    let node = parse(expression)?;
    let (items, notices) = run::run(&node, inputs);
    Ok(Given {
        items,
        notices,
        matches: None,
    })
}

#[cfg(test)]
mod tests;
