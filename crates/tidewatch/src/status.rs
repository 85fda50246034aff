//! The status page of the local mode: what is known right now, as HTML and as JSON.
//!
//! Rendered on the server from the board at every request; no script runs in the browser, a page
//! renews itself by `<meta http-equiv="refresh">`, and `?refresh=off` lets it rest. The page reads
//! no clock and no store: everything it shows is in [`StatusState`].
//!
//! | route | answer |
//! |---|---|
//! | `/` | overview of all monitors; `?q=text`, `?state=down`, `?page=2` narrow a long one down |
//! | `/monitors/{tenant}/{monitor_id}` | one monitor: verdict, last probes, definition |
//! | `/api/status` | the same for scripts, see [`api`]; takes the same, and `?probes=n` |
//! | `/api/alerts`, `/api/silences` | alerts and silences, see [`requests`] |
//! | `/d/*`, `/alerting/*` | where links of alerts lead that are meant for a Grafana |
//! | `/healthz` | `ok` while the page is served |
//! | `/assets/*` | stylesheet and tab icons, named by their content |

mod alerts;
mod api;
mod assets;
mod chart;
mod definition;
mod findings;
mod found;
mod glyph;
mod headline;
mod links;
mod monitor;
mod overview;
mod page;
mod requests;
mod respond;
mod scale;
mod standing;
mod told;
mod view;
mod words;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use parking_lot::RwLock;
use tidewatch_definitions::Fault;
use tidewatch_domain::ports::Clock;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};

use crate::local::{Board, LastTold};
use crate::rules::Alerting;
use view::View;

/// What the status page shows and where it gets it from.
#[derive(Clone, Debug)]
pub(crate) struct StatusState {
    /// The present of every monitor.
    pub(crate) board: Arc<Board>,
    /// What ages and countdowns are measured by.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is wrong in the definitions file.
    pub(crate) findings: Arc<RwLock<Findings>>,
    /// What people were told lately.
    pub(crate) told: Arc<LastTold>,
    /// Alerts and silences.
    pub(crate) alerting: Alerting,
    /// Where things are.
    pub(crate) places: Arc<Places>,
}

/// What was found wrong when the definitions were last read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    /// What keeps entries from being used; an older good version of an entry runs on.
    pub(crate) faults: Vec<Fault>,
    /// What is probably not meant, but works.
    pub(crate) warnings: Vec<Fault>,
}

/// Names and addresses for people.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Where this page listens.
    pub(crate) listen: SocketAddr,
    /// Where the bridge listens: `http://127.0.0.1:8086`.
    pub(crate) bridge_url: String,
    /// The database of the rows.
    pub(crate) database: String,
    /// The main table of the rows.
    pub(crate) table: String,
    /// The definitions file, as the operator named it.
    pub(crate) definitions: String,
    /// The version of this binary.
    pub(crate) version: String,
}

/// The routes of the status page.
pub(crate) fn router(state: StatusState) -> Router {
    Router::new()
        .route("/", get(overview_page))
        .route("/monitors/{tenant}/{monitor_id}", get(monitor_page))
        .route("/api/status", get(api_status))
        .route("/api/alerts", get(requests::alerts))
        .route("/api/alerts/{id}/acknowledge", post(requests::acknowledge))
        .route("/api/silences", post(requests::silence))
        .route("/api/silences/{id}", delete(requests::unsilence))
        .route("/d/{*dashboard}", get(links::of_dashboard))
        .route("/alerting/{*page}", get(links::of_alerting))
        .route("/healthz", get("ok\n"))
        .route("/assets/{name}", get(asset))
        .fallback(nowhere)
        .layer(from_fn_with_state(state.clone(), requests::guard))
        .layer(map_response(respond::with_headers))
        .with_state(state)
}

async fn overview_page(State(state): State<StatusState>, Query(view): Query<View>) -> Response {
    let now = state.clock.now();
    respond::off_the_loop(move || respond::found(overview::render(&state, now, &view))).await
}

async fn monitor_page(
    State(state): State<StatusState>,
    Path((tenant, monitor_id)): Path<(String, String)>,
    Query(view): Query<View>,
) -> Response {
    let card = match (Tenant::try_new(&tenant), MonitorId::try_new(&monitor_id)) {
        (Ok(tenant), Ok(monitor_id)) => state.board.card(&MonitorKey { tenant, monitor_id }),
        _ => None,
    };
    match card {
        Some(card) => respond::found(monitor::render(&card, &state, state.clock.now(), &view)),
        None => respond::not_found(
            &format!("There is no monitor {tenant}/{monitor_id}."),
            &state,
        ),
    }
}

async fn api_status(
    State(state): State<StatusState>,
    Query(view): Query<View>,
    Query(detail): Query<api::Detail>,
) -> Response {
    let now = state.clock.now();
    respond::off_the_loop(move || {
        axum::Json(api::Status::new(&state, now, &view, detail)).into_response()
    })
    .await
}

async fn asset(State(state): State<StatusState>, Path(name): Path<String>) -> Response {
    assets::find(&name).map_or_else(
        || respond::not_found("There is no such file.", &state),
        respond::asset,
    )
}

async fn nowhere(State(state): State<StatusState>) -> Response {
    respond::not_found("There is no such page.", &state)
}

#[cfg(test)]
mod tests;
