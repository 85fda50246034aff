//! A service on loopback, and a channel that says when it has something.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tidewatch_domain::ports::{Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::{Location, Record, Timestamp};
use tidewatch_notify::channel::{Channel, ChannelError};
use tidewatch_notify::message::Message;
use tidewatch_notify::service::{Place, Service};
use tidewatch_notify::settings::{Settings, Sources, TopicSettings};
use tidewatch_testkit::ManualClock;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// 2026-11-22T07:12:05Z.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_795_331_525);

/// Messages as they arrive.
pub(crate) struct Inbox(UnboundedSender<Message>);

impl Inbox {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Message>) {
        let (sender, receiver) = unbounded_channel();
        (Inbox(sender), receiver)
    }
}

#[async_trait]
impl Channel for Inbox {
    fn name(&self) -> &str {
        "inbox"
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        messages
            .iter()
            .map(|message| {
                self.0
                    .send(message.clone())
                    .map_err(|error| ChannelError(error.to_string()))
            })
            .collect()
    }
}

struct NoRows;

#[async_trait]
impl RecordSink for NoRows {
    async fn write(&self, _: Destination, _: Vec<Record>) -> Result<WriteReport, SinkError> {
        Ok(WriteReport::default())
    }
}

/// A running service.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) messages: UnboundedReceiver<Message>,
    pub(crate) clock: Arc<ManualClock>,
    stop: CancellationToken,
    worker: tokio::task::JoinHandle<()>,
    server: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Starts a service whose topic channel is the inbox. `works` says whether the queue is worked
    /// off.
    pub(crate) async fn start(folder: &Path, mut settings: Value, works: bool) -> Self {
        let (inbox, messages) = Inbox::new();
        let clock = Arc::new(ManualClock::at(NOW));
        settings["gather-seconds"] = 0.into();
        settings["channels"] =
            serde_json::json!([{ "kind": "sns", "name": "inbox", "topic": "t" }]);
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let inbox = parking_lot::Mutex::new(Some(inbox));
        let topic = |_: &TopicSettings| -> Result<Box<dyn Channel>, String> {
            Ok(Box::new(inbox.lock().take().unwrap()))
        };
        let variable = |name: &str| (name == "TIDEWATCH_SECRET_KEY").then(|| SECRET.to_owned());
        let sources = Sources {
            variable: &variable,
            topic: &topic,
            clock: clock.clone(),
        };
        let place = Place {
            folder: folder.to_owned(),
            clock: clock.clone(),
            rows: Arc::new(NoRows),
            location: Location::try_new("local").unwrap(),
        };
        let service = Service::open(&settings, &sources, place).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = service.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let stop = CancellationToken::new();
        let worker = if works {
            tokio::spawn(service.run(stop.clone()))
        } else {
            // Keeps the queue open without touching it.
            let stop = stop.clone();
            tokio::spawn(async move {
                let _service = service;
                stop.cancelled().await;
            })
        };
        Running {
            address,
            messages,
            clock,
            stop,
            worker,
            server,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.worker.await.unwrap();
        self.server.abort();
        let _ = self.server.await;
    }
}
