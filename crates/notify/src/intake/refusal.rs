//! Why a request was not taken, as the client sees it and as the log does.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::auth;
use crate::payload::PayloadError;
use crate::queue::QueueError;
use crate::sns::SnsRefusal;

/// A request that was not taken.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// For the client: nothing about our insides.
    message: String,
}

impl Refusal {
    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        Refusal::client(
            StatusCode::BAD_REQUEST,
            format!("the body is not JSON: {error}"),
        )
    }

    pub(super) fn no_alert_readable(reasons: &[String]) -> Self {
        let first = reasons.first().map_or("", String::as_str);
        Refusal::client(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("no alert can be read; {first}"),
        )
    }

    fn client(status: StatusCode, message: String) -> Self {
        tracing::warn!(http.status = status.as_u16(), reason = %message, "a request was refused");
        Refusal { status, message }
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        let status = rejection.status();
        let message = if status == StatusCode::PAYLOAD_TOO_LARGE {
            format!("the body has more than {} bytes", super::BODY_LIMIT)
        } else {
            rejection.body_text()
        };
        Refusal::client(status, message)
    }
}

impl From<auth::Refusal> for Refusal {
    fn from(refusal: auth::Refusal) -> Self {
        Refusal::client(StatusCode::UNAUTHORIZED, refusal.to_string())
    }
}

impl From<PayloadError> for Refusal {
    fn from(error: PayloadError) -> Self {
        Refusal::client(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
    }
}

impl From<SnsRefusal> for Refusal {
    fn from(refusal: SnsRefusal) -> Self {
        let status = match refusal {
            SnsRefusal::Shape(_) => StatusCode::BAD_REQUEST,
            SnsRefusal::Topic(_) | SnsRefusal::OwnOutput(_) => StatusCode::FORBIDDEN,
            SnsRefusal::Address(_) | SnsRefusal::Signature(_) | SnsRefusal::Stale => {
                StatusCode::UNAUTHORIZED
            }
            SnsRefusal::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Refusal::client(status, refusal.to_string())
    }
}

impl From<QueueError> for Refusal {
    fn from(error: QueueError) -> Self {
        tracing::error!(%error, "alerts were not taken in; the sender has to try again");
        Refusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            message: "the alerts could not be stored; try again".to_owned(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "error": self.message }))).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}
