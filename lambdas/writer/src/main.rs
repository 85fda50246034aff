//! The writer function: judges the results of a queue and writes the rows that follow.
//!
//! `event` tells what an invocation is for, `intake` reads the messages of a batch, `bucket` takes
//! the results of one bucket from the state before them to the rows and the state after them,
//! `judging` is what it decides, `memory` what the store knows of monitors that are new to it,
//! `delivery` how rows and alerts get out, `columns` makes the store's columns, `rollup` is the
//! hourly work.

mod batch;
mod bucket;
mod columns;
mod context;
mod delivery;
mod event;
mod intake;
mod judging;
mod memory;
mod ports;
mod rollup;
mod settings;

#[cfg(test)]
mod scene;

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;
use tidewatch_telemetry::{LambdaEvent, Metrics, service_fn};

fn main() -> ExitCode {
    tidewatch_telemetry::run(async |metrics: Metrics| {
        let writer = Arc::new(context::build(metrics).await?);
        Ok(service_fn(move |event: LambdaEvent<Value>| {
            let writer = Arc::clone(&writer);
            async move { writer.handle(event.payload).await }
        }))
    })
}
