#![doc = include_str!("../README.md")]

mod catalog;
mod codec;
mod commit;
mod error;
mod files;
mod flush;
mod head;
mod health;
mod judge;
mod log;
mod options;
mod partition;
mod record;
mod recover;
mod row;
mod scan;
mod schema;
mod shared;
mod snapshot;
mod store;
mod table;
#[cfg(test)]
mod tests;

pub use catalog::{
    Database, Enforcement, PartitionKey, Retention, S3Location, Table, TableSpec, TableUpdate,
};
pub use error::{CatalogError, OpenError, RestoreError, StoreError, WriteError};
pub use options::{Clock, Options};
pub use record::{Measures, Record, Rejected, Rejection, Value, Written};
pub use schema::{Column, ColumnRole, ColumnType, MeasureInfo, MeasureType};
pub use snapshot::TableSnapshot;
pub use store::{Backup, Check, ExportFormat, Exported, ExportedFile, FileFault, Stats, Store};
