//! From content to HTTP answers, with the headers that every answer has.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use maud::Markup;

use super::assets::Asset;
use super::{StatusState, page};

/// Pages bring no script and take nothing from elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'",
);

/// A page.
pub(super) fn found(page: Markup) -> Response {
    Html(page.into_string()).into_response()
}

/// Makes an answer that takes a while with thousands of monitors, on a thread of its own: probes
/// that are due meanwhile do not wait for it.
pub(super) async fn off_the_loop(answer: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(answer).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!("the status page could not be made: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page that says what is not there.
pub(super) fn not_found(what: &str, state: &StatusState) -> Response {
    (StatusCode::NOT_FOUND, found(page::not_found(what, state))).into_response()
}

/// A file; its name changes with its content, so that it may be kept for good.
pub(super) fn asset(asset: &'static Asset) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, asset.content.as_str()).into_response()
}

/// Adds what every answer has: what a browser may do with it, and that it is of this moment.
pub(super) async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
