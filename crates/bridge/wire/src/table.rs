//! Tables.

use crate::{
    Empty, EpochSeconds, Faults, Operation, Request, Tag,
    closed_set::closed_set,
    database::{check_new_name, check_page},
    path::Path,
    shape::shapes,
    tags::check_tags,
};

closed_set! {
    /// What a table can be used for.
    TableStatus {
        /// Ready.
        Active = "ACTIVE",
        /// Going away.
        Deleting = "DELETING",
        /// Coming back from a backup.
        Restoring = "RESTORING",
    }
}

closed_set! {
    /// What a table is partitioned by.
    PartitionKeyType {
        /// By the value of one dimension.
        Dimension = "DIMENSION",
        /// By the measure name.
        Measure = "MEASURE",
    }
}

closed_set! {
    /// Whether a record must have the dimension of the partition key.
    EnforcementLevel {
        /// A record without it is rejected.
        Required = "REQUIRED",
        /// It may be absent.
        Optional = "OPTIONAL",
    }
}

closed_set! {
    /// How a report in S3 is encrypted.
    S3EncryptionOption {
        /// With a key of S3.
        SseS3 = "SSE_S3",
        /// With a key of KMS.
        SseKms = "SSE_KMS",
    }
}

shapes! {
    /// How long rows are kept. The model requires both members together.
    RetentionProperties {
        /// Hours in which new rows are taken into the memory store, 1 to 8766.
        memory_store_retention_period_in_hours: Option<i64>,
        /// Days for which rows are kept, 1 to 73000.
        magnetic_store_retention_period_in_days: Option<i64>,
    }

    /// What happens to rows that are older than the memory store keeps.
    MagneticStoreWriteProperties {
        /// Whether they are taken at all.
        enable_magnetic_store_writes: Option<bool>,
        /// Where the service reports rows that it rejects later.
        magnetic_store_rejected_data_location: Option<MagneticStoreRejectedDataLocation>,
    }

    /// Where the service reports late rejections. Kept and described, never written to by this
    /// server: it rejects in the answer.
    MagneticStoreRejectedDataLocation {
        /// A place in S3.
        s3_configuration: Option<S3Configuration>,
    }

    /// A place in S3.
    S3Configuration {
        /// The bucket.
        bucket_name: Option<String>,
        /// What the names of the objects begin with.
        object_key_prefix: Option<String>,
        /// How they are encrypted.
        encryption_option: Option<S3EncryptionOption>,
        /// With which key.
        kms_key_id: Option<String>,
    }

    /// The partition key of a table.
    Schema {
        /// One key.
        composite_partition_key: Option<Vec<PartitionKey>>,
    }

    /// One part of a partition key.
    PartitionKey {
        /// What it is made of.
        r#type: Option<PartitionKeyType>,
        /// The dimension's name, for `DIMENSION` only.
        name: Option<String>,
        /// Whether a record must have it, for `DIMENSION` only.
        enforcement_in_record: Option<EnforcementLevel>,
    }

    /// A table as the API describes it.
    Table {
        /// `arn:aws:timestream:<region>:<account>:database/<database>/table/<name>`.
        arn: Option<String>,
        /// The name.
        table_name: Option<String>,
        /// The database.
        database_name: Option<String>,
        /// Always `ACTIVE` here.
        table_status: Option<TableStatus>,
        /// How long rows are kept.
        retention_properties: Option<RetentionProperties>,
        /// When it was created.
        creation_time: Option<EpochSeconds>,
        /// When it was created or last updated.
        last_updated_time: Option<EpochSeconds>,
        /// Late rows.
        magnetic_store_write_properties: Option<MagneticStoreWriteProperties>,
        /// The partition key.
        schema: Option<Schema>,
    }

    /// Creates a table.
    CreateTableRequest {
        /// The database.
        database_name: Option<String>,
        /// The name: letters, digits, `_`, `.` and `-`.
        table_name: Option<String>,
        /// How long rows are kept; 6 hours and 73000 days when absent.
        retention_properties: Option<RetentionProperties>,
        /// Tags of the new table.
        tags: Option<Vec<Tag>>,
        /// Late rows; refused when absent.
        magnetic_store_write_properties: Option<MagneticStoreWriteProperties>,
        /// The partition key; the measure name when absent.
        schema: Option<Schema>,
    }

    /// Asks for one table.
    DescribeTableRequest {
        /// The database.
        database_name: Option<String>,
        /// The name.
        table_name: Option<String>,
    }

    /// Asks for a page of the tables, in the order of their databases and names.
    ListTablesRequest {
        /// The database; all databases when absent.
        database_name: Option<String>,
        /// Where the page begins: the token of the page before.
        next_token: Option<String>,
        /// The most tables of a page, 1 to 20.
        max_results: Option<i64>,
    }

    /// A page of tables.
    ListTablesResponse {
        /// The tables.
        tables: Option<Vec<Table>>,
        /// Present when there are more.
        next_token: Option<String>,
    }

    /// Changes a table; absent members stay as they are.
    UpdateTableRequest {
        /// The database.
        database_name: Option<String>,
        /// The name.
        table_name: Option<String>,
        /// How long rows are kept.
        retention_properties: Option<RetentionProperties>,
        /// Late rows.
        magnetic_store_write_properties: Option<MagneticStoreWriteProperties>,
        /// The partition key, of which only the enforcement may change.
        schema: Option<Schema>,
    }

    /// Deletes a table with its rows.
    DeleteTableRequest {
        /// The database.
        database_name: Option<String>,
        /// The name.
        table_name: Option<String>,
    }

    /// What the operations on one table answer.
    TableResponse {
        /// The table after the operation.
        table: Option<Table>,
    }
}

impl Request for CreateTableRequest {
    const OPERATION: Operation = Operation::CreateTable;
    type Response = TableResponse;

    fn check(&self, faults: &mut Faults) {
        check_new_name(faults, "databaseName", &self.database_name);
        check_new_name(faults, "tableName", &self.table_name);
        check_tags(faults, &self.tags);
        check_retention(faults, &self.retention_properties);
        check_magnetic(faults, &self.magnetic_store_write_properties);
        check_schema(faults, &self.schema);
    }
}

impl Request for DescribeTableRequest {
    const OPERATION: Operation = Operation::DescribeTable;
    type Response = TableResponse;

    fn check(&self, faults: &mut Faults) {
        check_names(faults, &self.database_name, &self.table_name);
    }
}

impl Request for ListTablesRequest {
    const OPERATION: Operation = Operation::ListTables;
    type Response = ListTablesResponse;

    fn check(&self, faults: &mut Faults) {
        check_page(faults, self.max_results);
    }
}

impl Request for UpdateTableRequest {
    const OPERATION: Operation = Operation::UpdateTable;
    type Response = TableResponse;

    fn check(&self, faults: &mut Faults) {
        check_names(faults, &self.database_name, &self.table_name);
        check_retention(faults, &self.retention_properties);
        check_magnetic(faults, &self.magnetic_store_write_properties);
        check_schema(faults, &self.schema);
    }
}

impl Request for DeleteTableRequest {
    const OPERATION: Operation = Operation::DeleteTable;
    type Response = Empty;

    fn check(&self, faults: &mut Faults) {
        check_names(faults, &self.database_name, &self.table_name);
    }
}

/// The names of a table that must exist already, so their characters do not matter.
pub(crate) fn check_names(faults: &mut Faults, database: &Option<String>, table: &Option<String>) {
    faults.required(Path::Root.member("databaseName"), database);
    faults.required(Path::Root.member("tableName"), table);
}

fn check_retention(faults: &mut Faults, retention: &Option<RetentionProperties>) {
    let Some(retention) = retention else { return };
    let at = Path::Root.member("retentionProperties");
    let hours = at.member("memoryStoreRetentionPeriodInHours");
    if let Some(value) = faults.required(hours, &retention.memory_store_retention_period_in_hours) {
        faults.range(hours, *value, 1, 8766);
    }
    let days = at.member("magneticStoreRetentionPeriodInDays");
    if let Some(value) = faults.required(days, &retention.magnetic_store_retention_period_in_days) {
        faults.range(days, *value, 1, 73_000);
    }
}

fn check_magnetic(faults: &mut Faults, properties: &Option<MagneticStoreWriteProperties>) {
    let Some(properties) = properties else { return };
    let at = Path::Root.member("magneticStoreWriteProperties");
    faults.required(
        at.member("enableMagneticStoreWrites"),
        &properties.enable_magnetic_store_writes,
    );
    let s3 = properties
        .magnetic_store_rejected_data_location
        .as_ref()
        .and_then(|location| location.s3_configuration.as_ref());
    if let Some(s3) = s3 {
        let at = at.member("magneticStoreRejectedDataLocation");
        let at = at.member("s3Configuration");
        if let Some(bucket) = &s3.bucket_name {
            faults.length(at.member("bucketName"), bucket, 3, 63);
        }
        if let Some(prefix) = &s3.object_key_prefix {
            faults.length(at.member("objectKeyPrefix"), prefix, 1, 928);
        }
        faults.one_of(at.member("encryptionOption"), &s3.encryption_option);
        if let Some(key) = &s3.kms_key_id {
            faults.length(at.member("kmsKeyId"), key, 1, 2048);
        }
    }
}

fn check_schema(faults: &mut Faults, schema: &Option<Schema>) {
    let Some(keys) = schema
        .as_ref()
        .and_then(|schema| schema.composite_partition_key.as_ref())
    else {
        return;
    };
    let at = Path::Root.member("schema");
    let at = at.member("compositePartitionKey");
    faults.items(at, keys, 1, usize::MAX);
    for (index, key) in keys.iter().enumerate() {
        let at = at.item(index);
        faults.required(at.member("type"), &key.r#type);
        faults.one_of(at.member("type"), &key.r#type);
        if let Some(name) = &key.name {
            faults.length(at.member("name"), name, 1, usize::MAX);
        }
        faults.one_of(at.member("enforcementInRecord"), &key.enforcement_in_record);
    }
}
