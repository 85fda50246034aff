//! A server with keys: who gets in, and what each key sees.

use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tidewatch_bridge::Keys;

use super::server::{Server, cells};
use super::signed::{KEYS, code_and_message};

const DENIED: &str = "AccessDeniedException";

/// A guarded server on which two tenants have a table `one` and a table `two` each, with a row in
/// each that names the tenant.
async fn two_tenants() -> Server {
    let server = Server::start().await.guarded();
    for (id, database) in [("ACME", "acme"), ("GLOBEX", "globex")] {
        server
            .ok_as(id, "CreateDatabase", json!({"DatabaseName": database}))
            .await;
        for table in ["one", "two"] {
            server
                .ok_as(
                    id,
                    "CreateTable",
                    json!({"DatabaseName": database, "TableName": table}),
                )
                .await;
            server
                .ok_as(id, "WriteRecords", record(database, table))
                .await;
        }
    }
    server
}

fn record(database: &str, table: &str) -> Value {
    json!({"DatabaseName": database, "TableName": table, "Records": [{
        "Dimensions": [{"Name": "owner", "Value": database}],
        "MeasureName": "m", "MeasureValue": "1", "Time": "1772366400000"}]})
}

async fn statement(server: &Server, id: &str, text: &str) -> Result<Value, (String, String)> {
    let body = json!({"QueryString": text});
    let answer = server.call_as(id, "Query", body).await;
    match answer.status {
        StatusCode::OK => Ok(answer.json()),
        _ => Err(code_and_message(&answer)),
    }
}

async fn column(server: &Server, id: &str, text: &str) -> Vec<String> {
    let page = statement(server, id, text).await.unwrap();
    cells(&page)
        .into_iter()
        .map(|row| row[0].clone().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn nothing_is_anonymous_but_health() {
    let server = Server::start().await.guarded();
    let unsigned = server.call("ListDatabases", json!({})).await;
    assert_eq!(
        unsigned.json()["__type"],
        "com.amazon.coral.service#MissingAuthenticationTokenException"
    );
    assert_eq!(
        code_and_message(&unsigned),
        (
            "MissingAuthenticationTokenException".to_owned(),
            "Request is missing Authentication Token".to_owned()
        )
    );
    let endpoints = server.call("DescribeEndpoints", json!({})).await;
    assert_eq!(endpoints.status, 400);
    let health = Request::get("/healthz").header("host", "any");
    let health = server.send(health.body(Full::default()).unwrap()).await;
    assert_eq!(
        (health.status, health.json()),
        (StatusCode::OK, json!({"status": "ok"}))
    );
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key_have_errors_of_their_own() {
    let server = Server::start().await.guarded();
    let body = json!({});
    let wrong = server.signed_with("ACME", "secret-of-somebody-else", "ListDatabases", &body);
    let (code, message) = code_and_message(&server.send(wrong).await);
    assert_eq!(code, "InvalidSignatureException");
    assert!(
        message.starts_with("The request signature we calculated does not match"),
        "{message}"
    );
    let (code, message) = server.refused_as("NOBODY", "ListDatabases", body).await;
    assert_eq!(code, "UnrecognizedClientException");
    assert!(
        message.starts_with("The security token included in the request is invalid."),
        "{message}"
    );
}

#[tokio::test]
async fn a_signature_grows_old() {
    let server = Server::start().await.guarded();
    let request = server.signed("OWNER", "ListDatabases", &json!({}));
    assert_eq!(server.send(request.clone()).await.status, StatusCode::OK);
    server.clock.advance_seconds(16 * 60);
    let (code, message) = code_and_message(&server.send(request).await);
    assert_eq!(code, "InvalidSignatureException");
    assert!(
        message.starts_with("Signature expired: 20260301T120000Z"),
        "{message}"
    );
}

#[tokio::test]
async fn a_body_that_was_changed_on_the_way_is_refused() {
    let server = two_tenants().await;
    let request = server.signed(
        "ACME",
        "DeleteTable",
        &json!({"DatabaseName": "acme", "TableName": "one"}),
    );
    let other = json!({"DatabaseName": "acme", "TableName": "two"}).to_string();
    let request = request.map(|_| Full::from(other));
    assert_eq!(
        code_and_message(&server.send(request).await).0,
        "InvalidSignatureException"
    );
    assert_eq!(
        column(&server, "ACME", "SHOW TABLES FROM acme").await,
        ["one", "two"]
    );
}

#[tokio::test]
async fn keys_can_be_changed_while_the_server_runs() {
    let server = two_tenants().await;
    let rotated = KEYS.replace("secret-of-ACME-0123", "secret-of-ACME-4567");
    server
        .bridge
        .require_keys(Keys::parse(&rotated, |_| None).unwrap());
    let old = server.refused_as("ACME", "ListDatabases", json!({})).await;
    assert_eq!(old.0, "InvalidSignatureException");
    let new = server.signed_with("ACME", "secret-of-ACME-4567", "ListDatabases", &json!({}));
    assert_eq!(server.send(new).await.status, StatusCode::OK);
}

#[tokio::test]
async fn listings_show_what_is_the_keys_own() {
    let server = two_tenants().await;
    for (id, databases, tables) in [
        ("ACME", vec!["acme"], vec!["acme/one", "acme/two"]),
        ("GLOBEX", vec!["globex"], vec!["globex/one", "globex/two"]),
        ("TABLE", vec!["acme"], vec!["acme/one"]),
        (
            "OWNER",
            vec!["acme", "globex"],
            vec!["acme/one", "acme/two", "globex/one", "globex/two"],
        ),
    ] {
        let listed = server.ok_as(id, "ListDatabases", json!({})).await;
        let names: Vec<_> = listed["Databases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|database| database["DatabaseName"].as_str().unwrap())
            .collect();
        assert_eq!(names, databases, "{id}");
        assert_eq!(
            column(&server, id, "SHOW DATABASES").await,
            databases,
            "{id}"
        );

        let listed = server.ok_as(id, "ListTables", json!({})).await;
        let names: Vec<_> = listed["Tables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|table| {
                format!(
                    "{}/{}",
                    table["DatabaseName"].as_str().unwrap(),
                    table["TableName"].as_str().unwrap()
                )
            })
            .collect();
        assert_eq!(names, tables, "{id}");
        let shown = column(&server, id, "SHOW TABLES").await;
        assert_eq!(shown.len(), tables.len(), "{id}: {shown:?}");
    }
    let one = server
        .ok_as("TABLE", "ListTables", json!({"DatabaseName": "acme"}))
        .await;
    assert_eq!(one["Tables"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_operation_on_another_tenants_things_is_refused() {
    let server = two_tenants().await;
    let database = json!({"DatabaseName": "globex"});
    let table = json!({"DatabaseName": "globex", "TableName": "one"});
    let arn = "arn:aws:timestream:us-east-1:000000000000:database/globex/table/one";
    let tagged = |more: Value| {
        let mut body = json!({"ResourceARN": arn});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let cases = [
        ("CreateDatabase", json!({"DatabaseName": "another"})),
        ("DescribeDatabase", database.clone()),
        (
            "UpdateDatabase",
            json!({"DatabaseName": "globex", "KmsKeyId": "k"}),
        ),
        ("DeleteDatabase", database.clone()),
        ("ListTables", database),
        (
            "CreateTable",
            json!({"DatabaseName": "globex", "TableName": "three"}),
        ),
        ("DescribeTable", table.clone()),
        ("UpdateTable", table.clone()),
        ("DeleteTable", table),
        ("WriteRecords", record("globex", "one")),
        (
            "TagResource",
            tagged(json!({"Tags": [{"Key": "k", "Value": "v"}]})),
        ),
        ("UntagResource", tagged(json!({"TagKeys": ["k"]}))),
        ("ListTagsForResource", tagged(json!({}))),
        ("UpdateAccountSettings", json!({"MaxQueryTCU": 8})),
    ];
    for (operation, body) in cases {
        let (code, message) = server.refused_as("ACME", operation, body).await;
        assert_eq!(code, DENIED, "{operation}: {message}");
        assert!(
            message.starts_with(&format!(
                "User: arn:aws:iam::000000000000:user/acme is not authorized to perform: \
                 timestream:{operation} on resource: "
            )),
            "{message}"
        );
    }
    // What does not exist is refused in the same words as what does.
    let absent = server
        .refused_as(
            "ACME",
            "DescribeTable",
            json!({"DatabaseName": "globex", "TableName": "none"}),
        )
        .await;
    assert_eq!(absent.0, DENIED);
}

#[tokio::test]
async fn no_form_of_statement_reads_another_tenants_table() {
    let server = two_tenants().await;
    let forms = [
        "SELECT * FROM globex.one",
        r#"SELECT owner FROM "globex"."one""#,
        "SELECT a.owner FROM acme.one a JOIN globex.one b ON a.measure_name = b.measure_name",
        "SELECT a.owner FROM acme.one a CROSS JOIN globex.one b",
        "SELECT a.owner FROM acme.one a LEFT JOIN globex.one b ON a.time = b.time",
        "SELECT a.owner FROM acme.one a, globex.one b",
        "SELECT owner FROM (SELECT owner FROM globex.one)",
        "SELECT owner FROM acme.one WHERE owner IN (SELECT owner FROM globex.one)",
        "SELECT owner FROM acme.one WHERE EXISTS (SELECT 1 FROM globex.one)",
        "SELECT (SELECT max(owner) FROM globex.one) FROM acme.one",
        "WITH g AS (SELECT owner FROM globex.one) SELECT * FROM g",
        "WITH g AS (SELECT owner FROM globex.one) SELECT owner FROM acme.one",
        "SELECT owner FROM acme.one UNION ALL SELECT owner FROM globex.one",
        "SELECT owner FROM acme.one EXCEPT SELECT owner FROM globex.one",
        "SELECT owner FROM acme.one INTERSECT SELECT owner FROM globex.one",
        "SELECT count(*) FROM globex.one",
        "SELECT owner FROM globex.one LIMIT 0",
        "DESCRIBE globex.one",
        "SHOW MEASURES FROM globex.one",
        "SHOW TABLES FROM globex",
        "SELECT * FROM globex.none",
        "SELECT * FROM nowhere.none",
    ];
    for form in forms {
        match statement(&server, "ACME", form).await {
            Err((code, message)) if code == DENIED => assert!(
                message.contains("timestream:Select on resource: arn:aws:timestream:")
                    && message.ends_with("because its key is not for this resource"),
                "{form}: {message}"
            ),
            // A condition of joins or names may be refused before the table is looked for; then
            // nothing of it was read either.
            Err((code, message)) => assert_eq!(code, "ValidationException", "{form}: {message}"),
            Ok(page) => assert!(!page.to_string().contains("globex"), "{form}: {page}"),
        }
        let prepared = server
            .call_as(
                "ACME",
                "PrepareQuery",
                json!({"QueryString": form, "ValidateOnly": true}),
            )
            .await;
        assert!(
            prepared.status == 400 || !prepared.json().to_string().contains("globex\""),
            "{form}"
        );
    }
    // The same statements work for whom they are for.
    for form in &forms[..17] {
        assert!(statement(&server, "OWNER", form).await.is_ok(), "{form}");
    }
    assert_eq!(
        column(&server, "ACME", "SELECT owner FROM acme.one").await,
        ["acme"]
    );
    let (code, _) = statement(&server, "TABLE", "SELECT * FROM acme.two")
        .await
        .unwrap_err();
    assert_eq!(code, DENIED);
    assert_eq!(
        column(&server, "TABLE", "SELECT owner FROM acme.one").await,
        ["acme"]
    );
    assert_eq!(
        column(&server, "TABLE", "SHOW TABLES FROM acme").await,
        ["one"]
    );
}

#[tokio::test]
async fn a_key_does_only_what_its_actions_allow() {
    let server = two_tenants().await;
    let (code, message) = statement(&server, "WRITER", "SELECT 1").await.unwrap_err();
    assert_eq!(
        (&*code, &*message),
        (
            DENIED,
            "User: arn:aws:iam::000000000000:user/writer is not authorized to perform: \
             timestream:Select on resource: * because its key does not allow the action read"
        )
    );
    server
        .ok_as("WRITER", "WriteRecords", record("acme", "one"))
        .await;
    server.ok_as("WRITER", "DescribeEndpoints", json!({})).await;
    for (id, operation, body) in [
        ("TABLE", "WriteRecords", record("acme", "one")),
        (
            "TABLE",
            "DeleteTable",
            json!({"DatabaseName": "acme", "TableName": "one"}),
        ),
        (
            "WRITER",
            "DeleteTable",
            json!({"DatabaseName": "acme", "TableName": "one"}),
        ),
        ("WRITER", "ListDatabases", json!({})),
    ] {
        assert_eq!(
            server.refused_as(id, operation, body).await.0,
            DENIED,
            "{id} {operation}"
        );
    }
}

#[tokio::test]
async fn results_belong_to_the_key_that_asked() {
    let server = two_tenants().await;
    let text = "SELECT x FROM (VALUES (1), (2), (3)) AS t(x)";
    let first = server
        .ok_as("ACME", "Query", json!({"QueryString": text, "MaxRows": 1}))
        .await;
    let next = json!({"QueryString": text, "MaxRows": 1, "NextToken": first["NextToken"]});
    let stolen = server.refused_as("OWNER", "Query", next.clone()).await;
    assert_eq!(stolen.1, "Invalid pagination token.");
    let id = first["QueryId"].as_str().unwrap();
    let (code, message) = server
        .refused_as("GLOBEX", "CancelQuery", json!({"QueryId": id}))
        .await;
    assert_eq!(
        (code.as_str(), message),
        (
            "ValidationException",
            format!("The query {id} has completed already, or does not exist.")
        )
    );
    let second = server.ok_as("ACME", "Query", next).await;
    assert_eq!(cells(&second), [[Some("2".to_owned())]]);
    server
        .ok_as("ACME", "CancelQuery", json!({"QueryId": id}))
        .await;
}

#[tokio::test]
async fn without_keys_a_foreign_host_is_refused() {
    let server = Server::start().await;
    let call = |host: &str| {
        let request = Request::post("/")
            .header("host", host)
            .header("x-amz-target", "Timestream_20181101.ListDatabases");
        server.send(request.body(Full::from("{}")).unwrap())
    };
    assert_eq!(call("localhost:8086").await.status, StatusCode::OK);
    let (code, message) = code_and_message(&call("rebound.example:8086").await);
    assert_eq!(code, DENIED);
    assert_eq!(
        message,
        "The Host header names `rebound.example:8086`, which is not this machine; without keys \
         this server answers to 127.0.0.1, [::1] and localhost only."
    );
}
