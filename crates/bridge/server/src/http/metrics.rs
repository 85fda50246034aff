//! Measurements of the server for Prometheus.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use tidewatch_wire::{ApiError, ErrorCode};

use crate::Bridge;
use crate::auth::Caller;
use crate::metrics::Moment;

/// The text format that Prometheus reads.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What `GET /metrics` answers. With keys it takes one that may read everything, because the
/// numbers are about all tenants.
pub(super) async fn metrics(State(bridge): State<Bridge>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let permitted = bridge
        .receive_scrape(&parts)
        .and_then(|caller| check(&caller));
    match permitted {
        Ok(()) => ([(header::CONTENT_TYPE, FORMAT)], page(&bridge)).into_response(),
        Err(error) => refused(error),
    }
}

fn check(caller: &Caller) -> Result<(), ApiError> {
    match caller.may_read_everything() {
        true => Ok(()),
        false => Err(ApiError::denied(
            "Metrics are about all tenants; use a key with the action read and databases = [\"*\"].",
        )),
    }
}

/// Prometheus sends name and secret only when it is asked for them.
fn refused(error: ApiError) -> Response {
    match error.code {
        ErrorCode::AccessDenied => (StatusCode::FORBIDDEN, error.message).into_response(),
        _ => (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Basic realm=\"tidewatch\"")],
            error.message,
        )
            .into_response(),
    }
}

fn page(bridge: &Bridge) -> String {
    let shared = &bridge.shared;
    let permitted = shared.settings.concurrent_queries.max(1);
    let moment = Moment {
        running: permitted.saturating_sub(shared.turns.available_permits()),
        open: shared.cursors.open(),
    };
    shared.metrics.page(&shared.store.stats(), moment)
}
