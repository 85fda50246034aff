//! Request bodies, bounded in size and time.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tidewatch_wire::{ApiError, ErrorCode};
use tokio::time::timeout;

use crate::Settings;

/// Reads the whole body.
pub(super) async fn read(body: Body, settings: &Settings) -> Result<Bytes, ApiError> {
    let whole = Limited::new(body, settings.body_bytes).collect();
    match timeout(settings.body_timeout, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::new(
            ErrorCode::RequestEntityTooLarge,
            format!(
                "The request body is larger than {} bytes.",
                settings.body_bytes
            ),
        )),
        Ok(Err(_)) => Err(ApiError::new(
            ErrorCode::Serialization,
            "The request body broke off.",
        )),
        Err(_) => Err(ApiError::new(
            ErrorCode::RequestTimeout,
            format!(
                "The request body did not arrive within {} s.",
                settings.body_timeout.as_secs()
            ),
        )),
    }
}
