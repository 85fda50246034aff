//! Whole requests, to the byte, beside the answers to them.
//!
//! Each file of `tests/golden/requests` with `.http` at its end is what a sender writes into the
//! connection at [`NOW`]; the file beside it has the answer and what became of it.
//! `TIDEWATCH_UPDATE_EXPECTED=1` writes the answers anew. The requests were signed by other
//! programs than this one, `README.md` there says how.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tidewatch_notify::auth::{Authenticator, TIMESTAMP_HEADER, WebhookSecrets};
use tidewatch_notify::intake::{Intake, router};
use tidewatch_notify::queue::FolderQueue;
use tidewatch_notify::sns::{Fetch, SnsVerifier};
use tidewatch_testkit::ManualClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::stage::{NOW, SECRET};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:grafana-alerts";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/requests")
}

/// SNS, as far as it is called.
#[derive(Default)]
struct Sns {
    called: Mutex<Vec<String>>,
}

#[async_trait]
impl Fetch for Sns {
    async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        self.called.lock().push(url.to_string());
        fs::read(folder().join("sns-certificate.pem")).map_err(|error| error.to_string())
    }
}

/// Requests whose names begin with this go to a service that asks for no timestamp.
const WITHOUT_TIMESTAMP: &str = "plain";

fn authenticator(name: &str) -> Authenticator {
    let secrets = WebhookSecrets {
        hmac: vec![
            SECRET.to_owned(),
            "fedcba9876543210fedcba9876543210".to_owned(),
        ],
        bearer: vec!["b".repeat(40)],
        basic: vec![format!("grafana:{}", "p".repeat(32))],
    };
    let timestamp = (!name.starts_with(WITHOUT_TIMESTAMP)).then(|| TIMESTAMP_HEADER.to_owned());
    Authenticator::new(&secrets, timestamp).unwrap()
}

/// Sends the bytes of a request to a service of its own, and tells what became of it.
async fn exchanged(name: &str, request: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let queue = Arc::new(FolderQueue::open(folder.path(), clock.clone()).unwrap());
    let sns = Arc::new(Sns::default());
    let verifier = SnsVerifier::new([TOPIC.to_owned()], [], sns.clone());
    let routes = router(Intake {
        authenticator: Arc::new(authenticator(name)),
        sns: Some(Arc::new(verifier)),
        queue: Arc::new(queue.clone()),
        clock,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let answer = asked(address, request).await;
    server.abort();

    let mut text = answer;
    text.push_str("\n\n");
    for call in sns.called.lock().iter() {
        text.push_str(&format!("called: {call}\n"));
    }
    let (entries, _) = queue.due(10).unwrap();
    for entry in &entries {
        text.push_str(&format!("queued: {}\n", entry.envelope.to_json()));
    }
    text
}

/// Status line and body of the answer.
async fn asked(address: std::net::SocketAddr, request: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    format!("{}\n{body}", head.lines().next().unwrap())
}

#[tokio::test]
async fn requests_get_the_answers_beside_them() {
    let update = std::env::var_os("TIDEWATCH_UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for found in fs::read_dir(folder()).unwrap() {
        let path = found.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "http") {
            continue;
        }
        count += 1;
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let answer = exchanged(&name, &fs::read(&path).unwrap()).await;
        let expected = path.with_extension("txt");
        if update {
            fs::write(&expected, &answer).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != answer {
            wrong.push(format!("{name}:\n{answer}"));
        }
    }
    assert!(count > 40, "{count} requests");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
