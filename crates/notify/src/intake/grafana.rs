//! Grafana's webhook.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use http::HeaderMap;

use super::refusal::Refusal;
use super::{Accepted, Intake};
use crate::envelope::{Envelope, Source};
use crate::payload::Payload;

pub(super) async fn take(
    State(intake): State<Intake>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Accepted>, Refusal> {
    let body = body?;
    intake
        .authenticator
        .verify(&headers, &body, intake.clock.now())?;
    enqueue(&intake, Source::Grafana, &body).await.map(Json)
}

/// Puts the body of a webhook into the queue.
pub(super) async fn enqueue(
    intake: &Intake,
    source: Source,
    body: &[u8],
) -> Result<Accepted, Refusal> {
    let (envelope, payload) = Envelope::of_bytes(source, intake.clock.now(), body)
        .map_err(|error| Refusal::not_json(&error))?;
    let payload = Payload::read(&payload)?;
    let refused: Vec<String> = payload.faults.iter().map(ToString::to_string).collect();
    if payload.alerts.is_empty() && !refused.is_empty() {
        return Err(Refusal::no_alert_readable(&refused));
    }
    intake.queue.put(&envelope, Duration::ZERO).await?;
    tracing::debug!(
        envelope.id = %envelope.id,
        alerts = payload.alerts.len(),
        "alerts were taken in"
    );
    Ok(Accepted {
        accepted: payload.alerts.len(),
        refused,
    })
}
