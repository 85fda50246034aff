//! Against a server on loopback that answers as SQS does (JSON protocol 1.0).

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::{Value, json};
use tidewatch_testkit::{Reply, Target};

use super::*;

/// A server that answers each request with what `answer` makes of its entries, by the number of
/// the request from 0.
async fn server(answer: impl Fn(usize, &[Value]) -> Value + Send + Sync + 'static) -> Target {
    let requests = std::sync::atomic::AtomicUsize::new(0);
    let target = Target::http(move |seen| {
        let request: Value = serde_json::from_slice(&seen.body).unwrap();
        let number = requests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = answer(number, request["Entries"].as_array().unwrap());
        let status = if answer.get("__type").is_some() {
            400
        } else {
            200
        };
        Reply::status(status)
            .header("content-type", "application/x-amz-json-1.0")
            .body(answer.to_string())
    });
    target.await.unwrap()
}

fn queue(target: &Target) -> Queue {
    let credentials = Credentials::new("local", "local", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(target.url(""))
        .retry_config(RetryConfig::disabled())
        .build();
    Queue::new(crate::clients::sqs(&config), target.url("/1/results"))
}

fn messages(count: usize) -> Vec<Outgoing> {
    let bodies = (0..count).map(|number| format!("message {number}"));
    bodies.map(Outgoing::now).collect()
}

fn taken(entries: &[Value]) -> Value {
    let taken = entries
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "d"}));
    json!({"Successful": taken.collect::<Vec<_>>(), "Failed": []})
}

fn refused(id: &str, is_senders_fault: bool) -> Value {
    json!({"Id": id, "Code": "Scripted", "SenderFault": is_senders_fault, "Message": "as told"})
}

/// The entries of every request, as the server saw them.
fn sent(target: &Target) -> Vec<Vec<Value>> {
    let seen = target.seen();
    let requests = seen.iter().map(|seen| {
        let request: Value = serde_json::from_slice(&seen.body).unwrap();
        request["Entries"].as_array().unwrap().clone()
    });
    requests.collect()
}

#[tokio::test]
async fn messages_travel_ten_at_a_time_with_their_delays() {
    let target = server(|_, entries| taken(entries)).await;
    let mut messages = messages(12);
    messages[3].delay = Duration::from_millis(8_700);
    messages[4].delay = Duration::from_secs(5_000);
    let report = queue(&target).send(&messages).await;
    assert_eq!(
        (report.sent, report.retries, report.failed),
        (12, 0, vec![])
    );
    let sent = sent(&target);
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [10, 2]);
    assert_eq!(sent[0][2].get("DelaySeconds"), None);
    assert_eq!(sent[0][3]["DelaySeconds"], 8);
    assert_eq!(sent[0][4]["DelaySeconds"], 900);
    assert_eq!(sent[1][1]["MessageBody"], "message 11");
}

#[tokio::test]
async fn what_a_batch_left_out_is_sent_again_unless_it_is_the_senders_fault() {
    let target = server(|number, entries| match number {
        0 => json!({
            "Successful": taken(&entries[..1])["Successful"],
            // The fourth is in neither list.
            "Failed": [refused("1", false), refused("2", true)],
        }),
        _ => taken(entries),
    })
    .await;
    let report = queue(&target).send(&messages(4)).await;
    assert_eq!((report.sent, report.retries), (3, 2));
    let reason = "the queue refused it: Scripted: as told".to_owned();
    assert_eq!(report.failed, [(2, reason)]);
    let ids: Vec<_> = sent(&target)[1]
        .iter()
        .map(|entry| entry["Id"].clone())
        .collect();
    assert_eq!(ids, [json!("1"), json!("3")]);
}

#[tokio::test]
async fn what_is_refused_again_and_again_is_told() {
    let target = server(|_, _| json!({"Successful": [], "Failed": [refused("0", false)]})).await;
    let report = queue(&target).send(&messages(1)).await;
    assert_eq!((report.sent, report.failed.len()), (0, 1));
    assert_eq!(sent(&target).len(), 4);
}

#[tokio::test]
async fn a_request_that_fails_costs_its_own_messages_only() {
    let target = server(|number, entries| match number {
        0 => json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "gone"}),
        _ => taken(entries),
    })
    .await;
    let report = queue(&target).send(&messages(12)).await;
    assert_eq!((report.sent, report.failed.len()), (2, 10));
    assert!(
        report
            .failed
            .iter()
            .all(|(_, reason)| reason.contains("gone"))
    );
    let positions: Vec<usize> = report
        .failed
        .iter()
        .map(|(position, _)| *position)
        .collect();
    assert_eq!(positions, (0..10).collect::<Vec<_>>());
}
