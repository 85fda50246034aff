//! The config function: keeps schedule rules in step with the table of monitors.
//!
//! It is called by the table's stream for every edit, and hourly by a rule of its own to put right
//! whatever drifted. Each region has one; it plans the monitors of its own location.

mod assignment;
mod context;
mod event;
mod family;
mod reconcile;
mod rows;
mod settings;
mod stream;
mod work;

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;
use tidewatch_telemetry::{LambdaEvent, Metrics, service_fn};

use crate::context::Context;

fn main() -> ExitCode {
    tidewatch_telemetry::run(async |metrics: Metrics| {
        let context = Arc::new(Context::of_process(metrics).await?);
        Ok(service_fn(move |event: LambdaEvent<Value>| {
            let context = Arc::clone(&context);
            async move { event::handle(&context, event.payload).await }
        }))
    })
}
