//! What the `main` of every function does.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use futures::Stream;
use lambda_runtime::{Diagnostic, IntoFunctionResponse, LambdaEvent, Runtime, Service};
use serde::{Deserialize, Serialize};

use crate::invocation::{Observed, Report};
use crate::metrics::{Metrics, Origin};
use crate::output::Output;
use crate::settings::Settings;
use crate::subscriber::subscriber;

/// Why a function could not start.
pub type StartError = Box<dyn Error + Send + Sync>;

/// What Lambda sets for every function; the runtime cannot do without them.
const REQUIRED: &[&str] = &[
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

/// Runs a function: sets up logs, traces and metrics, lets `build` make the handler once, and
/// hands it one event after another for as long as Lambda has some.
///
/// Everything runs on one thread: Lambda gives a function of less than 1,769 MB at most one core.
/// What keeps the function from starting is logged; Lambda then reports the failed start.
pub fn run<H, P, R, Buffered, Streaming, Item, ItemError>(
    build: impl AsyncFnOnce(Metrics) -> Result<H, StartError>,
) -> ExitCode
where
    H: Service<LambdaEvent<P>, Response = R>,
    H::Future: 'static,
    H::Error: Into<Diagnostic> + fmt::Display + fmt::Debug,
    P: for<'de> Deserialize<'de>,
    R: IntoFunctionResponse<Buffered, Streaming>,
    Buffered: Serialize,
    Streaming: Stream<Item = Result<Item, ItemError>> + Unpin + Send + 'static,
    Item: Into<bytes::Bytes> + Send,
    ItemError: Into<lambda_runtime::Error> + Send + fmt::Debug,
{
    let output = Output::stdout();
    let mut settings = Settings::read(&|name| std::env::var(name).ok());
    // A second subscriber cannot be: only a test could have set one, and wants its own.
    let _ = tracing::subscriber::set_global_default(subscriber(&mut settings, &output));
    log_panics();
    for fault in &settings.faults {
        tracing::warn!("{fault}");
    }
    let report = Report {
        output,
        origin: Origin {
            function: settings.function,
            location: settings.location,
        },
        metrics: Metrics::default(),
    };
    let ended = check_environment().and_then(|()| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let handler = build(report.metrics.clone()).await?;
            Runtime::new(Observed::new(handler, report)).run().await
        })
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                error = &*error as &(dyn Error + 'static),
                "the function cannot run"
            );
            ExitCode::FAILURE
        }
    }
}

fn check_environment() -> Result<(), StartError> {
    let missing: Vec<_> = REQUIRED
        .iter()
        .copied()
        .filter(|name| std::env::var_os(name).is_none_or(|value| value.is_empty()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} not set; this program is a Lambda function: run it in Lambda, or against something \
         that speaks its Runtime API and sets these variables",
        missing.join(", ")
    )
    .into())
}

/// Panics become log lines with the request that they happened in; the runtime then answers the
/// invocation with an error.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("unknown reason");
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panicked: {message}");
    }));
}
