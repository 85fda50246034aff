//! Cancelling a query.

use crate::{Faults, Operation, Request, path::Path, shape::shapes};

shapes! {
    /// Cancels a query.
    CancelQueryRequest {
        /// The id that the query's pages carry.
        query_id: Option<String>,
    }

    /// What became of it.
    CancelQueryResponse {
        /// A sentence.
        cancellation_message: Option<String>,
    }
}

impl Request for CancelQueryRequest {
    const OPERATION: Operation = Operation::CancelQuery;
    type Response = CancelQueryResponse;

    fn check(&self, faults: &mut Faults) {
        let at = Path::Root.member("queryId");
        if let Some(id) = faults.required(at, &self.query_id) {
            faults.length(at, id, 1, 64);
            faults.pattern(at, id, "[a-zA-Z0-9]+", |id| {
                id.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        }
    }
}
