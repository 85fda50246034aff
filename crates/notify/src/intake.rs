//! Taking alerts in over HTTP.
//!
//! | request | who | answer |
//! |---|---|---|
//! | `POST`, `PUT` `/grafana` | Grafana's webhook, authenticated | 200 once the alerts are durable |
//! | `POST` `/sns` | SNS, by its signature | the same |
//! | `GET` `/healthz` | anybody | 200 |
//!
//! Refusals are JSON, `{"error":".."}`: 400 not JSON, 401 not authenticated, 403 a topic that is
//! not on the list, 413 too large, 422 not a webhook body, 503 the queue did not take the alerts
//! and the sender has to try again.

mod grafana;
mod refusal;
mod topic;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use serde::Serialize;
use tidewatch_domain::ports::Clock;
use tower_http::catch_panic::CatchPanicLayer;

use crate::auth::Authenticator;
use crate::queue::AlertQueue;
use crate::sns::SnsVerifier;

/// The largest body, in bytes; also of what API Gateway and function URLs let through.
pub const BODY_LIMIT: usize = 6 * 1024 * 1024;

/// What the routes work with.
#[derive(Clone)]
pub struct Intake {
    /// Decides who may send.
    pub authenticator: Arc<Authenticator>,
    /// Decides over SNS deliveries; without it there are none.
    pub sns: Option<Arc<SnsVerifier>>,
    /// Where verified requests go.
    pub queue: Arc<dyn AlertQueue>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
}

/// The answer to alerts that were taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Accepted {
    /// How many alerts.
    accepted: usize,
    /// Those that could not be read, with place and reason.
    refused: Vec<String>,
}

/// The routes.
pub fn router(intake: Intake) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/grafana", post(grafana::take).put(grafana::take));
    if intake.sns.is_some() {
        router = router.route("/sns", post(topic::take));
    }
    router
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::new())
        .with_state(intake)
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Intake")
            .field("authenticator", &self.authenticator)
            .field("sns", &self.sns)
            .finish_non_exhaustive()
    }
}
