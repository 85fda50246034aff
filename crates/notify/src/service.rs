//! Alerting on one machine: the webhook, its queue and the consumer, put together.
//!
//! ```no_run
//! # async fn run(
//! #     settings: tidewatch_notify::settings::Settings,
//! #     sources: tidewatch_notify::settings::Sources<'_>,
//! #     place: tidewatch_notify::service::Place,
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//! use tidewatch_notify::service::Service;
//!
//! let service = Service::open(&settings, &sources, place)?;
//! let listener = tokio::net::TcpListener::bind(service.listen()).await?;
//! let router = service.router();
//! let inlet = service.queue(); // for alerts that are found in this process
//! # let stop = tokio_util::sync::CancellationToken::new();
//! tokio::spawn(service.run(stop.clone()));
//! axum::serve(listener, router).await?;
//! # Ok(())
//! # }
//! ```

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tidewatch_domain::Location;
use tidewatch_domain::ports::{Clock, RecordSink};
use tokio_util::sync::CancellationToken;

use crate::auth::Authenticator;
use crate::consumer::{Consumer, Options, RowTimes};
use crate::heartbeat::LastSeen;
use crate::intake::{Intake, router};
use crate::queue::{AlertQueue, FolderError, FolderQueue};
use crate::settings::{Settings, SettingsError, Sources};
use crate::table::FileTable;
use crate::worker::Worker;

/// Where a service is at home.
pub struct Place {
    /// Holds `queue`, `incidents` and `heartbeat`; created where it is missing.
    pub folder: PathBuf,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Takes `notification` rows.
    pub rows: Arc<dyn RecordSink>,
    /// Where it runs, for those rows.
    pub location: Location,
}

/// Alerting on one machine.
#[derive(Debug)]
pub struct Service {
    listen: SocketAddr,
    authenticator: Arc<Authenticator>,
    queue: Arc<FolderQueue>,
    clock: Arc<dyn Clock>,
    heartbeat: PathBuf,
    worker: Worker,
}

/// A service cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The queue cannot be opened.
    #[error(transparent)]
    Queue(#[from] FolderError),
    /// The table of incidents cannot be opened.
    #[error("the table of incidents {folder} cannot be used")]
    Table {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Service {
    /// Puts a service together; nothing runs yet.
    pub fn open(
        settings: &Settings,
        sources: &Sources<'_>,
        place: Place,
    ) -> Result<Self, ServiceError> {
        let resolved = settings.resolve(sources)?;
        let queue = Arc::new(FolderQueue::open(
            &place.folder.join("queue"),
            Arc::clone(&place.clock),
        )?);
        let folder = place.folder.join("incidents");
        let table = FileTable::open(&folder, place.clock.now())
            .map_err(|source| ServiceError::Table { folder, source })?;
        let heartbeat = place.folder.join("heartbeat");
        let consumer = Consumer {
            table: Arc::new(table),
            queue: Arc::new(Arc::clone(&queue)),
            subscriptions: resolved.subscriptions,
            heartbeat: Arc::new(LastSeen::at(&heartbeat)),
            rows: place.rows,
            clock: Arc::clone(&place.clock),
            options: Options {
                policy: resolved.policy,
                surroundings: resolved.surroundings,
                location: place.location,
            },
            row_times: RowTimes::default(),
        };
        let worker = Worker::new(
            Arc::clone(&queue),
            consumer,
            Arc::clone(&place.clock),
            resolved.patience,
        );
        Ok(Service {
            listen: settings.listen,
            authenticator: Arc::new(resolved.authenticator),
            queue,
            clock: place.clock,
            heartbeat,
            worker,
        })
    }

    /// Where the webhook is to listen.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Whether requests need no credentials; only on loopback.
    pub fn is_open(&self) -> bool {
        self.authenticator.is_open()
    }

    /// The routes of the webhook.
    pub fn router(&self) -> Router {
        router(Intake {
            authenticator: Arc::clone(&self.authenticator),
            sns: None,
            queue: self.queue(),
            clock: Arc::clone(&self.clock),
        })
    }

    /// Where alerts that are found in this process go in.
    pub fn queue(&self) -> Arc<dyn AlertQueue> {
        Arc::new(Arc::clone(&self.queue))
    }

    /// How many envelopes wait.
    pub fn depth(&self) -> Result<usize, FolderError> {
        self.queue.depth()
    }

    /// The file with the time of the last heartbeat; see [`LastSeen::last`].
    pub fn heartbeat(&self) -> &std::path::Path {
        &self.heartbeat
    }

    /// Tells people, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        self.worker.run(stop).await;
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Place")
            .field("folder", &self.folder)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}
