//! The bridge itself: what its operations share.

use std::io;
use std::sync::Arc;

use tidewatch_sql::Engine;
use tidewatch_store::{Clock, Store};
use tokio::sync::Semaphore;

use crate::query::{Cursors, QueryThreads};
use crate::settings::Settings;
use crate::state::{State, StateError};

/// A Timestream server over one store. Cheap to clone; the clones are one server.
///
/// Every method is one operation of the API and validates its request, so it makes no difference
/// whether a call comes over HTTP or from within the process.
#[derive(Clone, Debug)]
pub struct Bridge {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    pub(crate) state: State,
    pub(crate) cursors: Cursors,
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
                cursors,
                query_threads,
                turns,
            }),
        })
    }

    /// The operations as an HTTP service: `POST /` in the AWS JSON 1.0 protocol, and
    /// `GET /healthz`.
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

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }
}
