//! Databases.

use serde_json::{Value, json};

use super::server::Server;

fn described(name: &str) -> Value {
    json!({
        "Arn": format!("arn:aws:timestream:us-east-1:000000000000:database/{name}"),
        "DatabaseName": name,
        "TableCount": 0,
        "KmsKeyId": "arn:aws:kms:us-east-1:000000000000:alias/aws/timestream",
        "CreationTime": 1772366400.0,
        "LastUpdatedTime": 1772366400.0,
    })
}

#[tokio::test]
async fn a_database_lives_from_create_to_delete() {
    let server = Server::start().await;
    let name = json!({"DatabaseName": "my.data-base_1"});
    let created = server.ok("CreateDatabase", name.clone()).await;
    assert_eq!(created, json!({"Database": described("my.data-base_1")}));
    assert_eq!(server.ok("DescribeDatabase", name.clone()).await, created);

    server.clock.advance_seconds(90);
    let key = "arn:aws:kms:us-east-1:1:key/k";
    let updated = server
        .ok(
            "UpdateDatabase",
            json!({"DatabaseName": "my.data-base_1", "KmsKeyId": key}),
        )
        .await;
    let mut expected = described("my.data-base_1");
    expected["KmsKeyId"] = json!(key);
    expected["LastUpdatedTime"] = json!(1772366490.0);
    assert_eq!(updated, json!({"Database": expected}));

    assert_eq!(server.ok("DeleteDatabase", name.clone()).await, json!({}));
    let gone = "The database my.data-base_1 does not exist.";
    server
        .fails(
            "DescribeDatabase",
            name.clone(),
            "ResourceNotFoundException",
            gone,
        )
        .await;
    server
        .fails("DeleteDatabase", name, "ResourceNotFoundException", gone)
        .await;
}

#[tokio::test]
async fn a_database_is_created_once() {
    let server = Server::start().await;
    server
        .ok("CreateDatabase", json!({"DatabaseName": "db1"}))
        .await;
    let answer = server
        .call("CreateDatabase", json!({"DatabaseName": "db1"}))
        .await;
    assert_eq!(answer.status, 400);
    let message = "The database db1 already exists.";
    assert_eq!(
        answer.json(),
        json!({"__type": "com.amazonaws.timestream.v20181101#ConflictException",
               "message": message, "Message": message})
    );
}

#[tokio::test]
async fn a_database_with_tables_stays() {
    let server = Server::start().await.with_table().await;
    server
        .fails(
            "DeleteDatabase",
            json!({"DatabaseName": "db"}),
            "ValidationException",
            "The database db cannot be deleted while it has tables; delete its 1 first.",
        )
        .await;
    let counted = server
        .ok("DescribeDatabase", json!({"DatabaseName": "db"}))
        .await;
    assert_eq!(counted["Database"]["TableCount"], 1);
}

#[tokio::test]
async fn databases_are_listed_in_pages() {
    let server = Server::start().await;
    for n in 0..23 {
        server
            .ok(
                "CreateDatabase",
                json!({"DatabaseName": format!("db{n:02}")}),
            )
            .await;
    }
    let names = |page: &Value| -> Vec<String> {
        let databases = page["Databases"].as_array().unwrap();
        databases
            .iter()
            .map(|database| database["DatabaseName"].as_str().unwrap().to_owned())
            .collect()
    };
    let expected =
        |range: std::ops::Range<u32>| range.map(|n| format!("db{n:02}")).collect::<Vec<_>>();

    let first = server.ok("ListDatabases", json!({})).await;
    assert_eq!(names(&first), expected(0..20));
    let rest = server
        .ok("ListDatabases", json!({"NextToken": first["NextToken"]}))
        .await;
    assert_eq!(
        (names(&rest), rest.get("NextToken")),
        (expected(20..23), None)
    );

    let few = server
        .ok(
            "ListDatabases",
            json!({"MaxResults": 2, "NextToken": first["NextToken"]}),
        )
        .await;
    assert_eq!(names(&few), expected(20..22));
    server
        .fails(
            "ListDatabases",
            json!({"NextToken": "?"}),
            "ValidationException",
            "Invalid pagination token.",
        )
        .await;
}
