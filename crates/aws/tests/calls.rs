//! The span that each AWS call leaves behind.
//!
//! A program of its own: the process remembers for each place in the code whether a subscriber
//! wants it, and a test without a subscriber that makes the first call just when one of these
//! begins could write down that nobody does.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should end where it fails"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use tidewatch_aws::clients;

/// The fields of spans of this crate that were closed.
#[derive(Clone, Default)]
struct Closed(Arc<Mutex<Vec<Fields>>>);

#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Closed {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if span.metadata().target().starts_with("tidewatch") {
            let fields = span.extensions().get::<Fields>().unwrap().clone();
            self.0.lock().unwrap().push(fields);
        }
    }
}

/// Answers one request with `answer`; its URL.
async fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        // Queries of the JSON protocol end with the brace of their body.
        while !request.ends_with(b"}") {
            let mut buffer = [0; 4_096];
            let read = connection.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..read]);
        }
        connection.write_all(answer.as_bytes()).await.unwrap();
    });
    url
}

async fn config(url: String) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "key", "secret", None, None, "test",
        )))
        .http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                    aws_smithy_http_client::tls::rustls_provider::CryptoMode::AwsLc,
                ))
                .build_https(),
        )
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .build()
}

/// The fields of the one span that receiving a message leaves behind.
async fn span_of_a_call(url: String) -> Fields {
    let closed = Closed::default();
    let subscriber = Registry::default().with(closed.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let client = clients::sqs(&config(url).await);
    let _ = client.receive_message().queue_url("q").send().await;
    let closed = closed.0.lock().unwrap();
    let [fields] = &closed[..] else {
        panic!("{closed:?}");
    };
    fields.clone()
}

#[tokio::test]
async fn a_call_is_told_with_service_operation_status_and_request() {
    let url =
        server("HTTP/1.1 200 OK\r\nx-amzn-requestid: id-1\r\ncontent-length: 2\r\n\r\n{}").await;
    let fields = span_of_a_call(url).await.0;
    let expected = [
        ("aws.request_id", "id-1"),
        ("http.response.status_code", "200"),
        ("otel.kind", "client"),
        ("rpc.method", "ReceiveMessage"),
        ("rpc.service", "SQS"),
        ("rpc.system", "aws-api"),
    ];
    let found: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_refusal_is_an_error_with_its_reason() {
    let url = server(concat!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n",
        "content-length: 70\r\n\r\n",
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no queue"} "#
    ))
    .await;
    let fields = span_of_a_call(url).await.0;
    assert_eq!(fields["http.response.status_code"], "400");
    assert_eq!(fields["otel.status_code"], "ERROR");
    assert!(
        fields["metadata.error"].contains("QueueDoesNotExist"),
        "{fields:?}"
    );
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_an_error_without_a_status() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let fields = span_of_a_call(url).await.0;
    assert_eq!(fields["otel.status_code"], "ERROR");
    assert!(
        !fields.contains_key("http.response.status_code"),
        "{fields:?}"
    );
}
