//! Takes alerts in, and tells people: two functions in Lambda, or one service anywhere else.
//!
//! * In Lambda, `TIDEWATCH_WEBHOOK_ROLE` says which half this is: `receive` answers Grafana and
//!   SNS, `send` works the queue off. They are two, because the one that strangers can call is not
//!   allowed to publish anything.
//! * Elsewhere both run in this process, around a queue in a folder.

mod receive;
mod rows;
mod send;
mod service;
mod settings;

use std::process::ExitCode;
use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_http::Adapter;
use tidewatch_telemetry::{LambdaEvent, Metrics, service_fn};

fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    if variable("AWS_LAMBDA_RUNTIME_API").is_none() {
        return service::main();
    }
    if variable("TIDEWATCH_WEBHOOK_ROLE").as_deref() == Some("send") {
        return tidewatch_telemetry::run(async |metrics: Metrics| {
            let sender = Arc::new(send::Sender::of_process(metrics).await?);
            Ok(service_fn(move |event: LambdaEvent<SqsEvent>| {
                let sender = Arc::clone(&sender);
                async move { Ok::<_, std::convert::Infallible>(sender.handle(event).await) }
            }))
        });
    }
    tidewatch_telemetry::run(async |_: Metrics| Ok(Adapter::from(receive::of_process().await?)))
}
