//! Cancelling.

use std::sync::atomic::Ordering;

use tidewatch_wire::{ApiError, CancelQueryRequest, CancelQueryResponse, Request};

use crate::Bridge;

impl Bridge {
    /// Stops a statement and lets go of its result. Cancelling again says so; a query that was
    /// read to its end, or that never was, cannot be cancelled.
    pub async fn cancel_query(
        &self,
        request: CancelQueryRequest,
    ) -> Result<CancelQueryResponse, ApiError> {
        request.validate()?;
        let id = request.query_id.unwrap_or_default();
        let cursor = self.shared.cursors.get(&id, self.shared.clock.now());
        let Some(cursor) = cursor.filter(|cursor| cursor.belongs_to(&self.caller)) else {
            return Err(ApiError::validation(format!(
                "The query {id} has completed already, or does not exist."
            )));
        };
        let message = match cursor.cancel().await {
            true => {
                self.shared
                    .metrics
                    .queries_cancelled
                    .fetch_add(1, Ordering::Relaxed);
                format!("The query {id} has been cancelled.")
            }
            false => format!("The query {id} had been cancelled before."),
        };
        Ok(CancelQueryResponse {
            cancellation_message: Some(message),
        })
    }
}
