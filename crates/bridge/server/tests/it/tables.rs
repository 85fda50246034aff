//! Tables.

use serde_json::{Value, json};

use super::server::Server;

fn described(name: &str) -> Value {
    json!({
        "Arn": format!("arn:aws:timestream:us-east-1:000000000000:database/db/table/{name}"),
        "TableName": name,
        "DatabaseName": "db",
        "TableStatus": "ACTIVE",
        "RetentionProperties":
            {"MemoryStoreRetentionPeriodInHours": 6, "MagneticStoreRetentionPeriodInDays": 73000},
        "CreationTime": 1772366400.0,
        "LastUpdatedTime": 1772366400.0,
        "MagneticStoreWriteProperties": {"EnableMagneticStoreWrites": false},
        "Schema": {"CompositePartitionKey": [{"Type": "MEASURE"}]},
    })
}

async fn server() -> Server {
    let server = Server::start().await;
    server
        .ok("CreateDatabase", json!({"DatabaseName": "db"}))
        .await;
    server
}

#[tokio::test]
async fn a_plain_table_has_the_defaults() {
    let server = server().await;
    let names = json!({"DatabaseName": "db", "TableName": "plain"});
    let created = server.ok("CreateTable", names.clone()).await;
    assert_eq!(created, json!({"Table": described("plain")}));
    assert_eq!(server.ok("DescribeTable", names).await, created);
}

#[tokio::test]
async fn every_property_is_described_as_it_was_set() {
    let server = server().await;
    let properties = json!({
        "DatabaseName": "db", "TableName": "full",
        "RetentionProperties":
            {"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 400},
        "MagneticStoreWriteProperties": {
            "EnableMagneticStoreWrites": true,
            "MagneticStoreRejectedDataLocation": {"S3Configuration":
                {"BucketName": "bucket", "ObjectKeyPrefix": "late", "EncryptionOption": "SSE_S3"}},
        },
        "Schema": {"CompositePartitionKey":
            [{"Type": "DIMENSION", "Name": "monitor_id", "EnforcementInRecord": "REQUIRED"}]},
    });
    let created = server.ok("CreateTable", properties.clone()).await;
    let mut expected = described("full");
    for member in [
        "RetentionProperties",
        "MagneticStoreWriteProperties",
        "Schema",
    ] {
        expected[member] = properties[member].clone();
    }
    assert_eq!(created, json!({"Table": expected}));
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let server = server().await;
    let key = |enforcement: &str| {
        json!({"CompositePartitionKey":
            [{"Type": "DIMENSION", "Name": "host", "EnforcementInRecord": enforcement}]})
    };
    let names = json!({"DatabaseName": "db", "TableName": "t"});
    let mut create = names.clone();
    create["Schema"] = key("OPTIONAL");
    server.ok("CreateTable", create).await;
    let mut expected = described("t");

    server.clock.advance_seconds(1);
    let mut update = names.clone();
    update["Schema"] = key("REQUIRED");
    expected["Schema"] = key("REQUIRED");
    expected["LastUpdatedTime"] = json!(1772366401.0);
    assert_eq!(
        server.ok("UpdateTable", update).await,
        json!({"Table": expected})
    );

    let mut update = names.clone();
    update["MagneticStoreWriteProperties"] = json!({"EnableMagneticStoreWrites": true});
    expected["MagneticStoreWriteProperties"] = json!({"EnableMagneticStoreWrites": true});
    assert_eq!(
        server.ok("UpdateTable", update).await,
        json!({"Table": expected})
    );

    let mut update = names;
    update["RetentionProperties"] =
        json!({"MemoryStoreRetentionPeriodInHours": 1, "MagneticStoreRetentionPeriodInDays": 2});
    expected["RetentionProperties"] = update["RetentionProperties"].clone();
    assert_eq!(
        server.ok("UpdateTable", update).await,
        json!({"Table": expected})
    );
}

#[tokio::test]
async fn partition_keys_that_make_no_sense_are_refused() {
    let server = server().await;
    let cases = [
        (
            json!([{"Type": "DIMENSION"}]),
            "A partition key of type DIMENSION needs the Name of the dimension.",
        ),
        (
            json!([{"Type": "MEASURE", "Name": "x"}]),
            "A partition key of type MEASURE takes no Name.",
        ),
        (
            json!([{"Type": "MEASURE"}, {"Type": "DIMENSION", "Name": "x"}]),
            "A table can have one partition key only; name a single one.",
        ),
    ];
    for (keys, message) in cases {
        let table = json!({"DatabaseName": "db", "TableName": "t", "Schema": {"CompositePartitionKey": keys}});
        server
            .fails("CreateTable", table, "ValidationException", message)
            .await;
    }
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let server = server().await;
    let not_found = "ResourceNotFoundException";
    for operation in ["DescribeTable", "DeleteTable", "UpdateTable"] {
        let table = json!({"DatabaseName": "db", "TableName": "x"});
        server
            .fails(
                operation,
                table,
                not_found,
                "The table x does not exist in the database db.",
            )
            .await;
        let database = json!({"DatabaseName": "nodb", "TableName": "x"});
        server
            .fails(
                operation,
                database,
                not_found,
                "The database nodb does not exist.",
            )
            .await;
    }
    let create = json!({"DatabaseName": "nodb", "TableName": "xyz"});
    server
        .fails(
            "CreateTable",
            create,
            not_found,
            "The database nodb does not exist.",
        )
        .await;
    let list = json!({"DatabaseName": "nodb"});
    server
        .fails(
            "ListTables",
            list,
            not_found,
            "The database nodb does not exist.",
        )
        .await;
}

#[tokio::test]
async fn a_deleted_table_can_be_created_again_and_is_empty() {
    let server = Server::start().await.with_table().await;
    let record = json!({"MeasureName": "m", "MeasureValue": "1", "Time": "1772366400000"});
    server
        .ok(
            "WriteRecords",
            json!({"DatabaseName": "db", "TableName": "t", "Records": [record]}),
        )
        .await;
    let names = json!({"DatabaseName": "db", "TableName": "t"});
    assert_eq!(server.ok("DeleteTable", names.clone()).await, json!({}));
    server.ok("CreateTable", names.clone()).await;
    server
        .fails(
            "CreateTable",
            names,
            "ConflictException",
            "The table t already exists in the database db.",
        )
        .await;
    assert_eq!(server.query("SELECT * FROM db.t").await["Rows"], json!([]));
}

#[tokio::test]
async fn tables_are_listed_in_pages_of_one_database_or_all() {
    let server = server().await;
    server
        .ok("CreateDatabase", json!({"DatabaseName": "db-2"}))
        .await;
    for (database, table) in [("db", "t1"), ("db", "t2"), ("db", "t3"), ("db-2", "t1")] {
        server
            .ok(
                "CreateTable",
                json!({"DatabaseName": database, "TableName": table}),
            )
            .await;
    }
    let names = |page: &Value| -> Vec<String> {
        let text = |table: &Value, member: &str| table[member].as_str().unwrap().to_owned();
        let tables = page["Tables"].as_array().unwrap();
        tables
            .iter()
            .map(|table| text(table, "DatabaseName") + "." + &text(table, "TableName"))
            .collect()
    };
    let mut seen = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = server
            .ok("ListTables", json!({"MaxResults": 1, "NextToken": token}))
            .await;
        seen.extend(names(&page));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ["db-2.t1", "db.t1", "db.t2", "db.t3"]);
    let one = server
        .ok("ListTables", json!({"DatabaseName": "db", "MaxResults": 3}))
        .await;
    assert_eq!(
        (names(&one), one.get("NextToken")),
        (vec!["db.t1".into(), "db.t2".into(), "db.t3".into()], None)
    );
}
