//! Databases.

use crate::{
    Empty, EpochSeconds, Faults, Operation, Request, Tag, path::Path, shape::shapes,
    tags::check_tags,
};

shapes! {
    /// A database as the API describes it.
    Database {
        /// `arn:aws:timestream:<region>:<account>:database/<name>`.
        arn: Option<String>,
        /// The name.
        database_name: Option<String>,
        /// How many tables it has.
        table_count: Option<i64>,
        /// The key that the database says it is encrypted with.
        kms_key_id: Option<String>,
        /// When it was created.
        creation_time: Option<EpochSeconds>,
        /// When it was created or last updated.
        last_updated_time: Option<EpochSeconds>,
    }

    /// Creates a database.
    CreateDatabaseRequest {
        /// The name: letters, digits, `_`, `.` and `-`.
        database_name: Option<String>,
        /// The encryption key, kept as a text.
        kms_key_id: Option<String>,
        /// Tags of the new database.
        tags: Option<Vec<Tag>>,
    }

    /// Asks for one database.
    DescribeDatabaseRequest {
        /// The name.
        database_name: Option<String>,
    }

    /// Asks for a page of the databases, in the order of their names.
    ListDatabasesRequest {
        /// Where the page begins: the token of the page before.
        next_token: Option<String>,
        /// The most databases of a page, 1 to 20.
        max_results: Option<i64>,
    }

    /// A page of databases.
    ListDatabasesResponse {
        /// The databases.
        databases: Option<Vec<Database>>,
        /// Present when there are more.
        next_token: Option<String>,
    }

    /// Changes the key of a database.
    UpdateDatabaseRequest {
        /// The name.
        database_name: Option<String>,
        /// The new key.
        kms_key_id: Option<String>,
    }

    /// Deletes a database that has no tables.
    DeleteDatabaseRequest {
        /// The name.
        database_name: Option<String>,
    }

    /// What the operations on one database answer.
    DatabaseResponse {
        /// The database after the operation.
        database: Option<Database>,
    }
}

impl Request for CreateDatabaseRequest {
    const OPERATION: Operation = Operation::CreateDatabase;
    type Response = DatabaseResponse;

    fn check(&self, faults: &mut Faults) {
        check_new_name(faults, "databaseName", &self.database_name);
        check_key(faults, &self.kms_key_id);
        check_tags(faults, &self.tags);
    }
}

impl Request for DescribeDatabaseRequest {
    const OPERATION: Operation = Operation::DescribeDatabase;
    type Response = DatabaseResponse;

    fn check(&self, faults: &mut Faults) {
        faults.required(Path::Root.member("databaseName"), &self.database_name);
    }
}

impl Request for ListDatabasesRequest {
    const OPERATION: Operation = Operation::ListDatabases;
    type Response = ListDatabasesResponse;

    fn check(&self, faults: &mut Faults) {
        check_page(faults, self.max_results);
    }
}

impl Request for UpdateDatabaseRequest {
    const OPERATION: Operation = Operation::UpdateDatabase;
    type Response = DatabaseResponse;

    fn check(&self, faults: &mut Faults) {
        faults.required(Path::Root.member("databaseName"), &self.database_name);
        faults.required(Path::Root.member("kmsKeyId"), &self.kms_key_id);
        check_key(faults, &self.kms_key_id);
    }
}

impl Request for DeleteDatabaseRequest {
    const OPERATION: Operation = Operation::DeleteDatabase;
    type Response = Empty;

    fn check(&self, faults: &mut Faults) {
        faults.required(Path::Root.member("databaseName"), &self.database_name);
    }
}

/// The name of a database or table that is about to be created.
pub(crate) fn check_new_name(faults: &mut Faults, member: &'static str, name: &Option<String>) {
    let at = Path::Root.member(member);
    if let Some(name) = faults.required(at, name) {
        faults.pattern(at, name, "[a-zA-Z0-9_.-]+", |name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        });
    }
}

/// The size of a page of databases or tables.
pub(crate) fn check_page(faults: &mut Faults, max_results: Option<i64>) {
    if let Some(max) = max_results {
        faults.range(Path::Root.member("maxResults"), max, 1, 20);
    }
}

fn check_key(faults: &mut Faults, key: &Option<String>) {
    if let Some(key) = key {
        faults.length(Path::Root.member("kmsKeyId"), key, 1, 2048);
    }
}
