//! `POST /backup`: an operation of ours, asked for and signed like those of the API.

use axum::extract::{Request, State};
use axum::response::Response;
use http::header;
use serde::{Deserialize, Serialize};
use tidewatch_wire::{ApiError, ErrorCode};

use super::{answer, body};
use crate::{Bridge, failure};

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wanted {
    name: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    folder: String,
    files: usize,
    bytes: u64,
}

/// Takes `{"Name": "..."}`. With keys it takes one that may administer everything.
pub(super) async fn backup(State(bridge): State<Bridge>, request: Request) -> Response {
    answer(run(&bridge, request).await)
}

async fn run(bridge: &Bridge, request: Request) -> Result<Vec<u8>, ApiError> {
    let (parts, body) = request.into_parts();
    let visitor = bridge.receive(&parts)?;
    // A page of another origin cannot send this type without asking first, and is told no.
    if super::text(&parts.headers, header::CONTENT_TYPE) != Some("application/json") {
        return Err(ApiError::validation(
            "The Content-Type of a backup must be application/json.",
        ));
    }
    let body = body::read(body, bridge.settings()).await?;
    let caller = visitor.identify(&parts, &body)?;
    if !caller.may_administer_everything() {
        return Err(ApiError::denied(
            "A backup is of all tenants; use a key with the action admin and databases = [\"*\"].",
        ));
    }
    let wanted: Wanted = serde_json::from_slice(&body).map_err(|error| {
        ApiError::new(
            ErrorCode::Serialization,
            format!("The request body does not fit: {error}."),
        )
    })?;
    let made = bridge.backup(&wanted.name).await?;
    let made = Made {
        folder: made.folder.display().to_string(),
        files: made.files,
        bytes: made.bytes,
    };
    serde_json::to_vec(&made)
        .map_err(|error| failure::internal(&error, "an answer could not be written as JSON"))
}
