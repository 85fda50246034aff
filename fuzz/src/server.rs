//! A bridge in a folder of its own, called without a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use tempfile::TempDir;
use tidewatch_bridge::{Bridge, Settings};
use tidewatch_sql::{Engine, Limits};
use tidewatch_store::{Options, Store};
use tower::ServiceExt;

use crate::clock::SetClock;
use crate::folder;

/// How long a statement may work. One that is not stopped by then is a finding.
const WORK: Duration = Duration::from_secs(3);
/// How much later than that a first page must be there, on however busy a machine.
const MARGIN: Duration = Duration::from_secs(40);
/// Memory of all statements.
const MEMORY: usize = 64 * 1024 * 1024;

pub(crate) struct Server {
    pub(crate) bridge: Bridge,
    pub(crate) store: Store,
    pub(crate) clock: Arc<SetClock>,
    _folder: TempDir,
}

impl Server {
    /// An empty server whose clock says `now`.
    pub(crate) async fn start(now: i64) -> Server {
        let folder = folder::scratch();
        let clock = Arc::new(SetClock::new(now));
        let mut options = Options::new(clock.clone());
        options.housekeeping_every = Duration::ZERO;
        let store = Store::open(folder.path(), options)
            .await
            .expect("a new folder can be opened");
        let mut settings = Settings::new(folder.path());
        settings.query_timeout = WORK;
        settings.query_patience = WORK + MARGIN;
        settings.query_threads = 1;
        let engine = Engine::new(Limits {
            memory_bytes: MEMORY,
            ..Limits::default()
        });
        let engine = engine.expect("an engine that does not spill can be made");
        let bridge = Bridge::new(store.clone(), engine, clock.clone(), settings)
            .expect("a new folder can be used");
        Server {
            bridge,
            store,
            clock,
            _folder: folder,
        }
    }

    /// Answers a request as if it had come over a connection.
    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let answer = self.bridge.router().oneshot(request).await;
        let (parts, body) = match answer {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let body = to_bytes(body, usize::MAX).await;
        Answer {
            status: parts.status,
            body: body.expect("an answer has a whole body").to_vec(),
        }
    }
}

/// An answer of the server.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The name of the error, without its namespace; empty when there is none.
    pub(crate) fn error(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let name = json["__type"]
            .as_str()
            .and_then(|name| name.rsplit('#').next());
        name.unwrap_or_default().to_owned()
    }
}
