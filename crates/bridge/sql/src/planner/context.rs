//! The tables and functions that one statement sees.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Result, TableReference, plan_err};
use datafusion::config::ConfigOptions;
use datafusion::functions_aggregate::planner::AggregateFunctionPlanner;
use datafusion::functions_window::planner::WindowFunctionPlanner;
use datafusion::logical_expr::planner::{
    ContextProvider, ExprPlanner, RelationPlanner, TypePlanner,
};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, TableSource, WindowUDF};

use super::expressions::Expressions;
use super::operators::Operators;
use super::types::Types;
use super::unnest::UnnestJoins;
use super::using::NamedJoins;
use crate::functions::{registry, statement_functions};
use crate::stop::Stop;

/// Everything that a statement can name. There is nothing else: no files, no variables, no
/// functions of DataFusion that the registry does not list.
pub(crate) struct StatementContext {
    tables: HashMap<(String, String), Arc<dyn TableSource>>,
    statement_functions: HashMap<String, Arc<ScalarUDF>>,
    options: ConfigOptions,
    expression_planners: Vec<Arc<dyn ExprPlanner>>,
    relation_planners: Vec<Arc<dyn RelationPlanner>>,
}

impl StatementContext {
    /// A context with these tables by database and name, for a statement that starts at `now`.
    pub(crate) fn new(
        tables: HashMap<(String, String), Arc<dyn TableSource>>,
        options: ConfigOptions,
        now: i64,
    ) -> Self {
        let functions = statement_functions(now);
        Self {
            tables,
            statement_functions: functions.map(|f| (f.name().to_owned(), f)).collect(),
            options,
            expression_planners: vec![
                Arc::new(Operators),
                Arc::new(Expressions),
                Arc::new(AggregateFunctionPlanner),
                Arc::new(WindowFunctionPlanner),
            ],
            relation_planners: vec![Arc::new(UnnestJoins), Arc::new(NamedJoins)],
        }
    }
}

impl ContextProvider for StatementContext {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        Stop::check(&self.options)?;
        let key = (
            name.schema().unwrap_or_default().to_owned(),
            name.table().to_owned(),
        );
        match self.tables.get(&key) {
            Some(table) => Ok(Arc::clone(table)),
            None => plan_err!("Table '{name}' does not exist"),
        }
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.expression_planners
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        &self.relation_planners
    }

    fn get_type_planner(&self) -> Option<Arc<dyn TypePlanner>> {
        Some(Arc::new(Types))
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.statement_functions
            .get(name)
            .cloned()
            .or_else(|| registry().scalar(name))
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        registry().higher_order(name)
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        registry().aggregate(name)
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        registry().window(name)
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        &self.options
    }

    fn udf_names(&self) -> Vec<String> {
        vec![]
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        vec![]
    }

    fn udaf_names(&self) -> Vec<String> {
        vec![]
    }

    fn udwf_names(&self) -> Vec<String> {
        vec![]
    }
}
