//! What AWS calls tell of themselves: a span for each, of which `tidewatch_telemetry` makes an
//! X-Ray subsegment. Field names with a dot are OpenTelemetry's.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tracing::Span;
use tracing::field::Empty;

/// Opens a span when a call begins and closes it when the call ended, with all its retries.
///
/// Every client of [`clients`](crate::clients) has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls;

/// The span of a call under way; dropping it, as when the caller gives up, closes the span.
#[derive(Debug)]
struct Call(Span);

impl Storable for Call {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "TidewatchCalls"
    }

    // Not before the execution: clients do not know the operation yet.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(operation) = config.load::<Metadata>() {
            let span = tracing::info_span!(
                "call",
                otel.kind = "client",
                otel.status_code = Empty,
                rpc.system = "aws-api",
                rpc.service = operation.service(),
                rpc.method = operation.name(),
                http.response.status_code = Empty,
                aws.request_id = Empty,
                metadata.error = Empty,
            );
            config.interceptor_state().store_put(Call(span));
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Call(span)) = config.load::<Call>() else {
            return Ok(());
        };
        if let Some(response) = context.response() {
            let status = i64::from(response.status().as_u16());
            span.record("http.response.status_code", status);
            let id = response.headers().get("x-amzn-requestid");
            if let Some(id) = id {
                span.record("aws.request_id", id);
            }
        }
        if let Some(Err(error)) = context.output_or_error() {
            span.record("otel.status_code", "ERROR");
            let text = match error.as_operation_error() {
                Some(error) => error.to_string(),
                None => format!("{error:?}"),
            };
            span.record("metadata.error", text);
        }
        Ok(())
    }
}
