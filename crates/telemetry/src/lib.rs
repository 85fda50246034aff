#![doc = include_str!("../README.md")]

mod invocation;
mod logs;
mod metrics;
mod output;
mod run;
mod segment;
mod settings;
mod subscriber;
mod xray;

pub use lambda_runtime::{LambdaEvent, service_fn};
pub use metrics::{Metric, Metrics};
pub use run::{StartError, run};
pub use segment::{Ending, Segment};
