//! Whether the server is well.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

use crate::Bridge;

/// What `GET /healthz` answers.
#[derive(Debug, Serialize)]
struct Health {
    /// `ok`, or `read-only` when the store refuses writes.
    status: &'static str,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What is told to the owner only, not to whoever reaches a server that has keys.
#[derive(Debug, Serialize)]
struct Details {
    /// Of this program.
    version: &'static str,
    /// Stored rows.
    rows: u64,
    /// Why writes are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// 200 when reads and writes work, 503 when only reads do.
pub(super) async fn healthz(State(bridge): State<Bridge>) -> Response {
    let stats = bridge.store().stats();
    let (code, status) = match stats.read_only {
        None => (StatusCode::OK, "ok"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "read-only"),
    };
    let details = bridge.keys().is_none().then(|| Details {
        version: env!("CARGO_PKG_VERSION"),
        rows: stats.partition_rows + stats.head_rows as u64,
        reason: stats.read_only,
    });
    (code, Json(Health { status, details })).into_response()
}
