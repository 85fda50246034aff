//! Checking a statement without reading its result.

use tidewatch_wire::{ApiError, PrepareQueryRequest, PrepareQueryResponse, Request, SelectColumn};

use crate::Bridge;
use crate::query::{Event, start};

impl Bridge {
    /// Plans a statement and tells its columns. Statements with parameters fail as they do in
    /// [`Bridge::query`].
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
        // Dropping the events stops the statement before it has read much.
        let columns = match start(&self.shared, &self.caller, statement.clone())
            .recv()
            .await
        {
            Some(Ok(Event::Started { columns, .. })) => columns,
            Some(Err(error)) => return Err(error),
            _ => return Err(ApiError::internal()),
        };
        let columns = columns
            .into_iter()
            .map(|column| SelectColumn {
                name: column.name,
                r#type: Some(column.r#type),
                ..SelectColumn::default()
            })
            .collect();
        Ok(PrepareQueryResponse {
            query_string: statement,
            columns,
            parameters: Vec::new(),
        })
    }
}
