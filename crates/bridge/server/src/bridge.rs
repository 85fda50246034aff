//! The bridge itself: what its operations share.

use std::io;
use std::sync::Arc;

use parking_lot::RwLock;
use tidewatch_sql::Engine;
use tidewatch_store::{Clock, Store};
use tokio::sync::Semaphore;

use crate::auth::{Caller, Keys};
use crate::metrics::Metrics;
use crate::query::{ClientTokens, Cursors, QueryThreads};
use crate::settings::Settings;
use crate::state::{State, StateError};

/// A Timestream server over one store. Cheap to clone; the clones are one server.
///
/// Every method is one operation of the API and validates its request, so it makes no difference
/// whether a call comes over HTTP or from within the process. The process itself may do
/// everything; who calls over HTTP is asked who they are, see [`Bridge::require_keys`].
#[derive(Clone, Debug)]
pub struct Bridge {
    pub(crate) shared: Arc<Shared>,
    /// On whose behalf this handle works.
    pub(crate) caller: Caller,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    pub(crate) state: State,
    /// `None` as long as nobody has to prove who they are.
    keys: RwLock<Option<Arc<Keys>>>,
    pub(crate) metrics: Metrics,
    pub(crate) cursors: Cursors,
    pub(crate) client_tokens: ClientTokens,
    pub(crate) query_threads: QueryThreads,
    /// A permit for each statement that may work at the same moment.
    pub(crate) turns: Arc<Semaphore>,
}

/// A bridge could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The file with tags and account settings cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The threads for statements cannot be started.
    #[error("cannot start the threads for queries")]
    Threads(#[source] io::Error),
}

impl Bridge {
    /// A server for `store`. `clock` is what `now()` means in statements, and ages pagination
    /// tokens.
    pub fn new(
        store: Store,
        engine: Engine,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Bridge, StartError> {
        let state = State::open(&settings.data_dir)?;
        let cursors = Cursors::new(settings.open_cursors, settings.token_lifetime);
        let query_threads =
            QueryThreads::start(settings.query_threads).map_err(StartError::Threads)?;
        let turns = Arc::new(Semaphore::new(settings.concurrent_queries.max(1)));
        Ok(Bridge {
            shared: Arc::new(Shared {
                store,
                engine,
                clock,
                settings,
                state,
                keys: RwLock::default(),
                metrics: Metrics::default(),
                cursors,
                client_tokens: ClientTokens::default(),
                query_threads,
                turns,
            }),
            caller: Caller::Owner,
        })
    }

    /// From now on every request over HTTP must be signed by one of `keys`, those from this
    /// machine included; only `GET /healthz` stays open. Keys of an earlier call are no longer
    /// good.
    ///
    /// Without keys nothing is asked of callers, so the router may only be served on a loopback
    /// address.
    pub fn require_keys(&self, keys: Keys) {
        *self.shared.keys.write() = Some(Arc::new(keys));
    }

    /// The operations as an HTTP service: `POST /` in the AWS JSON 1.0 protocol, `GET /healthz`,
    /// and `GET /metrics` in Prometheus's text format.
    pub fn router(&self) -> axum::Router {
        crate::http::router(self.clone())
    }

    /// Stops every statement and forgets every result that has pages left. To be called before
    /// the store is closed.
    pub fn stop_queries(&self) {
        self.shared.cursors.clear();
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn keys(&self) -> Option<Arc<Keys>> {
        self.shared.keys.read().clone()
    }

    /// The same server on behalf of somebody.
    pub(crate) fn on_behalf_of(&self, caller: Caller) -> Bridge {
        Bridge {
            shared: self.shared.clone(),
            caller,
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }
}
