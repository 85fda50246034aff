//! From the name of an operation to the method.

use http::header;
use http::request::Parts;
use serde::Serialize;
use tidewatch_wire::{ApiError, DescribeEndpointsRequest, Operation, Request};

use super::text;
use crate::auth::{self, Guarded};
use crate::{Bridge, failure};

/// Runs an operation on a request body; gives the body of the answer.
pub(super) async fn dispatch(
    bridge: &Bridge,
    operation: Operation,
    parts: &Parts,
    body: &[u8],
) -> Result<Vec<u8>, ApiError> {
    match operation {
        Operation::WriteRecords => run(bridge, body, |request| bridge.write_records(request)).await,
        Operation::Query => run(bridge, body, |request| bridge.query(request)).await,
        Operation::CancelQuery => run(bridge, body, |request| bridge.cancel_query(request)).await,
        Operation::PrepareQuery => run(bridge, body, |request| bridge.prepare_query(request)).await,
        Operation::CreateDatabase => {
            run(bridge, body, |request| bridge.create_database(request)).await
        }
        Operation::DescribeDatabase => {
            run(bridge, body, |request| bridge.describe_database(request)).await
        }
        Operation::ListDatabases => {
            run(bridge, body, |request| bridge.list_databases(request)).await
        }
        Operation::UpdateDatabase => {
            run(bridge, body, |request| bridge.update_database(request)).await
        }
        Operation::DeleteDatabase => {
            run(bridge, body, |request| bridge.delete_database(request)).await
        }
        Operation::CreateTable => run(bridge, body, |request| bridge.create_table(request)).await,
        Operation::DescribeTable => {
            run(bridge, body, |request| bridge.describe_table(request)).await
        }
        Operation::ListTables => run(bridge, body, |request| bridge.list_tables(request)).await,
        Operation::UpdateTable => run(bridge, body, |request| bridge.update_table(request)).await,
        Operation::DeleteTable => run(bridge, body, |request| bridge.delete_table(request)).await,
        Operation::TagResource => run(bridge, body, |request| bridge.tag_resource(request)).await,
        Operation::UntagResource => {
            run(bridge, body, |request| bridge.untag_resource(request)).await
        }
        Operation::ListTagsForResource => {
            run(bridge, body, |request| {
                bridge.list_tags_for_resource(request)
            })
            .await
        }
        Operation::DescribeAccountSettings => {
            run(bridge, body, |request| {
                bridge.describe_account_settings(request)
            })
            .await
        }
        Operation::UpdateAccountSettings => {
            run(bridge, body, |request| {
                bridge.update_account_settings(request)
            })
            .await
        }
        Operation::DescribeEndpoints => {
            DescribeEndpointsRequest::parse(body)?;
            let host = auth::host_of(parts);
            json(
                &bridge
                    .describe_endpoints(host, text(&parts.headers, header::USER_AGENT))
                    .await?,
            )
        }
        Operation::CreateBatchLoadTask
        | Operation::DescribeBatchLoadTask
        | Operation::ListBatchLoadTasks
        | Operation::ResumeBatchLoadTask => {
            Err(unsupported(operation, "batch loads", "WriteRecords"))
        }
        Operation::CreateScheduledQuery
        | Operation::DescribeScheduledQuery
        | Operation::ListScheduledQueries
        | Operation::UpdateScheduledQuery
        | Operation::DeleteScheduledQuery
        | Operation::ExecuteScheduledQuery => {
            Err(unsupported(operation, "scheduled queries", "Query"))
        }
    }
}

/// Reads a request and answers it, if the caller may make it.
async fn run<R, F>(
    bridge: &Bridge,
    body: &[u8],
    method: impl FnOnce(R) -> F,
) -> Result<Vec<u8>, ApiError>
where
    R: Guarded,
    F: Future<Output = Result<R::Response, ApiError>>,
{
    let request = R::parse(body)?;
    bridge
        .caller
        .permit(R::OPERATION, &request.target(), bridge.settings())?;
    json(&method(request).await?)
}

fn json(response: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(response)
        .map_err(|error| failure::internal(&error, "an answer could not be written as JSON"))
}

fn unsupported(operation: Operation, what: &str, instead: &str) -> ApiError {
    ApiError::validation(format!(
        "{operation} is not supported: this server has no {what}; use {instead} instead."
    ))
}
