//! Tags.

use serde_json::{Value, json};

use super::server::Server;

const TABLE: &str = "arn:aws:timestream:us-east-1:000000000000:database/db/table/t";
const DATABASE: &str = "arn:aws:timestream:us-east-1:000000000000:database/db";

async fn tags(server: &Server, arn: &str) -> Value {
    server
        .ok("ListTagsForResource", json!({"ResourceARN": arn}))
        .await
}

fn tag(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

#[tokio::test]
async fn tags_are_set_replaced_removed_and_survive_a_restart() {
    let server = Server::start().await.with_table().await;
    assert_eq!(tags(&server, TABLE).await, json!({"Tags": []}));
    let set = json!({"ResourceARN": TABLE, "Tags": [tag("team", "a"), tag("cost", "1")]});
    assert_eq!(server.ok("TagResource", set).await, json!({}));
    server
        .ok(
            "TagResource",
            json!({"ResourceARN": TABLE, "Tags": [tag("team", "b"), tag("empty", "")]}),
        )
        .await;
    server
        .ok(
            "UntagResource",
            json!({"ResourceARN": TABLE, "TagKeys": ["cost", "never-there"]}),
        )
        .await;

    let server = server.restart().await;
    assert_eq!(
        tags(&server, TABLE).await,
        json!({"Tags": [tag("empty", ""), tag("team", "b")]})
    );
    assert_eq!(tags(&server, DATABASE).await, json!({"Tags": []}));
}

#[tokio::test]
async fn tags_come_with_creation_and_go_with_deletion() {
    let server = Server::start().await;
    let create = json!({"DatabaseName": "db", "Tags": [tag("team", "a")]});
    server.ok("CreateDatabase", create).await;
    let table = json!({"DatabaseName": "db", "TableName": "t", "Tags": [tag("k", "v")]});
    server.ok("CreateTable", table).await;
    assert_eq!(
        tags(&server, DATABASE).await,
        json!({"Tags": [tag("team", "a")]})
    );
    assert_eq!(tags(&server, TABLE).await, json!({"Tags": [tag("k", "v")]}));

    let names = json!({"DatabaseName": "db", "TableName": "t"});
    server.ok("DeleteTable", names.clone()).await;
    server.ok("CreateTable", names).await;
    assert_eq!(tags(&server, TABLE).await, json!({"Tags": []}));
}

#[tokio::test]
async fn a_resource_has_at_most_fifty() {
    let server = Server::start().await.with_table().await;
    let many = |range: std::ops::Range<u32>| -> Vec<Value> {
        range.map(|n| tag(&format!("k{n}"), "v")).collect()
    };
    server
        .ok(
            "TagResource",
            json!({"ResourceARN": TABLE, "Tags": many(0..50)}),
        )
        .await;
    server
        .ok(
            "TagResource",
            json!({"ResourceARN": TABLE, "Tags": many(10..20)}),
        )
        .await;
    server
        .fails(
            "TagResource",
            json!({"ResourceARN": TABLE, "Tags": many(50..51)}),
            "ServiceQuotaExceededException",
            "A resource can have 50 tags; these would be 51.",
        )
        .await;
}

#[tokio::test]
async fn only_what_exists_has_tags() {
    let server = Server::start().await.with_table().await;
    let arn = "arn:aws:timestream:us-east-1:000000000000:database/db/table/x";
    server
        .fails(
            "ListTagsForResource",
            json!({"ResourceARN": arn}),
            "ResourceNotFoundException",
            "The table x does not exist in the database db.",
        )
        .await;
    server
        .fails(
            "TagResource",
            json!({"ResourceARN": "nonsense", "Tags": []}),
            "ResourceNotFoundException",
            "The resource nonsense does not exist.",
        )
        .await;
}
