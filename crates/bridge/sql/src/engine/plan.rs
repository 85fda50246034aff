//! From a parsed query to a running plan.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use datafusion::common::{Column as PlanColumn, DataFusionError, SchemaError};
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::planner::ContextProvider;
use datafusion::logical_expr::{LogicalPlan, TableSource};
use datafusion::physical_plan::execute_stream;
use datafusion::sql::planner::{ParserOptions, SqlToRel};
use datafusion::sql::sqlparser::ast::{Query, Statement};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::find_table;
use crate::error::{at_optimizing, at_planning, at_run_time};
use crate::planner::{StatementContext, check_extremes, check_set_operations, check_sorts};
use crate::rewrite::{check, check_having, correct, display_name, find, rewrite, table_references};
use crate::shapes::{type_name, type_of};
use crate::{Catalog, Column, Execution, SqlError, Stop};

/// How many misspelt columns are corrected before giving up.
const MOST_CORRECTIONS: usize = 256;

/// The columns and the optimised plan of a query.
pub(super) fn prepare(
    state: &SessionState,
    mut query: Query,
    catalog: &dyn Catalog,
    now: i64,
) -> Result<(Vec<Column>, LogicalPlan), SqlError> {
    check(&query)?;
    check_having(&query)?;
    let tables = tables(&mut query, catalog)?;
    let written = query.clone();
    rewrite(&mut query)?;
    let context = StatementContext::new(tables, state.config_options().as_ref().clone(), now);
    let plan = plan(&context, query, &written)?;
    check_set_operations(&plan)?;
    check_extremes(&plan)?;
    let names = names(&plan);
    let plan = state
        .optimize(&plan)
        .map_err(|error| at_optimizing(&error, &written))?;
    // Only now all types are settled, such as that of a UNION of integers and doubles.
    let columns = columns(names, &plan)?;
    Ok((columns, plan))
}

/// Starts an optimised plan.
pub(super) async fn start(
    state: &SessionState,
    columns: Vec<Column>,
    plan: &LogicalPlan,
) -> Result<Execution, SqlError> {
    let physical = state
        .create_physical_plan(plan)
        .await
        .map_err(|error| at_run_time(&error))?;
    let stream =
        execute_stream(physical.clone(), state.task_ctx()).map_err(|error| at_run_time(&error))?;
    Ok(Execution::data(columns, stream, physical))
}

type Tables = HashMap<(String, String), Arc<dyn TableSource>>;

fn tables(query: &mut Query, catalog: &dyn Catalog) -> Result<Tables, SqlError> {
    let mut tables = Tables::new();
    for name in table_references(query)? {
        let key = (name.database, name.table);
        if let Entry::Vacant(entry) = tables.entry(key) {
            let (database, table) = entry.key();
            let source = find_table(catalog, database, table, name.at)?;
            entry.insert(provider_as_source(source.provider));
        }
    }
    Ok(tables)
}

/// Plans the query, correcting the case of column names on the way.
fn plan(
    context: &StatementContext,
    mut query: Query,
    written: &Query,
) -> Result<LogicalPlan, SqlError> {
    let options = ParserOptions::new()
        .with_enable_ident_normalization(false)
        .with_collect_spans(true)
        .with_default_null_ordering(datafusion::sql::planner::NullOrdering::NullsLast);
    let planner = SqlToRel::new_with_options(context, options);
    for _ in 0..MOST_CORRECTIONS {
        Stop::check(context.options()).map_err(|error| at_planning(&error, written))?;
        let statement = Statement::Query(Box::new(query.clone()));
        let planned = planner.sql_statement_to_plan(statement);
        let error = match planned.and_then(|plan| check_sorts(&plan).map(|()| plan)) {
            Ok(plan) => return Ok(plan),
            Err(error) => error,
        };
        let Some((column, scope)) = unknown_column(&error) else {
            return Err(at_planning(&error, written));
        };
        let at = place_of(&error).or_else(|| find(&query, column));
        if !at.is_some_and(|at| correct(&mut query, at, column, scope)) {
            return Err(at_planning(&error, written));
        }
    }
    Err(SqlError::Validation(
        "too many column names in another case than the table's".to_owned(),
    ))
}

/// The column that the planner did not find, and those in its scope.
fn unknown_column(error: &DataFusionError) -> Option<(&PlanColumn, &[PlanColumn])> {
    match error.find_root() {
        DataFusionError::SchemaError(error, _) => match error.as_ref() {
            SchemaError::FieldNotFound {
                field,
                valid_fields,
            } => Some((field, valid_fields)),
            _ => None,
        },
        _ => None,
    }
}

fn place_of(error: &DataFusionError) -> Option<Location> {
    let start = error.diagnostic()?.span?.start;
    Some(Location {
        line: start.line,
        column: start.column,
    })
}

fn names(plan: &LogicalPlan) -> Vec<String> {
    let fields = plan.schema().fields().iter().enumerate();
    fields
        .map(|(position, field)| display_name(field.name(), position))
        .collect()
}

fn columns(names: Vec<String>, plan: &LogicalPlan) -> Result<Vec<Column>, SqlError> {
    names
        .into_iter()
        .zip(plan.schema().fields())
        .map(|(name, field)| {
            match type_of(field.data_type()) {
                Some(r#type) => Ok(Column { name, r#type }),
                // The Query API has no form for maps.
                None => Err(SqlError::Validation(format!(
                    "Column '{name}' has the type {}, which a result cannot hold; select \
                     CAST(... AS JSON), map_entries(...) or single values of it",
                    type_name(field.data_type())
                ))),
            }
        })
        .collect()
}
