//! What surrounds every invocation: its span, its errors, its figures.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use lambda_runtime::{LambdaEvent, Service};
use serde_json::{Map, json};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::metrics::{self, Metrics, Origin};
use crate::output::Output;
use crate::xray;

/// A handler whose invocations are logged, traced and counted.
#[derive(Debug)]
pub(crate) struct Observed<S> {
    handler: S,
    report: Report,
    cold: bool,
}

impl<S> Observed<S> {
    pub(crate) fn new(handler: S, report: Report) -> Self {
        Observed {
            handler,
            report,
            cold: true,
        }
    }
}

impl<S, P> Service<LambdaEvent<P>> for Observed<S>
where
    S: Service<LambdaEvent<P>>,
    S::Error: fmt::Display,
    S::Future: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.handler.poll_ready(context)
    }

    fn call(&mut self, event: LambdaEvent<P>) -> Self::Future {
        let cold = std::mem::replace(&mut self.cold, false);
        let span = tracing::info_span!(
            "invocation",
            requestId = event.context.request_id,
            cold_start = cold,
            trace = Empty,
        );
        if let Some(header) = &event.context.xray_trace_id {
            // Before anybody enters the span: its parent cannot be set later.
            xray::set_parent(&span, header);
            if let Some(trace) = xray::trace_id(header) {
                span.record("trace", trace);
            }
        }
        let end = End {
            report: self.report.clone(),
            request_id: event.context.request_id.clone(),
            cold,
            span: span.clone(),
            returned: false,
        };
        let answer = span.in_scope(|| self.handler.call(event));
        let observed = async move {
            let result = answer.await;
            end.returned(&result);
            result
        };
        Box::pin(observed.instrument(span))
    }
}

/// Where the figures of invocations go.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) output: Output,
    pub(crate) origin: Origin,
    pub(crate) metrics: Metrics,
}

/// Ends an invocation, also one that panicked.
struct End {
    report: Report,
    request_id: String,
    cold: bool,
    span: Span,
    returned: bool,
}

impl End {
    fn returned<R, E: fmt::Display>(mut self, result: &Result<R, E>) {
        self.returned = true;
        if let Err(error) = result {
            let text = format!("{error:#}");
            tracing::error!(error = text, "the invocation failed: {text}");
            xray::set_fault(&self.span, "error", &text);
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.returned {
            xray::set_fault(&self.span, "panic", "the invocation did not return");
        }
        let values = self.report.metrics.take();
        let properties = Map::from_iter([
            ("requestId".to_owned(), json!(self.request_id)),
            ("cold_start".to_owned(), json!(self.cold)),
        ]);
        let now = jiff::Timestamp::now().as_millisecond();
        if let Some(line) = metrics::line(&self.report.origin, properties, &values, now) {
            self.report.output.line(line);
        }
    }
}

#[cfg(test)]
mod tests;
