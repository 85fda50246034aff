//! Statements with parameters are described, not run.

use tidewatch_sql::{Engine, Limits, SqlError, Stop, Type};

use super::fixture::Tables;

/// Columns and parameters of a statement.
type Described = (Vec<(String, Type)>, Vec<(String, Type)>);

fn describe(sql: &str) -> Result<Described, SqlError> {
    let tables = Tables::read();
    let engine = Engine::new(Limits::default()).unwrap();
    let description = engine.describe(sql, &tables, tables.now, &Stop::default())?;
    let columns = description.columns.into_iter();
    let parameters = description.parameters.into_iter();
    Ok((
        columns.map(|column| (column.name, column.r#type)).collect(),
        parameters.map(|found| (found.name, found.r#type)).collect(),
    ))
}

#[track_caller]
fn takes(sql: &str, expected: &[(&str, Type)]) {
    let (_, parameters) = describe(sql).unwrap();
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.clone()))
        .collect();
    assert_eq!(parameters, expected, "{sql}");
}

#[test]
fn types_come_from_where_a_parameter_stands() {
    takes(
        "SELECT region FROM devops.host WHERE region = @region",
        &[("region", Type::Varchar)],
    );
    takes(
        "SELECT region FROM devops.host WHERE time >= @from AND time < @until",
        &[("from", Type::Varchar), ("until", Type::Varchar)],
    );
    takes(
        "SELECT region FROM devops.host WHERE measure_value::double > @least AND region <> @r",
        &[("least", Type::Double), ("r", Type::Varchar)],
    );
    takes("SELECT 1 WHERE @yes OR @yes", &[("yes", Type::Boolean)]);
    takes("SELECT @anything", &[("anything", Type::Varchar)]);
    takes("SELECT 1", &[]);
}

#[test]
fn columns_are_told_as_ever() {
    let (columns, _) = describe("SELECT region, time AS at, @x FROM devops.host").unwrap();
    assert_eq!(
        columns,
        [
            ("region".to_owned(), Type::Varchar),
            ("at".to_owned(), Type::Timestamp),
            ("_col2".to_owned(), Type::Varchar),
        ]
    );
    let (columns, parameters) = describe("SHOW DATABASES").unwrap();
    assert_eq!(columns, [("Database".to_owned(), Type::Varchar)]);
    assert!(parameters.is_empty());
}

#[test]
fn faults_keep_their_places() {
    for (sql, text) in [
        (
            "SELECT nope FROM devops.host WHERE region = @r",
            "line 1:8: Column 'nope' does not exist",
        ),
        (
            "SELECT region FROM devops.nope WHERE region = @r",
            "line 1:20: Table 'devops.nope' does not exist",
        ),
        (
            "SELECT @ FROM devops.host",
            "The query syntax is invalid at line 1:9",
        ),
    ] {
        assert_eq!(
            describe(sql),
            Err(SqlError::Validation(text.to_owned())),
            "{sql}"
        );
    }
    let many: Vec<_> = (0..33).map(|n| format!("@p{n}")).collect();
    let error = describe(&format!("SELECT {}", many.join(", "))).unwrap_err();
    assert!(error.to_string().contains("33 parameters"), "{error}");
}

#[tokio::test]
async fn a_statement_that_is_run_takes_none() {
    let tables = Tables::read();
    let error = tables.run("SELECT @x").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Placeholder '@x' was not provided a value for execution."
    );
}
