//! The operations over HTTP.

mod backup;
mod body;
mod dispatch;
mod health;
mod metrics;

use std::any::Any;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::Full;
use tidewatch_wire::{ApiError, ErrorCode, Operation};
use tower_http::catch_panic::CatchPanicLayer;

use crate::metrics::{OK, UNKNOWN};
use crate::{Bridge, identifiers};

/// Which operation a request is for.
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// What a client quotes when it reports a fault.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The protocol, for requests and answers.
const AWS_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");

pub(crate) fn router(bridge: Bridge) -> Router {
    Router::new()
        .route("/", post(call))
        .route("/backup", post(backup::backup))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(metrics::metrics))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(bridge)
}

/// One call of the API.
async fn call(State(bridge): State<Bridge>, request: Request) -> Response {
    let begin = Instant::now();
    let (parts, body) = request.into_parts();
    let target = text(&parts.headers, TARGET).unwrap_or_default();
    let operation = Operation::from_target(target);
    let result = run(&bridge, operation, &parts, body).await;
    let outcome = match &result {
        Ok(_) => OK,
        Err(error) => error.code.name(),
    };
    bridge.shared.metrics.called(
        operation.map_or(UNKNOWN, Operation::name),
        outcome,
        begin.elapsed(),
    );
    let response = answer(result);
    tracing::debug!(
        target_operation = target,
        status = response.status().as_u16(),
        elapsed_us = begin.elapsed().as_micros(),
        "answered a call"
    );
    response
}

/// Learns who calls, first from the head of the request alone, and then does what they ask.
async fn run(
    bridge: &Bridge,
    operation: Option<Operation>,
    parts: &Parts,
    body: Body,
) -> Result<Vec<u8>, ApiError> {
    let visitor = bridge.receive(parts)?;
    let body = body::read(body, bridge.settings()).await?;
    let caller = visitor.identify(parts, &body)?;
    let operation = operation.ok_or_else(|| unknown(parts))?;
    dispatch::dispatch(&bridge.on_behalf_of(caller), operation, parts, &body).await
}

fn unknown(parts: &Parts) -> ApiError {
    let text = match text(&parts.headers, TARGET).unwrap_or_default() {
        "" => "The request has no X-Amz-Target header.".to_owned(),
        target => format!("The operation {target} is not known."),
    };
    ApiError::new(ErrorCode::UnknownOperation, text)
}

fn answer(result: Result<Vec<u8>, ApiError>) -> Response {
    let (status, body) = match result {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => {
            let status = StatusCode::from_u16(error.code.status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, error.to_json())
        }
    };
    let mut response = Response::new(axum::body::Body::new(Full::new(Bytes::from(body))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, AWS_JSON);
    let id = HeaderValue::from_str(&identifiers::request_id())
        .expect("letters and digits are a header value");
    headers.insert(REQUEST_ID, id);
    response
}

/// A handler panicked: a fault of ours, told as such.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(error = text, "a call panicked");
    answer(Err(ApiError::internal()))
}

/// A header as text, when it is there and is text.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
