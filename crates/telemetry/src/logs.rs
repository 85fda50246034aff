//! Log lines: one JSON object for each event.

use std::fmt;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::output::Output;
use crate::settings::Settings;

/// Writes every event as a line, with the fields of the spans that it happened in.
///
/// The names `timestamp`, `level`, `message` and `requestId` are those of Lambda's own JSON
/// format, so that its log filters and CloudWatch's discovered fields work.
#[derive(Debug)]
pub(crate) struct JsonLines {
    output: Output,
    function: String,
    version: String,
}

impl JsonLines {
    pub(crate) fn new(settings: &Settings, output: Output) -> Self {
        JsonLines {
            output,
            function: settings.function.clone(),
            version: settings.version.clone(),
        }
    }
}

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = SpanFields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<SpanFields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = EventFields::default();
        event.record(&mut own);
        let metadata = event.metadata();
        let mut line = Map::new();
        let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
        put("timestamp", json!(format!("{:.3}", jiff::Timestamp::now())));
        put("level", json!(metadata.level().as_str()));
        put("message", json!(own.message));
        put("target", json!(metadata.target()));
        put("function", json!(self.function));
        put("version", json!(self.version));
        let spans = context.event_scope(event);
        for span in spans.into_iter().flat_map(Scope::from_root) {
            if let Some(fields) = span.extensions().get::<SpanFields>() {
                line.extend(fields.0.clone());
            }
        }
        for (name, value) in own.fields {
            // What Lambda reads must stay what it is.
            if !["timestamp", "level", "message", "requestId"].contains(&name.as_str()) {
                line.insert(name, value);
            }
        }
        self.output.line(Value::Object(line).to_string());
    }
}

/// The fields of a span that lines carry; names with a dot are OpenTelemetry's attributes.
#[derive(Debug, Default)]
struct SpanFields(Map<String, Value>);

impl SpanFields {
    fn put(&mut self, field: &Field, value: Value) {
        if !field.name().contains('.') {
            self.0.insert(field.name().to_owned(), value);
        }
    }
}

#[derive(Debug, Default)]
struct EventFields {
    message: String,
    fields: Map<String, Value>,
}

impl EventFields {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

macro_rules! visit {
    ($($type:ty),*) => {$(
        impl Visit for $type {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                self.put(field, json!(format!("{value:?}")));
            }

            fn record_str(&mut self, field: &Field, value: &str) {
                self.put(field, json!(value));
            }

            fn record_bool(&mut self, field: &Field, value: bool) {
                self.put(field, json!(value));
            }

            fn record_i64(&mut self, field: &Field, value: i64) {
                self.put(field, json!(value));
            }

            fn record_u64(&mut self, field: &Field, value: u64) {
                self.put(field, json!(value));
            }

            fn record_f64(&mut self, field: &Field, value: f64) {
                self.put(field, json!(value));
            }

            /// With its causes, as they belong into one line.
            fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
                let mut text = value.to_string();
                let mut cause = value.source();
                while let Some(error) = cause {
                    text.push_str(": ");
                    text.push_str(&error.to_string());
                    cause = error.source();
                }
                self.put(field, json!(text));
            }
        }
    )*};
}

visit!(SpanFields, EventFields);

#[cfg(test)]
mod tests;
