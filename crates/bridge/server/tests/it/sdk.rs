//! The AWS SDK for Rust, unmodified: a whole story with and without TLS and keys, wrong keys,
//! endpoint discovery.

mod story;

use aws_sdk_timestreamquery as query;
use aws_sdk_timestreamwrite as write;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use query::error::ProvideErrorMetadata;
use tempfile::TempDir;
use tidewatch_bridge::Transport;
use tidewatch_store::Clock;
use tidewatch_testkit::Authority;

use super::server::{NOON, Server};
use super::tls;
use story::Clients;

/// A guarded server with TLS, whose clock is the machine's at its start: the SDK signs with that.
struct Guarded {
    server: Server,
    url: String,
    authority: Authority,
    _folder: TempDir,
}

impl Guarded {
    async fn start() -> Guarded {
        let folder = TempDir::new().unwrap();
        let authority = Authority::root();
        tls::write(folder.path(), &authority);
        let server = Server::start_with(|settings| settings.transport = Transport::Tls)
            .await
            .guarded();
        server
            .clock
            .advance_seconds(jiff::Timestamp::now().as_second() - NOON / 1_000_000_000);
        let address = tls::serve_also(&server, &tls::load(folder.path()).unwrap()).await;
        Guarded {
            server,
            url: format!("https://{address}"),
            authority,
            _folder: folder,
        }
    }

    fn write(&self, id: &str) -> write::Client {
        let credentials = write::config::Credentials::new(id, secret(id), None, None, "test");
        let config = write::Config::builder()
            .behavior_version(write::config::BehaviorVersion::latest())
            .region(write::config::Region::new("eu-west-1"))
            .credentials_provider(credentials)
            .http_client(http_client(&self.authority))
            .endpoint_url(&self.url);
        write::Client::from_conf(config.build())
    }

    fn query(&self, id: &str, secret: &str) -> query::Client {
        let credentials = query::config::Credentials::new(id, secret, None, None, "test");
        let config = query::Config::builder()
            .behavior_version(query::config::BehaviorVersion::latest())
            .region(query::config::Region::new("eu-west-1"))
            .credentials_provider(credentials)
            .http_client(http_client(&self.authority))
            .endpoint_url(&self.url)
            // Without these two, discovery refuses to start.
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new());
        query::Client::from_conf(config.build())
    }
}

fn secret(id: &str) -> String {
    format!("secret-of-{id}-0123")
}

fn http_client(authority: &Authority) -> query::config::SharedHttpClient {
    let trust = TrustStore::empty().with_pem_certificate(authority.certificate_pem());
    let context = TlsContext::builder().with_trust_store(trust).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context.unwrap())
        .build_https()
}

#[tokio::test]
async fn a_whole_story_over_tls_with_a_key() {
    let guarded = Guarded::start().await;
    let clients = Clients {
        write: guarded.write("ACME"),
        query: guarded.query("ACME", &secret("ACME")),
        now: guarded.server.clock.now() / 1_000_000,
    };
    story::told_by(&clients).await;
}

#[tokio::test]
async fn a_whole_story_on_this_machine_without_keys() {
    let server = Server::start().await;
    let url = server.url();
    let write = write::Config::builder()
        .behavior_version(write::config::BehaviorVersion::latest())
        .region(write::config::Region::new("eu-west-1"))
        .credentials_provider(write::config::Credentials::new(
            "any", "any", None, None, "test",
        ))
        .endpoint_url(&url);
    let query = query::Config::builder()
        .behavior_version(query::config::BehaviorVersion::latest())
        .region(query::config::Region::new("eu-west-1"))
        .credentials_provider(query::config::Credentials::new(
            "any", "any", None, None, "test",
        ))
        .endpoint_url(&url);
    let clients = Clients {
        write: write::Client::from_conf(write.build()),
        query: query::Client::from_conf(query.build()),
        now: server.clock.now() / 1_000_000,
    };
    story::told_by(&clients).await;
}

#[tokio::test]
async fn what_belongs_to_another_is_denied() {
    let guarded = Guarded::start().await;
    let create = guarded.write("ACME").create_database();
    create.database_name("acme").send().await.unwrap();
    let other = guarded.query("GLOBEX", &secret("GLOBEX"));
    let denied = other
        .query()
        .query_string("SELECT * FROM acme.t")
        .send()
        .await;
    let denied = denied.unwrap_err().into_service_error();
    assert!(denied.is_access_denied_exception(), "{denied:?}");
}

#[tokio::test]
async fn a_wrong_key_is_named() {
    let guarded = Guarded::start().await;
    for (id, secret, code) in [
        ("ACME", "a-secret-of-somebody", "InvalidSignatureException"),
        (
            "NOBODY",
            "a-secret-of-somebody",
            "UnrecognizedClientException",
        ),
    ] {
        let client = guarded.query(id, secret);
        let refused = client
            .query()
            .query_string("SELECT 1")
            .send()
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Some(code));
    }
}

#[tokio::test]
async fn discovery_leads_back_to_the_server() {
    let guarded = Guarded::start().await;
    let client = guarded.query("ACME", &secret("ACME"));
    let (client, _reload) = client.with_endpoint_discovery_enabled().await.unwrap();
    let page = client
        .query()
        .query_string("SELECT 1")
        .send()
        .await
        .unwrap();
    assert_eq!(page.rows()[0].data()[0].scalar_value(), Some("1"));
}
