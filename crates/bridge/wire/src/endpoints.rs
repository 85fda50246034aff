//! Endpoint discovery.

use crate::{Faults, Operation, Request, shape::shapes};
use serde::{Deserialize, Serialize};

shapes! {
    /// Asks which endpoint to use for the other operations.
    DescribeEndpointsRequest {}
}

/// The endpoints to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeEndpointsResponse {
    /// One is enough.
    pub endpoints: Vec<Endpoint>,
}

/// An endpoint and for how long it may be remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoint {
    /// A host, or a URL.
    pub address: String,
    /// Minutes until the client has to ask again.
    pub cache_period_in_minutes: i64,
}

impl Request for DescribeEndpointsRequest {
    const OPERATION: Operation = Operation::DescribeEndpoints;
    type Response = DescribeEndpointsResponse;

    fn check(&self, _: &mut Faults) {}
}
