//! Databases and tables as callers see them.

/// A database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Case-sensitive name.
    pub name: String,
    /// The key named by the caller; kept, not used.
    pub kms_key_id: Option<String>,
    /// How many tables it holds now.
    pub table_count: usize,
    /// Nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// Nanoseconds since the Unix epoch.
    pub updated_at: i64,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The database it belongs to.
    pub database: String,
    /// Case-sensitive name, unique within the database.
    pub name: String,
    /// How long rows are kept.
    pub retention: Retention,
    /// Whether rows older than the memory-store retention are accepted.
    pub magnetic_writes: bool,
    /// Where Timestream would report refused late rows; kept, not used.
    pub magnetic_rejected_location: Option<S3Location>,
    /// The partition key.
    pub partition_key: PartitionKey,
    /// Nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// Nanoseconds since the Unix epoch.
    pub updated_at: i64,
}

/// How long rows are kept; both spans count one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Hours in the memory store, 1 to 8766.
    pub memory_hours: u32,
    /// Days in the magnetic store after that, 1 to 73000.
    pub magnetic_days: u32,
}

impl Default for Retention {
    /// Timestream's own: 6 hours and 73000 days.
    fn default() -> Self {
        Retention {
            memory_hours: 6,
            magnetic_days: 73_000,
        }
    }
}

/// A place in S3.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct S3Location {
    /// Bucket name.
    pub bucket_name: Option<String>,
    /// Prefix of the object keys.
    pub object_key_prefix: Option<String>,
    /// `SSE_S3` or `SSE_KMS`.
    pub encryption_option: Option<String>,
    /// Key for `SSE_KMS`.
    pub kms_key_id: Option<String>,
}

/// What a table is partitioned by. Type and name never change; enforcement may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PartitionKey {
    /// By measure name, Timestream's default.
    #[default]
    Measure,
    /// By a dimension.
    Dimension {
        /// Name of the dimension.
        name: String,
        /// Whether a record may lack it.
        enforcement: Enforcement,
    },
}

/// Whether every record must carry the partition key's dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enforcement {
    /// A record without it is rejected.
    Required,
    /// A record may lack it.
    Optional,
}

/// What a new table shall be; the default is Timestream's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableSpec {
    /// How long rows are kept.
    pub retention: Retention,
    /// Whether rows older than the memory-store retention are accepted.
    pub magnetic_writes: bool,
    /// Where Timestream would report refused late rows; kept, not used.
    pub magnetic_rejected_location: Option<S3Location>,
    /// The partition key.
    pub partition_key: PartitionKey,
}

/// Changes to a table; `None` leaves a property as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableUpdate {
    /// New retention.
    pub retention: Option<Retention>,
    /// New answer to whether late rows are accepted.
    pub magnetic_writes: Option<bool>,
    /// New location of reports on refused late rows; `Some(None)` removes it.
    pub magnetic_rejected_location: Option<Option<S3Location>>,
    /// Must name the table's own key; only the enforcement may differ.
    pub partition_key: Option<PartitionKey>,
}
