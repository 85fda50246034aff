use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use sha2::{Digest, Sha256};
use tidewatch_testkit::{Reply, Seen, Target};

use super::*;
use crate::clients;
use crate::sdk::load;

async fn table(reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (StateTable, Target) {
    let service = Target::http(reply).await.unwrap();
    let keys = Credentials::new("TEST", "a test", None, None, "test");
    let sdk = load("eu-west-1").await.into_builder();
    let sdk = sdk
        .endpoint_url(service.url(""))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .build();
    (StateTable::new(clients::dynamodb(&sdk), "judging"), service)
}

fn answer(body: &'static str) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |_| Reply::ok(body).header("content-type", "application/x-amz-json-1.0")
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_empty() {
    let (table, _service) = table(answer("{}")).await;
    let loaded = table.load("7").await.unwrap();
    assert_eq!((loaded.version, loaded.delivered), (0, true));
    assert_eq!(loaded.state, BucketState::default());
}

#[tokio::test]
async fn an_item_that_is_none_of_ours_says_what_to_do() {
    for item in [
        r#"{"Item":{"bucket":{"S":"7"},"version":{"N":"3"}}}"#,
        r#"{"Item":{"bucket":{"S":"7"},"version":{"N":"3"},"state":{"B":"AAAA"}}}"#,
    ] {
        let (table, _service) = table(answer(item)).await;
        let error = table.load("7").await.unwrap_err().to_string();
        assert!(error.contains("bucket `7` in table `judging`"), "{error}");
        assert!(error.contains("delete the item to begin anew"), "{error}");
    }
}

#[tokio::test]
async fn a_state_that_no_item_can_hold_is_refused_before_it_is_sent() {
    let (table, service) = table(answer("{}")).await;
    // Digests cannot be compressed to less than half of their hexadecimal digits.
    let digests = (0_u32..20_000).map(|number| {
        let digest = Sha256::digest(number.to_be_bytes());
        data_encoding::HEXLOWER.encode(&digest)
    });
    let state = BucketState {
        outbox: Outbox {
            alerts: digests.collect(),
            ..Outbox::default()
        },
        ..BucketState::default()
    };
    let error = table.commit("7", 3, &state).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("so that fewer monitors share a bucket"),
        "{error}"
    );
    assert_eq!(service.seen().len(), 0);
}

#[tokio::test]
async fn a_commit_is_conditional_on_the_version_that_was_read() {
    let (table, service) = table(answer("{}")).await;
    let state = BucketState::default();
    assert_eq!(table.commit("7", 0, &state).await.unwrap(), Committed::Done);
    assert_eq!(table.commit("7", 3, &state).await.unwrap(), Committed::Done);
    let bodies: Vec<serde_json::Value> = service
        .seen()
        .iter()
        .map(|seen| serde_json::from_slice(&seen.body).unwrap())
        .collect();
    assert_eq!(bodies[0]["ConditionExpression"], "attribute_not_exists(#v)");
    assert_eq!(bodies[0]["Item"]["version"]["N"], "1");
    assert_eq!(bodies[1]["ConditionExpression"], "#v = :seen");
    assert_eq!(bodies[1]["ExpressionAttributeValues"][":seen"]["N"], "3");
    assert_eq!(bodies[1]["Item"]["version"]["N"], "4");
}
