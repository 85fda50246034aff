//! The shapes of the Amazon Timestream Write and Query APIs, version 2018-11-01, in the AWS JSON
//! 1.0 protocol: one request and one response type for each operation, the errors, and the
//! constraints that the service's model puts on the members of a request.
//!
//! Every member of a request is an `Option`, because the protocol lets a client leave any member
//! out or send `null` for it; [`Request::validate`] then says what is missing. Absent members of a
//! response are left out of the JSON.

mod account;
mod cancel;
mod closed_set;
mod database;
mod endpoints;
mod error;
mod faults;
mod operation;
mod path;
mod prepare;
mod query;
mod record;
mod request;
mod result;
mod shape;
mod table;
mod tags;
mod time;
mod write;

pub use account::{
    AccountSettings, ComputeMode, DescribeAccountSettingsRequest, ProvisionedCapacity,
    QueryCompute, QueryPricingModel, UpdateAccountSettingsRequest,
};
pub use cancel::{CancelQueryRequest, CancelQueryResponse};
pub use database::{
    CreateDatabaseRequest, Database, DatabaseResponse, DeleteDatabaseRequest,
    DescribeDatabaseRequest, ListDatabasesRequest, ListDatabasesResponse, UpdateDatabaseRequest,
};
pub use endpoints::{DescribeEndpointsRequest, DescribeEndpointsResponse, Endpoint};
pub use error::{ApiError, ErrorCode};
pub use faults::Faults;
pub use operation::{Operation, TARGET_PREFIX};
pub use prepare::{ParameterMapping, PrepareQueryRequest, PrepareQueryResponse, SelectColumn};
pub use query::{QueryInsights, QueryInsightsMode, QueryRequest, QueryResponse, QueryStatus};
pub use record::{Dimension, DimensionValueType, MeasureValue, MeasureValueType, Record, TimeUnit};
pub use request::{Empty, Request};
pub use result::{ColumnInfo, Datum, Row, ScalarType, TimeSeriesDataPoint, Type};
pub use table::{
    CreateTableRequest, DeleteTableRequest, DescribeTableRequest, EnforcementLevel,
    ListTablesRequest, ListTablesResponse, MagneticStoreRejectedDataLocation,
    MagneticStoreWriteProperties, PartitionKey, PartitionKeyType, RetentionProperties,
    S3Configuration, S3EncryptionOption, Schema, Table, TableResponse, TableStatus,
    UpdateTableRequest,
};
pub use tags::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest,
    UntagResourceRequest,
};
pub use time::EpochSeconds;
pub use write::{RecordsIngested, RejectedRecord, WriteRecordsRequest, WriteRecordsResponse};
