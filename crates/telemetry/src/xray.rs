//! X-Ray: spans become subsegments, sent to the daemon that Lambda runs beside the function.
//!
//! Two things here are less free than they look. The exporter must be built without its
//! `internal-logs` (see the workspace's Cargo.toml): with them it opens spans while it exports,
//! and the first invocation never ends. And the parent has to be known before the span is
//! entered: afterwards it cannot be changed, and a subsegment without a parent is dropped.

use std::net::SocketAddr;

use opentelemetry::trace::{SpanContext, Status, TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_aws::trace::{XrayIdGenerator, xray_propagator};
use opentelemetry_aws::xray_exporter::daemon_client::XrayDaemonClient;
use opentelemetry_aws::xray_exporter::{SegmentTranslator, XrayExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::registry::LookupSpan;

/// Fields that can be searched for in X-Ray.
const ANNOTATIONS: &[&str] = &["cold_start", "monitor", "requestId", "tenant"];

/// The layer that sends spans of ours to the daemon at `address`.
///
/// Every span is one datagram, sent at its end without waiting: nothing is left to send when
/// Lambda freezes the process.
pub(crate) fn layer<S>(
    address: SocketAddr,
    function: &str,
) -> std::io::Result<impl Layer<S> + Send + Sync + use<S>>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let annotations = ANNOTATIONS.iter().map(|name| (*name).to_owned());
    let translator = SegmentTranslator::new().with_indexed_attrs(annotations);
    let exporter = XrayExporter::new(XrayDaemonClient::new(address)?).with_translator(translator);
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter)
        .with_id_generator(XrayIdGenerator::default())
        // What Lambda decided holds; without a decision of Lambda's nothing is sent.
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
        .with_resource(
            Resource::builder_empty()
                .with_service_name(function.to_owned())
                .build(),
        )
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("tidewatch"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false);
    Ok(layer.with_filter(own_spans()))
}

/// Lets the spans of our own crates through, and no events: the exporter's and the SDK's spans
/// would come back to the exporter, and an event of level error would mark its span as failed.
pub(crate) fn own_spans() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    let is_ours: fn(&Metadata<'_>) -> bool = |metadata| {
        metadata.is_span()
            && metadata.target().starts_with("tidewatch")
            && *metadata.level() <= tracing::Level::INFO
    };
    FilterFn::new(is_ours).with_max_level_hint(LevelFilter::INFO)
}

/// Makes `span`, which nobody has entered yet, a subsegment below the segment that `header` names
/// (`Root=1-...;Parent=...;Sampled=1`).
pub(crate) fn set_parent(span: &Span, header: &str) {
    // Lambda adds fields of its own (`Lineage`), and the parser gives up on what it does not like.
    let known = ["Root=", "Parent=", "Sampled="];
    let parts = header.split(';').map(str::trim);
    let parts: Vec<_> = parts
        .filter(|part| known.iter().any(|name| part.starts_with(name)))
        .collect();
    let parent = xray_propagator::span_context_from_str(&parts.join(";"));
    if let Some(parent) = parent.filter(SpanContext::is_valid) {
        // Without the layer, or where the span is filtered out, there is nothing to join.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// The trace's id in `header`, for log lines.
pub(crate) fn trace_id(header: &str) -> Option<&str> {
    header
        .split(';')
        .find_map(|part| part.trim().strip_prefix("Root="))
}

/// Marks `span` as failed; X-Ray makes a fault of it, or an error where a status of 400 to 499
/// was recorded.
pub(crate) fn set_fault(span: &Span, kind: &'static str, message: &str) {
    span.set_status(Status::error(message.to_owned()));
    span.add_event(
        "exception",
        vec![
            KeyValue::new("exception.type", kind),
            KeyValue::new("exception.message", message.to_owned()),
        ],
    );
}

#[cfg(test)]
mod tests;
