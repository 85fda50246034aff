//! Deliveries of SNS.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;

use super::grafana::enqueue;
use super::refusal::Refusal;
use super::{Accepted, Intake};
use crate::envelope::Source;
use crate::sns::DeliveryKind;

pub(super) async fn take(
    State(intake): State<Intake>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Accepted>, Refusal> {
    let body = body?;
    let nothing = Accepted {
        accepted: 0,
        refused: Vec::new(),
    };
    // The route exists only with a verifier.
    let Some(sns) = &intake.sns else {
        return Ok(Json(nothing));
    };
    let delivery = sns.verify(&body, intake.clock.now()).await?;
    match delivery.kind {
        DeliveryKind::Notification => enqueue(&intake, Source::Sns, delivery.message.as_bytes())
            .await
            .map(Json),
        DeliveryKind::SubscriptionConfirmation { .. } => {
            sns.confirm(&delivery).await?;
            tracing::info!(topic = %delivery.topic, "the subscription to a topic is confirmed");
            Ok(Json(nothing))
        }
        DeliveryKind::UnsubscribeConfirmation => {
            tracing::warn!(topic = %delivery.topic, "the subscription to a topic has ended");
            Ok(Json(nothing))
        }
    }
}
