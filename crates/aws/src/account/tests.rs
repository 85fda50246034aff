use std::collections::HashMap;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// An AWS of which only some answers are known, by operation: status and body.
type Answers = HashMap<&'static str, (u16, String)>;

async fn serve(answers: Answers) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(connection, answers.clone()));
        }
    });
    url
}

/// Answers one request by its `x-amz-target` and closes.
async fn answer(mut connection: TcpStream, answers: Answers) {
    let mut request = Vec::new();
    let head = loop {
        let mut buffer = [0; 8_192];
        let read = connection.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request ends early");
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length: usize = header(head, "content-length").unwrap().parse().unwrap();
        if body.len() >= length {
            break head.to_owned();
        }
    };
    let target = header(&head, "x-amz-target").unwrap();
    let operation = target.rsplit('.').next().unwrap();
    let (status, body) = answers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(operation))
        .map_or((500, "{}".to_owned()), |(_, answer)| answer.clone());
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(answer.as_bytes()).await.unwrap();
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines
        .into_iter()
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.trim())
}

async fn config(url: &str) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::AwsLc,
        ))
        .build_https();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKIAEXAMPLE12345",
            "secret",
            None,
            None,
            "test",
        )))
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .build()
}

fn wanted(url: &str) -> Wanted {
    let url = url.to_owned();
    Wanted::of_environment(&move |name| match name {
        "TIDEWATCH_MONITORS_TABLE" => Some("monitors".to_owned()),
        "TIDEWATCH_STATE_TABLE" => Some("state".to_owned()),
        "TIDEWATCH_RESULTS_QUEUE_URL" => Some(format!("{url}/123456789012/results")),
        "TIDEWATCH_STORE_ENDPOINT" => Some(url.clone()),
        "TIDEWATCH_RULE_LIMIT" => Some("4".to_owned()),
        _ => None,
    })
}

fn good() -> Answers {
    let key = |names: &[&str]| {
        let keys: Vec<_> = names
            .iter()
            .zip(["HASH", "RANGE"])
            .map(|(name, kind)| serde_json::json!({"AttributeName": name, "KeyType": kind}))
            .collect();
        serde_json::json!(keys)
    };
    let table = serde_json::json!({"Table": {
        "TableStatus": "ACTIVE",
        "KeySchema": key(&["tenant", "monitor_id"]),
        "ItemCount": 12,
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "GlobalSecondaryIndexes": [
            {"IndexName": "schedule_bucket", "KeySchema": key(&["schedule_bucket"])},
        ],
        // What Timestream's answer has under the same operation.
        "Schema": {"CompositePartitionKey": [
            {"Type": "DIMENSION", "Name": "monitor_id", "EnforcementInRecord": "REQUIRED"},
        ]},
        "RetentionProperties": {
            "MemoryStoreRetentionPeriodInHours": 24,
            "MagneticStoreRetentionPeriodInDays": 400,
        },
        "MagneticStoreWriteProperties": {"EnableMagneticStoreWrites": true},
    }});
    HashMap::from([
        (
            "DescribeEventBus",
            (
                200,
                r#"{"Name":"default","Arn":"arn:aws:events:eu-west-1:123456789012:event-bus/default"}"#.to_owned(),
            ),
        ),
        (
            "ListRules",
            (200, r#"{"Rules":[{"Name":"tidewatch-a"},{"Name":"other"}]}"#.to_owned()),
        ),
        ("DescribeTable", (200, table.to_string())),
        (
            "GetQueueAttributes",
            (200, r#"{"Attributes":{"ApproximateNumberOfMessages":"3"}}"#.to_owned()),
        ),
    ])
}

async fn findings(answers: Answers) -> Vec<Finding> {
    let url = serve(answers).await;
    examine(&config(&url).await, &wanted(&url), |_| ()).await
}

fn found<'f>(findings: &'f [Finding], check: &str) -> &'f Finding {
    let found = findings.iter().find(|finding| finding.check == check);
    found.unwrap_or_else(|| panic!("no {check}: {findings:#?}"))
}

#[tokio::test]
async fn a_whole_installation_is_fit() {
    let mut answers = good();
    // The state table has a key of its own; its answer is told apart below.
    let findings = findings(std::mem::take(&mut answers)).await;
    let told: Vec<_> = findings
        .iter()
        .filter(|finding| finding.check != "state table")
        .map(|finding| (finding.check, finding.severity, finding.text.as_str()))
        .collect();
    let last = told.last().unwrap().2.to_owned();
    assert!(
        last.contains("CPTMonitoring.WebsiteMonitoringData"),
        "{last}"
    );
    assert!(
        told.iter()
            .all(|(_, severity, _)| *severity == Severity::Ok),
        "{told:#?}"
    );
    assert_eq!(found(&findings, "account").text, "123456789012");
    assert_eq!(
        found(&findings, "credentials").text,
        "access key AKIAEXAM..."
    );
    assert!(
        found(&findings, "schedule rules")
            .text
            .starts_with("2 of 4")
    );
    assert_eq!(found(&findings, "queue").text, "results: 3 messages wait");
    // The table of entries is no table of states.
    let state = found(&findings, "state table");
    assert_eq!(state.severity, Severity::Fail);
    assert_eq!(
        state.text,
        "state: the key is (tenant, monitor_id), not (bucket)"
    );
}

#[tokio::test]
async fn what_is_missing_is_named_with_a_remedy() {
    let mut answers = good();
    let missing = r#"{"__type":"com.amazonaws#ResourceNotFoundException","message":"gone"}"#;
    answers.insert("DescribeTable", (400, missing.to_owned()));
    let denied = r#"{"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/eve is not authorized to perform: events:DescribeEventBus"}"#;
    answers.insert("DescribeEventBus", (400, denied.to_owned()));
    let rules = r#"{"Rules":[{"Name":"a"},{"Name":"b"},{"Name":"c"},{"Name":"d"}]}"#;
    answers.insert("ListRules", (200, rules.to_owned()));
    let queue = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#;
    answers.insert("GetQueueAttributes", (400, queue.to_owned()));
    let findings = findings(answers).await;
    for (check, severity, text) in [
        ("account", Severity::Warn, "user/eve"),
        ("schedule rules", Severity::Fail, "4 of 4"),
        ("monitors table", Severity::Fail, "no table `monitors`"),
        ("state table", Severity::Fail, "no table `state`"),
        ("queue", Severity::Fail, "no such queue"),
        (
            "store's table",
            Severity::Fail,
            "no table CPTMonitoring.WebsiteMonitoringData",
        ),
    ] {
        let finding = found(&findings, check);
        assert_eq!(finding.severity, severity, "{finding:#?}");
        assert!(finding.text.contains(text), "{finding:#?}");
        assert!(finding.remedy.is_some(), "{finding:#?}");
    }
}

#[tokio::test]
async fn a_table_that_is_otherwise_is_told() {
    for (part, other, check, severity, text) in [
        (
            "\"NEW_AND_OLD_IMAGES\"",
            "\"KEYS_ONLY\"",
            "monitors table",
            Severity::Fail,
            "KEYS_ONLY",
        ),
        (
            "\"schedule_bucket\",\"KeySchema\"",
            "\"other\",\"KeySchema\"",
            "monitors table",
            Severity::Warn,
            "no index",
        ),
        (
            "\"Name\":\"monitor_id\"",
            "\"Name\":\"host\"",
            "store's table",
            Severity::Fail,
            "by host",
        ),
        (
            "\"REQUIRED\"",
            "\"OPTIONAL\"",
            "store's table",
            Severity::Warn,
            "not REQUIRED",
        ),
        (
            "\"EnableMagneticStoreWrites\":true",
            "\"EnableMagneticStoreWrites\":false",
            "store's table",
            Severity::Warn,
            "late rows",
        ),
        (
            "InDays\":400",
            "InDays\":30",
            "store's table",
            Severity::Warn,
            "30 days",
        ),
        (
            "\"ACTIVE\"",
            "\"CREATING\"",
            "monitors table",
            Severity::Warn,
            "CREATING",
        ),
    ] {
        let mut answers = good();
        let (_, table) = answers.get_mut("DescribeTable").unwrap();
        assert!(table.contains(part), "{part} is not in {table}");
        *table = table.replace(part, other);
        let findings = findings(answers).await;
        let finding = found(&findings, check);
        assert_eq!(finding.severity, severity, "{finding:#?}");
        assert!(finding.text.contains(text), "{finding:#?}");
    }
}

#[tokio::test]
async fn without_credentials_nothing_else_is_asked() {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .build();
    let findings = examine(&config, &wanted("http://127.0.0.1:1"), |_| ()).await;
    let checks: Vec<_> = findings
        .iter()
        .map(|found| (found.check, found.severity))
        .collect();
    assert_eq!(
        checks,
        [("region", Severity::Fail), ("credentials", Severity::Fail)]
    );
}

#[test]
fn an_account_that_came_too_late_is_told_from_one_without_permission() {
    let late = timestream::refusal(
        Some("AccessDeniedException"),
        Some("Only existing Timestream for LiveAnalytics customers can access the service."),
        String::new(),
    );
    assert!(late.text.contains("2025-06-20"), "{late:?}");
    assert!(late.remedy.unwrap().contains("bridge"));
    let denied = timestream::refusal(
        Some("AccessDeniedException"),
        Some("User: x is not authorized to perform: timestream:DescribeEndpoints"),
        "AccessDeniedException: User: x".to_owned(),
    );
    assert!(denied.remedy.unwrap().contains("DescribeEndpoints"));
}
