//! A bridge in a folder of its own, on a port of its own, with a clock that stands still.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tidewatch_bridge::{Bridge, Settings};
use tidewatch_sql::{Engine, Limits};
use tidewatch_store::{Clock, Options, Store};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// 2026-03-01T12:00:00Z, in nanoseconds.
pub(super) const NOON: i64 = 1_772_366_400_000_000_000;

/// A clock that moves when it is told to.
#[derive(Debug)]
pub(super) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(super) fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000_000, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) struct Server {
    pub(super) bridge: Bridge,
    pub(super) clock: Arc<ManualClock>,
    store: Store,
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    folder: TempDir,
}

/// An answer of the server.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Server {
    pub(super) async fn start() -> Server {
        Server::start_with(|_| {}).await
    }

    pub(super) async fn start_with(change: impl FnOnce(&mut Settings)) -> Server {
        Server::start_in(TempDir::new().unwrap(), change).await
    }

    /// A server at another time than [`NOON`], in nanoseconds since the Unix epoch.
    pub(super) async fn start_when(now: i64) -> Server {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_owned();
        Server::start_at(&path, folder, now, |_| {}, |_| {}).await
    }

    /// A server on the files of a folder that somebody else keeps.
    pub(super) async fn start_on(folder: &str) -> Server {
        Server::start_at(
            Path::new(folder),
            TempDir::new().unwrap(),
            NOON,
            |_| {},
            |_| {},
        )
        .await
    }

    /// A server whose store has other options.
    pub(super) async fn start_over(change: impl FnOnce(&mut Options)) -> Server {
        let folder = TempDir::new().unwrap();
        let path = folder.path().to_owned();
        Server::start_at(&path, folder, NOON, |_| {}, change).await
    }

    async fn start_in(folder: TempDir, change: impl FnOnce(&mut Settings)) -> Server {
        let path = folder.path().to_owned();
        Server::start_at(&path, folder, NOON, change, |_| {}).await
    }

    async fn start_at(
        path: &Path,
        folder: TempDir,
        now: i64,
        change: impl FnOnce(&mut Settings),
        change_store: impl FnOnce(&mut Options),
    ) -> Server {
        let clock = Arc::new(ManualClock(AtomicI64::new(now)));
        let mut options = Options::new(clock.clone());
        change_store(&mut options);
        let store = Store::open(path, options).await.unwrap();
        let mut settings = Settings::new(path);
        change(&mut settings);
        let engine = Engine::new(Limits::default()).unwrap();
        let bridge = Bridge::new(store.clone(), engine, clock.clone(), settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = bridge.router();
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            // Without a sender nobody will ever ask for an orderly end.
            if stopped.await.is_err() {
                std::future::pending().await
            }
        });
        let serving = tokio::spawn(async move { serving.await.unwrap() });
        Server {
            bridge,
            clock,
            store,
            address,
            stop,
            serving,
            folder,
        }
    }

    /// Stops the server in an orderly way and starts another on the same folder.
    pub(super) async fn restart(self) -> Server {
        self.bridge.stop_queries();
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.store.close().await.unwrap();
        drop((self.bridge, self.store));
        let path = self.folder.path().to_owned();
        Server::start_at(&path, self.folder, self.clock.now(), |_| {}, |_| {}).await
    }

    /// Moves all rows from memory to files.
    pub(super) async fn flush(&self) {
        self.store.flush().await.unwrap();
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends any request.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        connection.abort();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Calls an operation as an SDK does.
    pub(super) async fn call(&self, operation: &str, body: Value) -> Answer {
        let request = Request::post("/")
            .header("host", self.address.to_string())
            .header("x-amz-target", format!("Timestream_20181101.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .body(Full::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Calls an operation that must succeed.
    pub(super) async fn ok(&self, operation: &str, body: Value) -> Value {
        let answer = self.call(operation, body).await;
        let json = answer.json();
        assert_eq!(answer.status, StatusCode::OK, "{operation}: {json}");
        json
    }

    /// Calls an operation that must fail with a code and a message.
    #[track_caller]
    pub(super) fn fails<'a>(
        &'a self,
        operation: &'a str,
        body: Value,
        code: &'a str,
        message: &'a str,
    ) -> impl Future<Output = ()> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.call(operation, body).await;
            let json = answer.json();
            let name = json["__type"]
                .as_str()
                .unwrap_or_default()
                .rsplit('#')
                .next();
            assert_eq!(
                (name, json["message"].as_str()),
                (Some(code), Some(message)),
                "at {caller}"
            );
            assert_eq!(answer.status, 400, "at {caller}");
        }
    }

    /// Runs a statement whose result fits a page.
    pub(super) async fn query(&self, statement: &str) -> Value {
        self.ok("Query", serde_json::json!({"QueryString": statement}))
            .await
    }

    /// A database `db` with a table `t` that keeps a day in memory and takes older rows.
    pub(super) async fn with_table(self) -> Server {
        self.ok("CreateDatabase", serde_json::json!({"DatabaseName": "db"}))
            .await;
        let table = serde_json::json!({
            "DatabaseName": "db", "TableName": "t",
            "RetentionProperties":
                {"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 365},
            "MagneticStoreWriteProperties": {"EnableMagneticStoreWrites": true},
        });
        self.ok("CreateTable", table).await;
        self
    }

    /// Gives a statement that works for minutes before its first row, and its table some rows.
    pub(super) async fn with_slow_statement(&self) -> &'static str {
        self.ok("CreateDatabase", serde_json::json!({"DatabaseName": "db"}))
            .await;
        self.ok(
            "CreateTable",
            serde_json::json!({"DatabaseName": "db", "TableName": "slow"}),
        )
        .await;
        let record = |n: i64| {
            let time = (NOON / 1_000_000 - n).to_string();
            serde_json::json!({"MeasureName": "m", "MeasureValue": n.to_string(), "Time": time})
        };
        let records: Vec<Value> = (0..100).map(record).collect();
        let write =
            serde_json::json!({"DatabaseName": "db", "TableName": "slow", "Records": records});
        self.ok("WriteRecords", write).await;
        "SELECT count(*) FROM db.slow a CROSS JOIN db.slow b CROSS JOIN db.slow c \
         CROSS JOIN db.slow d CROSS JOIN db.slow e \
         WHERE a.measure_value::double < e.measure_value::double"
    }
}

/// The texts of the cells of a result, `null` for no value.
pub(super) fn cells(page: &Value) -> Vec<Vec<Option<String>>> {
    let cell = |cell: &Value| cell["ScalarValue"].as_str().map(str::to_owned);
    let row = |row: &Value| row["Data"].as_array().unwrap().iter().map(cell).collect();
    page["Rows"].as_array().unwrap().iter().map(row).collect()
}
