//! Log lines of the local mode: on standard error, warnings and worse unless `TIDEWATCH_LOG` says
//! otherwise (`info`, `debug`, `tidewatch_store=trace`).

use std::sync::Arc;

use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::MakeWriter;

use super::console::Console;

const VARIABLE: &str = "TIDEWATCH_LOG";

/// Starts logging for the rest of the process. A second call does nothing.
pub(super) fn start(console: Arc<Console>) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var(VARIABLE)
        .from_env_lossy();
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(AboveTheLiveLine(console))
        .try_init();
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

#[derive(Debug)]
struct AboveTheLiveLine(Arc<Console>);

impl<'a> MakeWriter<'a> for AboveTheLiveLine {
    type Writer = &'a Console;

    fn make_writer(&'a self) -> Self::Writer {
        &self.0
    }
}
