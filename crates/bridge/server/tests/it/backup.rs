//! `POST /backup`.

use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::server::{Answer, Server, cells};

async fn back_up(server: &Server, id: Option<&str>, body: Value) -> Answer {
    let body = body.to_string();
    let request = Request::post("/backup")
        .header("host", server.url().trim_start_matches("http://"))
        .header("content-type", "application/json")
        .body(Full::from(body.clone()))
        .unwrap();
    let request = match id {
        Some(id) => server.sign(
            request,
            id,
            &format!("secret-of-{id}-0123"),
            body.as_bytes(),
        ),
        None => request,
    };
    server.send(request).await
}

#[tokio::test]
async fn a_backup_is_a_data_folder() {
    let server = Server::start().await.with_table().await;
    let write = json!({"DatabaseName": "db", "TableName": "t", "Records": [
        {"MeasureName": "m", "MeasureValue": "1", "Time": "1772366400000"}]});
    server.ok("WriteRecords", write.clone()).await;
    let arn = "arn:aws:timestream:us-east-1:000000000000:database/db";
    let tags = json!({"ResourceARN": arn, "Tags": [{"Key": "k", "Value": "v"}]});
    server.ok("TagResource", tags).await;

    let answer = back_up(&server, None, json!({"Name": "monday"})).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json());
    let made = answer.json();
    let folder = made["Folder"].as_str().unwrap();
    assert!(folder.ends_with("/backups/monday"), "{folder}");

    let copy = Server::start_on(folder).await;
    let page = copy.query("SELECT measure_value::double FROM db.t").await;
    assert_eq!(cells(&page), [[Some("1.0".to_owned())]]);
    let tags = copy
        .ok("ListTagsForResource", json!({"ResourceARN": arn}))
        .await;
    assert_eq!(tags["Tags"], json!([{"Key": "k", "Value": "v"}]));
}

#[tokio::test]
async fn names_stay_within_the_data_folder_and_are_used_once() {
    let server = Server::start().await;
    for name in ["", "../x", "a/b", ".", "a.b"] {
        let answer = back_up(&server, None, json!({"Name": name})).await;
        assert_eq!(answer.status, 400, "{name}");
    }
    assert_eq!(
        back_up(&server, None, json!({"Name": "a"})).await.status,
        200
    );
    let again = back_up(&server, None, json!({"Name": "a"})).await.json();
    assert_eq!(
        again["message"],
        "There is a backup a already; choose another name."
    );
}

#[tokio::test]
async fn a_page_in_a_browser_cannot_ask_for_one() {
    let server = Server::start().await;
    let request = Request::post("/backup")
        .header("host", "localhost")
        .header("content-type", "text/plain");
    let answer = server
        .send(request.body(Full::from(r#"{"Name": "c"}"#)).unwrap())
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["message"],
        "The Content-Type of a backup must be application/json."
    );
}

#[tokio::test]
async fn with_keys_it_takes_one_that_administers_everything() {
    let server = Server::start().await.guarded();
    let body = || json!({"Name": "b"});
    assert_eq!(back_up(&server, None, body()).await.status, 400);
    for id in ["ACME", "WRITER", "TABLE"] {
        let answer = back_up(&server, Some(id), body()).await;
        assert_eq!(
            answer.json()["__type"],
            "com.amazonaws.timestream.v20181101#AccessDeniedException",
            "{id}"
        );
    }
    assert_eq!(back_up(&server, Some("OWNER"), body()).await.status, 200);
}
