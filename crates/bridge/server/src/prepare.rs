//! Checking a statement without running it.

use tidewatch_wire::{
    ApiError, ParameterMapping, PrepareQueryRequest, PrepareQueryResponse, Request, SelectColumn,
};

use crate::Bridge;
use crate::query::{column_type, describe};

impl Bridge {
    /// Plans a statement and tells its columns and the types that its parameters (`@name`) need.
    pub async fn prepare_query(
        &self,
        request: PrepareQueryRequest,
    ) -> Result<PrepareQueryResponse, ApiError> {
        request.validate()?;
        if request.validate_only == Some(false) {
            return Err(ApiError::validation(
                "ValidateOnly must be true; statements are not kept for later.",
            ));
        }
        let statement = request.query_string.unwrap_or_default();
        let description = describe(&self.shared, &self.caller, statement.clone()).await?;
        let columns = description.columns.iter().map(|column| SelectColumn {
            name: Some(column.name.clone()),
            r#type: Some(column_type(&column.r#type)),
            ..SelectColumn::default()
        });
        let parameters = description
            .parameters
            .into_iter()
            .map(|parameter| ParameterMapping {
                r#type: column_type(&parameter.r#type),
                name: parameter.name,
            });
        Ok(PrepareQueryResponse {
            query_string: statement,
            columns: columns.collect(),
            parameters: parameters.collect(),
        })
    }
}
