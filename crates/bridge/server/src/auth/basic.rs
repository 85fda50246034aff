//! Name and secret of a key in an `Authorization: Basic` header.

use std::sync::Arc;

use data_encoding::BASE64;
use http::header;
use http::request::Parts;
use tidewatch_wire::{ApiError, ErrorCode};

use super::key::Key;
use super::keys::Keys;
use crate::settings::{Settings, Transport};

/// The key whose id and secret the request carries; `None` when it carries neither.
///
/// Fails when they are wrong, or when they travelled where others can read them.
pub(super) fn key(
    parts: &Parts,
    keys: &Keys,
    settings: &Settings,
) -> Result<Option<Arc<Key>>, ApiError> {
    let Some(encoded) = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
    else {
        return Ok(None);
    };
    if settings.transport == Transport::Open {
        return Err(ApiError::denied(
            "A secret was sent without TLS: replace this key, and use https or a signature.",
        ));
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).unwrap_or_default();
    let (id, secret) = match decoded.iter().position(|byte| *byte == b':') {
        Some(colon) => (&decoded[..colon], &decoded[colon + 1..]),
        None => (&decoded[..], &[][..]),
    };
    std::str::from_utf8(id)
        .ok()
        .and_then(|id| keys.get(id))
        .filter(|key| key.has_secret(secret))
        .map(Some)
        .ok_or_else(|| {
            ApiError::new(
                ErrorCode::UnrecognizedClient,
                "The name and secret of the request are those of no key of this server.",
            )
        })
}
