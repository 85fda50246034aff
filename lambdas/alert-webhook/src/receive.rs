//! The half that answers: verified requests go to the queue.

use std::sync::Arc;

use tidewatch_aws::alert_queue::SqsAlertQueue;
use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::queue::Queue;
use tidewatch_aws::sdk;
use tidewatch_aws::secrets::read_secret;
use tidewatch_aws::{clients, environment};
use tidewatch_notify::auth::{Authenticator, WebhookSecrets};
use tidewatch_notify::intake::{Intake, router};
use tidewatch_notify::sns::{HttpFetch, SnsVerifier};

use crate::settings::Receive;

/// Why the function cannot start.
type StartError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) async fn of_process() -> Result<axum::Router, StartError> {
    let settings = Receive::read(&environment::of_process)?;
    let config = sdk::load(&settings.region).await;
    let text = read_secret(&clients::secretsmanager(&config), &settings.secret).await?;
    let secrets: WebhookSecrets = serde_json::from_str(&text).map_err(|error| {
        // The text is the secret: of the error only the place is told.
        format!(
            "the secret `{}` is not of the form {{\"hmac\":[..],\"bearer\":[..],\"basic\":[..]}}, see line {} column {}",
            settings.secret,
            error.line(),
            error.column()
        )
    })?;
    let authenticator = Authenticator::new(&secrets, settings.timestamp_header)?;
    let sns = if settings.sources.is_empty() {
        None
    } else {
        let fetch = Arc::new(HttpFetch::new()?);
        Some(Arc::new(SnsVerifier::new(settings.sources, [], fetch)))
    };
    let queue = Queue::new(clients::sqs(&config), settings.queue);
    Ok(router(Intake {
        authenticator: Arc::new(authenticator),
        sns,
        queue: Arc::new(SqsAlertQueue::new(queue)),
        clock: Arc::new(SystemClock),
    }))
}
