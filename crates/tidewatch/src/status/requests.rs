//! What can be asked of alerting over HTTP: silences, acknowledgements, and their end.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /api/alerts` | | alerts, silences, evaluation, messages |
//! | `POST /api/silences` | `matchers`, `ends_at`, `author`, `comment` | 201 and the silence |
//! | `DELETE /api/silences/{id}` | | 200 and the silence that is over |
//! | `POST /api/alerts/{id}/acknowledge` | `author`, `comment` | 201 and the silence |
//!
//! Refusals are JSON, `{"error":".."}`: 400 cannot be meant, 403 not from this machine's own
//! pages and programs, 404 nothing of that name, 409 a Grafana has the alerts, 415 not JSON.
//!
//! The page asks nobody who they are, because only this machine reaches it. A browser on this
//! machine does too, with whatever page is open in it: so every request that changes something has
//! to name the listener's own address as its `Host`, come from no other `Origin`, and be JSON, which
//! no form of a strange page can send.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::StatusState;
use super::api::alerting::{AlertingStatus, SilenceStatus};
use crate::rules::{Desk, Refusal, SilenceRequest};

/// The media type of everything here.
const JSON: &str = "application/json";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    author: String,
    #[serde(default)]
    comment: String,
}

/// `GET /api/alerts`.
pub(super) async fn alerts(State(state): State<StatusState>) -> Response {
    let now = state.clock.now();
    Json(AlertingStatus::new(&state.alerting, &state.told, now)).into_response()
}

/// `POST /api/silences`.
pub(super) async fn silence(State(state): State<StatusState>, body: Bytes) -> Response {
    let asked = async {
        let request: SilenceRequest = read(&body)?;
        let silence = desk(&state)?.silence(&request).await?;
        Ok((StatusCode::CREATED, Json(SilenceStatus::of(&silence))))
    };
    answer(asked.await)
}

/// `DELETE /api/silences/{id}`.
pub(super) async fn unsilence(
    State(state): State<StatusState>,
    Path(id): Path<String>,
) -> Response {
    let asked = async {
        let silence = desk(&state)?.unsilence(&id).await?;
        Ok((StatusCode::OK, Json(SilenceStatus::of(&silence))))
    };
    answer(asked.await)
}

/// `POST /api/alerts/{id}/acknowledge`.
pub(super) async fn acknowledge(
    State(state): State<StatusState>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let asked = async {
        let request: Acknowledgement = read(&body)?;
        let desk = desk(&state)?;
        let made = desk
            .acknowledge(&id, &request.author, &request.comment)
            .await?;
        Ok((StatusCode::CREATED, Json(SilenceStatus::of(&made))))
    };
    answer(asked.await)
}

/// Lets through what changes nothing, and what this machine's own programs ask for.
pub(super) async fn guard(
    State(state): State<StatusState>,
    request: Request,
    next: Next,
) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    match changes
        .then(|| refusal(&state, request.headers()))
        .flatten()
    {
        Some((status, reason)) => error(status, &reason),
        None => next.run(request).await,
    }
}

fn refusal(state: &StatusState, headers: &HeaderMap) -> Option<(StatusCode, String)> {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let port = state.places.listen.port();
    let hosts = [
        state.places.listen.to_string(),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
        format!("localhost:{port}"),
    ];
    let host = header(HOST).unwrap_or_default();
    if !hosts.iter().any(|own| own == host) {
        return Some((
            StatusCode::FORBIDDEN,
            format!("`Host` is `{host}`, not {}", state.places.listen),
        ));
    }
    if let Some(origin) = header(ORIGIN)
        && origin != format!("http://{host}")
    {
        return Some((
            StatusCode::FORBIDDEN,
            format!("`Origin` is `{origin}`, not http://{host}"),
        ));
    }
    let media_type = header(CONTENT_TYPE).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    (!media_type.eq_ignore_ascii_case(JSON)).then(|| {
        (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("`Content-Type` is `{media_type}`, not {JSON}"),
        )
    })
}

/// Why there is no good answer.
enum Fault {
    Refused(Refusal),
    /// A Grafana has the alerts.
    Elsewhere,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refused(refusal)
    }
}

fn desk(state: &StatusState) -> Result<&Arc<Desk>, Fault> {
    state.alerting.desk.as_ref().ok_or(Fault::Elsewhere)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body)
        .map_err(|error| Fault::Refused(Refusal::Wrong(format!("the body: {error}"))))
}

fn answer(result: Result<impl IntoResponse, Fault>) -> Response {
    match result {
        Ok(done) => done.into_response(),
        Err(Fault::Refused(Refusal::Wrong(reason))) => error(StatusCode::BAD_REQUEST, &reason),
        Err(Fault::Refused(Refusal::Unknown(reason))) => error(StatusCode::NOT_FOUND, &reason),
        Err(Fault::Elsewhere) => error(
            StatusCode::CONFLICT,
            "the alerts are those of a Grafana; silence them there, or start with \
             --alert-source local",
        ),
    }
}

fn error(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}
