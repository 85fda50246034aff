//! Outside of Lambda: webhook and consumer in one process, around a queue in a folder.
//!
//! | variable | meaning, default |
//! |---|---|
//! | `TIDEWATCH_WEBHOOK_SETTINGS` | JSON file with the settings of `docs/alerts.md`; all defaults |
//! | `TIDEWATCH_WEBHOOK_LISTEN` | where to listen, over the file's `listen` |
//! | `TIDEWATCH_WEBHOOK_DIR` | folder of queue and incidents; `tidewatch-alerts` |
//! | `TIDEWATCH_SECRET_WEBHOOK` | key of signatures, where the file names no secret |
//! | `TIDEWATCH_LOCATION` | where it runs, for logs; `local` |

use std::error::Error;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::sdk;
use tidewatch_aws::{environment, topics};
use tidewatch_domain::Location;
use tidewatch_notify::channel::Channel;
use tidewatch_notify::service::{Place, Service};
use tidewatch_notify::settings::{ChannelSettings, SecretPlace, Settings, Sources, TopicSettings};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::rows::LoggedRows;

/// The variable with the key of signatures.
const SECRET: &str = "TIDEWATCH_SECRET_WEBHOOK";

pub(crate) fn main() -> ExitCode {
    let filter =
        EnvFilter::try_from_env("TIDEWATCH_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no runtime can be started");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                error = &*error as &(dyn Error + 'static),
                "the service cannot run"
            );
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let settings = settings()?;
    let uses_sns = settings
        .channels
        .iter()
        .any(|channel| matches!(channel, ChannelSettings::Sns { .. }));
    let config = if uses_sns {
        let region = environment::of_process("AWS_REGION").unwrap_or_default();
        Some(sdk::load(&region).await)
    } else {
        None
    };
    let topic = |topic: &TopicSettings| -> Result<Box<dyn Channel>, String> {
        let config = config.as_ref().ok_or("there is no AWS configuration")?;
        Ok(Box::new(topics::channel(topic, config)?))
    };
    let clock = Arc::new(SystemClock);
    let sources = Sources {
        variable: &environment::of_process,
        topic: &topic,
        clock: clock.clone(),
    };
    let location = environment::of_process("TIDEWATCH_LOCATION").unwrap_or_else(|| "local".into());
    let place = Place {
        folder: environment::of_process("TIDEWATCH_WEBHOOK_DIR")
            .map_or_else(|| PathBuf::from("tidewatch-alerts"), PathBuf::from),
        clock,
        rows: Arc::new(LoggedRows),
        location: Location::try_new(location)?,
    };
    let service = Service::open(&settings, &sources, place)?;
    let listener = TcpListener::bind(service.listen())
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", service.listen()))?;
    tracing::info!(
        address = %listener.local_addr()?,
        authenticated = !service.is_open(),
        version = env!("CARGO_PKG_VERSION"),
        "taking alerts in"
    );
    let router = service.router();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(service.run(stop.clone()));
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let stopping = stop.clone();
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            stopping.cancel();
        })
        .await?;
    worker.await?;
    Ok(())
}

fn settings() -> Result<Settings, Box<dyn Error + Send + Sync>> {
    let mut settings = match environment::of_process("TIDEWATCH_WEBHOOK_SETTINGS") {
        Some(path) => {
            let text = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
            serde_json::from_slice(&text).map_err(|error| format!("{path}: {error}"))?
        }
        None => Settings::default(),
    };
    if let Some(listen) = environment::of_process("TIDEWATCH_WEBHOOK_LISTEN") {
        settings.listen = listen.parse::<SocketAddr>().map_err(|_| {
            format!("TIDEWATCH_WEBHOOK_LISTEN is `{listen}`, not an address and port such as 127.0.0.1:8088")
        })?;
    }
    let names_secret =
        !(settings.hmac.is_empty() && settings.bearer.is_empty() && settings.basic.is_empty());
    if !names_secret && environment::of_process(SECRET).is_some() {
        settings.hmac = vec![SecretPlace::try_from(format!("env:{SECRET}"))?];
    }
    Ok(settings)
}
