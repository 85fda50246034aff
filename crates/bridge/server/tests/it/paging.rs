//! Pages over HTTP; the rules of single cursors are tested beside their code.

use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Server, cells};

const NUMBERS: &str = "SELECT n FROM UNNEST(sequence(1, 10)) AS t (n) ORDER BY n";

async fn page(server: &Server, statement: &str, rows: Option<u32>, token: &Value) -> Value {
    server
        .ok(
            "Query",
            json!({"QueryString": statement, "MaxRows": rows, "NextToken": token}),
        )
        .await
}

fn numbers(page: &Value) -> Vec<u32> {
    cells(page)
        .into_iter()
        .map(|row| row[0].as_deref().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_follow_one_another_with_one_id() {
    let server = Server::start().await;
    let first = page(&server, NUMBERS, Some(4), &Value::Null).await;
    let second = page(&server, NUMBERS, Some(4), &first["NextToken"]).await;
    let again = page(&server, NUMBERS, Some(4), &first["NextToken"]).await;
    let third = page(&server, NUMBERS, Some(4), &second["NextToken"]).await;
    assert_eq!(second, again);
    assert_eq!(
        (numbers(&first), numbers(&second), numbers(&third)),
        (vec![1, 2, 3, 4], vec![5, 6, 7, 8], vec![9, 10])
    );
    assert_eq!(third.get("NextToken"), None);
    assert_eq!(
        (&first["QueryId"], &second["QueryId"]),
        (&third["QueryId"], &third["QueryId"])
    );
    assert_eq!(first["ColumnInfo"], third["ColumnInfo"]);
}

#[tokio::test]
async fn a_page_that_fits_exactly_is_the_last() {
    let server = Server::start().await;
    let only = page(&server, NUMBERS, Some(10), &Value::Null).await;
    assert_eq!((numbers(&only).len(), only.get("NextToken")), (10, None));
}

#[tokio::test]
async fn a_token_belongs_to_its_statement_and_its_server() {
    let server = Server::start().await;
    let first = page(&server, NUMBERS, Some(4), &Value::Null).await;
    let mut forged = first["NextToken"].as_str().unwrap().to_owned();
    forged.pop();
    for (statement, token) in [
        (NUMBERS.to_lowercase(), first["NextToken"].clone()),
        (NUMBERS.to_owned(), json!(forged)),
        (NUMBERS.to_owned(), json!("short")),
        (NUMBERS.to_owned(), json!("\u{e4}".repeat(95))),
    ] {
        server
            .fails(
                "Query",
                json!({"QueryString": statement, "NextToken": token}),
                "ValidationException",
                "Invalid pagination token.",
            )
            .await;
    }
    assert_eq!(
        numbers(&page(&server, NUMBERS, None, &first["NextToken"]).await),
        [5, 6, 7, 8, 9, 10]
    );
}

#[tokio::test]
async fn tokens_expire_after_an_hour() {
    let server = Server::start().await;
    let first = page(&server, NUMBERS, Some(4), &Value::Null).await;
    server.clock.advance_seconds(3601);
    server
        .fails(
            "Query",
            json!({"QueryString": NUMBERS, "NextToken": first["NextToken"]}),
            "ValidationException",
            "Invalid pagination token.",
        )
        .await;
}

#[tokio::test]
async fn pages_are_cut_at_their_bytes() {
    let server = Server::start_with(|settings| settings.page_bytes = 300).await;
    let mut seen = Vec::new();
    let mut pages = 0;
    let mut token = Value::Null;
    loop {
        let page = page(&server, NUMBERS, None, &token).await;
        assert!(page["Rows"].to_string().len() <= 300, "{page}");
        seen.extend(numbers(&page));
        pages += 1;
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, (1..=10).collect::<Vec<_>>());
    assert!(pages > 1);
}

#[tokio::test]
async fn a_row_that_is_too_large_stops_the_query() {
    let server = Server::start_with(|settings| settings.row_bytes = 100).await;
    server
        .fails(
            "Query",
            json!({"QueryString": "SELECT sequence(1, 1000)"}),
            "ValidationException",
            "Query aborted as max page response size has been exceeded by the output result row",
        )
        .await;
}

#[tokio::test]
async fn the_result_read_longest_ago_makes_room() {
    let server = Server::start_with(|settings| settings.open_cursors = 1).await;
    let old = page(&server, NUMBERS, Some(4), &Value::Null).await;
    let new = page(&server, NUMBERS, Some(4), &Value::Null).await;
    server
        .fails(
            "Query",
            json!({"QueryString": NUMBERS, "NextToken": old["NextToken"]}),
            "ValidationException",
            "Invalid pagination token.",
        )
        .await;
    assert_eq!(
        numbers(&page(&server, NUMBERS, None, &new["NextToken"]).await).len(),
        6
    );
}

#[tokio::test]
async fn a_cancelled_result_is_gone_and_cancelling_again_says_so() {
    let server = Server::start().await;
    let first = page(&server, NUMBERS, Some(4), &Value::Null).await;
    let id = first["QueryId"].as_str().unwrap();
    assert_eq!(
        server.ok("CancelQuery", json!({"QueryId": id})).await,
        json!({"CancellationMessage": format!("The query {id} has been cancelled.")})
    );
    assert_eq!(
        server.ok("CancelQuery", json!({"QueryId": id})).await,
        json!({"CancellationMessage": format!("The query {id} had been cancelled before.")})
    );
    server
        .fails(
            "Query",
            json!({"QueryString": NUMBERS, "NextToken": first["NextToken"]}),
            "ConflictException",
            "The query has been cancelled.",
        )
        .await;
}

#[tokio::test]
async fn what_completed_or_never_was_cannot_be_cancelled() {
    let server = Server::start().await;
    let done = server.query("SELECT 1").await;
    for id in [done["QueryId"].as_str().unwrap(), "AEUNKNOWN"] {
        server
            .fails(
                "CancelQuery",
                json!({"QueryId": id}),
                "ValidationException",
                &format!("The query {id} has completed already, or does not exist."),
            )
            .await;
    }
}

#[tokio::test]
async fn a_slow_statement_is_answered_with_a_token_and_can_be_cancelled() {
    let server = Server::start_with(|settings| {
        settings.concurrent_queries = 1;
        settings.query_patience = Duration::from_millis(1);
    })
    .await;
    let slow = server.with_slow_statement().await;
    let first = page(&server, slow, None, &Value::Null).await;
    assert_eq!(first["Rows"], json!([]));
    assert_eq!(first["QueryStatus"]["ProgressPercentage"], 0.0);
    let second = page(&server, slow, None, &first["NextToken"]).await;
    assert_eq!(
        (&second["Rows"], &second["QueryId"]),
        (&json!([]), &first["QueryId"])
    );
    server
        .ok("CancelQuery", json!({"QueryId": first["QueryId"]}))
        .await;
    server
        .fails(
            "Query",
            json!({"QueryString": slow, "NextToken": second["NextToken"]}),
            "ConflictException",
            "The query has been cancelled.",
        )
        .await;
    // Its turn and its threads are free again.
    assert_eq!(
        cells(&server.query("SHOW DATABASES").await),
        [[Some("db".into())]]
    );
}

#[tokio::test]
async fn statements_take_turns() {
    let server = Server::start_with(|settings| settings.concurrent_queries = 1).await;
    let pages: Vec<_> = (0..8).map(|_| server.query(NUMBERS)).collect();
    for page in futures::future::join_all(pages).await {
        assert_eq!(numbers(&page).len(), 10);
    }
}

#[tokio::test]
async fn a_call_that_is_sent_again_gets_the_same_first_page() {
    let server = Server::start().await;
    let text = "SELECT x FROM (VALUES (1), (2), (3)) AS t(x)";
    let token = "a-client-token-of-thirty-two-characters";
    let call = json!({"QueryString": text, "MaxRows": 1, "ClientToken": token});
    let first = server.ok("Query", call.clone()).await;
    assert_eq!(server.ok("Query", call.clone()).await, first);

    let next = json!({"QueryString": text, "MaxRows": 1, "NextToken": first["NextToken"]});
    server.ok("Query", next).await;
    let anew = server.ok("Query", call).await;
    assert_ne!(anew["QueryId"], first["QueryId"]);
    assert_eq!(anew["Rows"], first["Rows"]);

    server
        .fails(
            "Query",
            json!({"QueryString": "SELECT 2", "ClientToken": token}),
            "ValidationException",
            "The ClientToken was used for another query; every new query needs a token of its own.",
        )
        .await;
}
