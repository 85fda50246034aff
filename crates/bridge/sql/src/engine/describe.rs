//! What a statement would give, without running it.

use datafusion::sql::sqlparser::tokenizer::{Location, TokenWithSpan};

use crate::dialect::{Filling, fill, names};
use crate::statement::{end_of, tokens};
use crate::{Column, SqlError, Type};

/// The most parameters of a statement: each costs a few plans.
const MOST_PARAMETERS: usize = 32;

/// The types that a parameter can turn out to have, with their names in SQL.
const CANDIDATES: [(Type, &str); 5] = [
    (Type::Varchar, "varchar"),
    (Type::Timestamp, "timestamp"),
    (Type::Double, "double"),
    (Type::Bigint, "bigint"),
    (Type::Boolean, "boolean"),
];

/// What a statement would give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The columns of its result.
    pub columns: Vec<Column>,
    /// Its parameters in the order of the text, each once.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a statement, written `@name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The name without its `@`.
    pub name: String,
    /// The type that its place asks for: where text will do `VARCHAR` (text is read as a timestamp
    /// where one is needed), where any number will do `DOUBLE`, and where none of the simple types
    /// will do `UNKNOWN`.
    pub r#type: Type,
}

/// Describes a statement. `plan` gives the columns of a parsed one.
pub(super) fn describe(
    sql: &str,
    plan: impl Fn(Vec<TokenWithSpan>, Location) -> Result<Vec<Column>, SqlError>,
) -> Result<Description, SqlError> {
    let tokens = tokens(sql)?;
    let names = names(&tokens);
    if names.len() > MOST_PARAMETERS {
        return Err(SqlError::Validation(format!(
            "the query has {} parameters; at most {MOST_PARAMETERS} are allowed",
            names.len()
        )));
    }
    let end = end_of(sql);
    let mut known: Vec<Filling> = vec![Filling::Untyped; names.len()];
    let filled = |known: &[Filling]| {
        fill(&tokens, |name| {
            let position = names.iter().position(|other| other == name);
            position.map_or(Filling::Untyped, |position| known[position])
        })
    };
    let mut parameters = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        let mut fits = [false; CANDIDATES.len()];
        for (fit, (_, word)) in fits.iter_mut().zip(&CANDIDATES) {
            known[position] = Filling::Typed(word);
            *fit = plan(filled(&known), end).is_ok();
        }
        let chosen = choose(fits);
        known[position] = chosen.map_or(Filling::Untyped, |index| {
            Filling::Typed(CANDIDATES[index].1)
        });
        parameters.push(Parameter {
            name: name.clone(),
            r#type: chosen.map_or(Type::Unknown, |index| CANDIDATES[index].0.clone()),
        });
    }
    Ok(Description {
        columns: plan(filled(&known), end)?,
        parameters,
    })
}

/// The candidate to take out of those that fit.
fn choose(fits: [bool; CANDIDATES.len()]) -> Option<usize> {
    fits.iter().position(|fit| *fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn chooses(fitting: &[&str], expected: Option<&str>) {
        let fits = CANDIDATES
            .each_ref()
            .map(|(_, word)| fitting.contains(word));
        assert_eq!(
            choose(fits).map(|index| CANDIDATES[index].1),
            expected,
            "{fitting:?}"
        );
    }

    #[test]
    fn the_place_decides() {
        chooses(&["varchar"], Some("varchar"));
        chooses(&["varchar", "timestamp"], Some("varchar"));
        chooses(&["timestamp"], Some("timestamp"));
        chooses(&["double", "bigint"], Some("double"));
        chooses(&["bigint"], Some("bigint"));
        chooses(&["boolean"], Some("boolean"));
        chooses(
            &["varchar", "timestamp", "double", "bigint", "boolean"],
            Some("varchar"),
        );
        chooses(&[], None);
    }
}
