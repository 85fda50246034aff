//! `SHOW` and `DESCRIBE`, answered from the catalog.

use datafusion::sql::sqlparser::ast::{Ident, ObjectName, Spanned};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::Question;
use crate::ast::{invalid_at, place};
use crate::engine::{database_not_found, find_table};
use crate::{Catalog, Column, Datum, SqlError, TableSource, Type};

/// The columns and rows that answer a question.
pub(crate) fn answer(
    question: &Question,
    catalog: &dyn Catalog,
) -> Result<(Vec<Column>, Vec<Vec<Datum>>), SqlError> {
    Ok(match question {
        Question::Databases { like } => names("Database", catalog.databases(), like.as_deref()),
        Question::Tables {
            database: Some(database),
            like,
        } => names("Table", tables(catalog, database)?, like.as_deref()),
        Question::Tables {
            database: None,
            like,
        } => {
            let databases = catalog.databases();
            let all = databases
                .iter()
                .filter_map(|database| catalog.tables(database))
                .flatten();
            names("Table", all.collect(), like.as_deref())
        }
        Question::Measures { table, like } => measures(&source(catalog, table)?, like.as_deref()),
        Question::Columns { table } => describe(&source(catalog, table)?),
    })
}

fn tables(catalog: &dyn Catalog, database: &Ident) -> Result<Vec<String>, SqlError> {
    catalog
        .tables(&database.value)
        .ok_or_else(|| database_not_found(&database.value, &database.value, place(database.span)))
}

fn source(catalog: &dyn Catalog, name: &ObjectName) -> Result<TableSource, SqlError> {
    let at: Location = place(name.span());
    let parts: Option<Vec<&Ident>> = name.0.iter().map(|part| part.as_ident()).collect();
    match parts.as_deref() {
        Some([database, table]) => find_table(catalog, &database.value, &table.value, at),
        _ => Err(invalid_at(
            at,
            format_args!("Table '{name}' does not exist"),
        )),
    }
}

fn varchar(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        r#type: Type::Varchar,
    }
}

fn text(value: &str) -> Datum {
    Datum::Scalar(value.to_owned())
}

fn names(column: &str, names: Vec<String>, like: Option<&str>) -> (Vec<Column>, Vec<Vec<Datum>>) {
    let wanted = names
        .into_iter()
        .filter(|name| like.is_none_or(|like| matches_like(name, like)));
    (
        vec![varchar(column)],
        wanted.map(|name| vec![Datum::Scalar(name)]).collect(),
    )
}

fn measures(table: &TableSource, like: Option<&str>) -> (Vec<Column>, Vec<Vec<Datum>>) {
    let dimension = Type::Row(vec![
        (Some("dimension_name".to_owned()), Type::Varchar),
        (Some("data_type".to_owned()), Type::Varchar),
    ]);
    let columns = vec![
        varchar("measure_name"),
        varchar("data_type"),
        Column {
            name: "dimensions".to_owned(),
            r#type: Type::Array(Box::new(dimension)),
        },
    ];
    let rows = table
        .measures
        .iter()
        .filter(|measure| like.is_none_or(|like| matches_like(&measure.measure_name, like)))
        .map(|measure| {
            let dimensions = measure
                .dimensions
                .iter()
                .map(|name| Datum::Row(vec![text(name), text("varchar")]))
                .collect();
            vec![
                text(&measure.measure_name),
                text(&measure.data_type),
                Datum::Array(dimensions),
            ]
        });
    (columns, rows.collect())
}

fn describe(table: &TableSource) -> (Vec<Column>, Vec<Vec<Datum>>) {
    let columns = vec![
        varchar("Column"),
        varchar("Type"),
        varchar("Timestream attribute type"),
    ];
    let rows = table.columns.iter().map(|column| {
        vec![
            text(&column.name),
            Datum::Scalar(column.data_type.to_string()),
            text(column.attribute.as_str()),
        ]
    });
    (columns, rows.collect())
}

/// SQL's LIKE with `%` and `_`, without escapes; the case counts.
fn matches_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) =
        (name.chars().collect(), pattern.chars().collect());
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last `%` stood and how much of the name it covers so far.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(c) if *c == '_' || *c == name[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match star {
                Some((position, covered)) => {
                    star = Some((position, covered + 1));
                    at = covered + 1;
                    in_pattern = position + 1;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|c| *c == '%')
}

#[cfg(test)]
mod tests {
    use super::matches_like;

    #[test]
    fn like() {
        for (name, pattern, expected) in [
            ("cpu", "cpu", true),
            ("cpu", "c%", true),
            ("cpu", "%u", true),
            ("cpu", "_p_", true),
            ("cpu", "%p%u%", true),
            ("", "%", true),
            ("", "", true),
            ("cpu", "CPU", false),
            ("cpu", "_", false),
            ("cpu", "c%x", false),
            ("aab", "%ab", true),
            ("cpu", "", false),
        ] {
            assert_eq!(
                matches_like(name, pattern),
                expected,
                "{name} LIKE {pattern}"
            );
        }
    }
}
