//! What all clients of AWS services share: region, credentials, time limits, retries, and where
//! Timestream is.

use std::error::Error;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::environment::Lookup;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long one attempt of a call may take.
const ATTEMPT: Duration = Duration::from_secs(6);
/// How long a call may take with all its retries: well within a function's own time limit, so
/// that the function can still say what failed.
const OPERATION: Duration = Duration::from_secs(20);
/// Attempts of one call.
const ATTEMPTS: u32 = 5;
/// The first pause between two attempts; each further one is up to twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Loads the configuration of clients for `region`.
///
/// Credentials come from where the SDK finds them (in Lambda, the environment). Endpoints can be
/// set by the SDK's own variables, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`. Each call
/// is tried at most five times, within 20 s.
pub async fn load(region: &str) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    // Not the adaptive ones: they assume a steady stream of calls. With the few of one function
    // they let half a call a second through after two refusals, and an invocation ends before its
    // third attempt. What is refused for longer comes again with its message.
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE);
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .timeout_config(timeouts)
        .retry_config(retries)
        .load()
        .await
}

/// What a failed call says, for people: the service's own code and message, or how the call did
/// not come to an answer.
pub fn described<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    if let (Some(code), message) = (error.code(), error.message()) {
        return match message {
            Some(message) => format!("{code}: {message}"),
            None => code.to_owned(),
        };
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// The two services of Timestream for LiveAnalytics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestreamService {
    /// WriteRecords and the control plane.
    Write,
    /// Query.
    Query,
}

/// Where a service of Timestream is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimestreamEndpoint {
    /// At this URL, without endpoint discovery: the SDK's discovery would turn whatever it finds
    /// there into `https://`.
    Fixed(String),
    /// At Timestream itself, where the cells that serve an account have to be discovered.
    Discovered,
}

/// Where `service` is reached: at `setting` (Tidewatch's own, `TIDEWATCH_STORE_ENDPOINT`), else at
/// what the SDK's variables name, else at Timestream.
///
/// A client for a [`TimestreamEndpoint::Fixed`] endpoint must never enable discovery, one for
/// [`TimestreamEndpoint::Discovered`] must.
pub fn timestream_endpoint(
    setting: Option<&str>,
    service: TimestreamService,
    lookup: &Lookup,
) -> TimestreamEndpoint {
    let of_service = match service {
        TimestreamService::Write => "AWS_ENDPOINT_URL_TIMESTREAM_WRITE",
        TimestreamService::Query => "AWS_ENDPOINT_URL_TIMESTREAM_QUERY",
    };
    let named = |name: &str| lookup(name).filter(|url| !url.is_empty());
    let ignored = lookup("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let from_sdk = || {
        named(of_service)
            .or_else(|| named("AWS_ENDPOINT_URL"))
            .filter(|_| !ignored)
    };
    match setting.map(str::to_owned).or_else(from_sdk) {
        Some(url) => TimestreamEndpoint::Fixed(url),
        None => TimestreamEndpoint::Discovered,
    }
}

#[cfg(test)]
mod tests;
