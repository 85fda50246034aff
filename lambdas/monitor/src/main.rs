//! The monitor function: probes the monitors that a schedule names and hands the results on.

mod allowance;
mod build;
mod definitions;
#[cfg(test)]
mod fakes;
mod handler;
mod input;
mod jobs;
mod outlet;
mod round;
mod settings;
mod tally;

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;
use tidewatch_domain::Timestamp;
use tidewatch_telemetry::{LambdaEvent, Metrics, service_fn};

fn main() -> ExitCode {
    tidewatch_telemetry::run(async |metrics: Metrics| {
        let function = Arc::new(build::function(metrics).await?);
        Ok(service_fn(move |event: LambdaEvent<Value>| {
            let function = Arc::clone(&function);
            async move {
                let deadline = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
                let deadline = Timestamp::from_millis(deadline);
                function.handle(event.payload, deadline).await
            }
        }))
    })
}
