//! Logs and traces put together.

use tracing::Subscriber;
use tracing_subscriber::filter::FilterExt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::logs::JsonLines;
use crate::output::{LineWriter, Output};
use crate::settings::{Format, Settings};
use crate::xray;

/// What takes the events and spans of a function with these settings.
///
/// Where the X-Ray daemon's socket cannot be opened, there are no traces and a fault is added to
/// the settings'.
pub(crate) fn subscriber(
    settings: &mut Settings,
    output: &Output,
) -> impl Subscriber + Send + Sync + use<> {
    let traces = settings.daemon.and_then(|address| {
        xray::layer(address, &settings.function)
            .map_err(|error| {
                settings.faults.push(format!(
                    "the X-Ray daemon at {address} cannot be reached ({error}); no traces are sent"
                ));
            })
            .ok()
    });
    Registry::default()
        .with(lines(settings, output))
        .with(traces)
}

/// The layer that writes lines. Spans of ours pass at any level: the lines within them, whatever
/// their level, need their fields.
fn lines<S>(settings: &Settings, output: &Output) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let wanted = settings.levels.clone().or(xray::own_spans());
    let output = output.clone();
    let layer: Box<dyn Layer<S> + Send + Sync> = match settings.format {
        Format::Json => Box::new(JsonLines::new(settings, output)),
        Format::Text => Box::new(
            tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(move || LineWriter::new(output.clone())),
        ),
    };
    layer.with_filter(wanted)
}
