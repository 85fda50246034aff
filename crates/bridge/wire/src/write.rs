//! Writing records.

use crate::{Faults, Operation, Record, Request, path::Path, shape::shapes, table::check_names};
use serde::{Deserialize, Serialize};

shapes! {
    /// Writes up to 100 records into a table.
    WriteRecordsRequest {
        /// The database.
        database_name: Option<String>,
        /// The table.
        table_name: Option<String>,
        /// Members that all records share; a record's own members win, dimensions add up.
        common_attributes: Option<Record>,
        /// 1 to 100 records.
        records: Option<Vec<Record>>,
    }

    /// The answer when every record was accepted.
    WriteRecordsResponse {
        /// How many went where.
        records_ingested: Option<RecordsIngested>,
    }
}

/// How many records of a request were stored, and where the service would have put them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordsIngested {
    /// All of them.
    pub total: i64,
    /// Those within the retention of the memory store.
    pub memory_store: i64,
    /// The older ones.
    pub magnetic_store: i64,
}

/// A record that was refused while others of its request were stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RejectedRecord {
    /// Its place in the request, from zero.
    pub record_index: i64,
    /// Why.
    pub reason: String,
    /// The version that is stored, when the versions were the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub existing_version: Option<i64>,
}

impl Request for WriteRecordsRequest {
    const OPERATION: Operation = Operation::WriteRecords;
    type Response = WriteRecordsResponse;

    fn check(&self, faults: &mut Faults) {
        check_names(faults, &self.database_name, &self.table_name);
        if let Some(common) = &self.common_attributes {
            common.check(faults, Path::Root.member("commonAttributes"));
        }
        let at = Path::Root.member("records");
        if let Some(records) = faults.required(at, &self.records) {
            faults.items(at, records, 1, 100);
            for (index, record) in records.iter().enumerate() {
                record.check(faults, at.item(index));
            }
        }
    }
}
