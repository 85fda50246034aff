//! Checking a statement without running it.

use crate::{Faults, Operation, Request, Type, query::check_statement, shape::shapes};
use serde::{Deserialize, Serialize};

shapes! {
    /// Checks a statement and tells its columns.
    PrepareQueryRequest {
        /// The statement.
        query_string: Option<String>,
        /// Only `true` is supported, by the service as well.
        validate_only: Option<bool>,
    }

    /// A column of the statement's result.
    SelectColumn {
        /// The name.
        name: Option<String>,
        /// The type.
        r#type: Option<Type>,
        /// The database that the column comes from.
        database_name: Option<String>,
        /// The table that the column comes from.
        table_name: Option<String>,
        /// Whether the statement gave the name.
        aliased: Option<bool>,
    }
}

/// A parameter of the statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ParameterMapping {
    /// The name without its `@`.
    pub name: String,
    /// The type.
    pub r#type: Type,
}

/// What the statement would give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrepareQueryResponse {
    /// The statement as it was sent.
    pub query_string: String,
    /// Its columns.
    pub columns: Vec<SelectColumn>,
    /// Its parameters.
    pub parameters: Vec<ParameterMapping>,
}

impl Request for PrepareQueryRequest {
    const OPERATION: Operation = Operation::PrepareQuery;
    type Response = PrepareQueryResponse;

    fn check(&self, faults: &mut Faults) {
        check_statement(faults, &self.query_string);
    }
}
