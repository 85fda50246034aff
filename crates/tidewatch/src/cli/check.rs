//! `tidewatch check URL`: one probe, now, with everything it found.

mod hint;
mod json;
mod report;
mod request;
mod timeline;

use std::sync::Arc;

use clap::{Args, ValueEnum};
use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_domain::{Location, Monitor, Outcome, ProbeResult, Summary, Timestamp};
use tidewatch_probe::{Engine, EngineOptions};

use super::exit::{Complaint, Exit};
use crate::local::SystemClock;
use crate::secrets::EnvironmentSecrets;
use crate::terminal::{Terminal, clean};

const EXAMPLES: &str = "\
Examples:
  tidewatch check example.com
  tidewatch check https://shop.example/cart --attempts 10 --status 200,3xx --contains Checkout
  tidewatch check https://api.example/v1 -X POST -H 'content-type: application/json' --body '{}'
  tidewatch check example.com --json | jq .latency_ms.median

Exit codes: 0 up; 1 degraded, down or unknown; 2 the command cannot be understood";

/// What to probe, and what is expected of it. Everything not named is as in a definition that
/// says nothing about it.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    /// The URL; `https://` is added where there is no scheme
    #[arg(value_name = "URL")]
    url: String,
    /// Requests, each on a connection of its own
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5)]
    attempts: u8,
    /// The method of the request
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    method: String,
    /// A header to send; may be repeated, may name a secret as ${env:TIDEWATCH_SECRET_NAME}
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// The body to send
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// The most time for one request, like 500ms or 3s [default: 5s]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// Which addresses of the name to use
    #[arg(long, value_enum, value_name = "FAMILY", default_value_t = Family::Any)]
    family: Family,
    /// Take a redirect as the answer
    #[arg(long)]
    no_follow: bool,
    /// The wanted status codes, like 200, 2xx or 300-399 [default: 2xx]
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    status: Vec<String>,
    /// A text that must be in the body; may be repeated
    #[arg(long, value_name = "TEXT")]
    contains: Vec<String>,
    /// Draw the phases of every request instead of their mean
    #[arg(long)]
    each: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Family {
    Any,
    V4,
    V6,
}

/// A probe with its meaning, and the moment for "days left".
struct Findings {
    monitor: Monitor,
    result: ProbeResult,
    summary: Summary,
    now: Timestamp,
}

/// Probes once and tells what was found.
pub(super) async fn run(arguments: CheckArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let monitor = request::monitor(&arguments)?;
    let engine = engine()?;
    let clock = SystemClock;
    let progress = terminal.progress(format!("probing {}", clean(&monitor.public_target())));
    let result = engine.probe(&monitor, clock.now()).await;
    drop(progress);

    let summary = Summary::of(&monitor, &result);
    let findings = Findings {
        monitor,
        result,
        summary,
        now: clock.now(),
    };
    let text = if arguments.json {
        json::render(&findings)
    } else {
        report::render(&findings, arguments.each, terminal.look())
    };
    terminal.print(&text)?;
    Ok(match findings.summary.outcome {
        Outcome::Ok => Exit::Good,
        Outcome::Degraded | Outcome::Fail | Outcome::Unknown | Outcome::Missed => Exit::Bad,
    })
}

/// The engine of one probe, on this machine.
pub(super) fn engine() -> Result<Engine, Complaint> {
    let location =
        Location::try_new("local").expect("the name is a constant that follows the rule");
    Engine::new(
        EngineOptions::new(location),
        Arc::new(EnvironmentSecrets),
        Arc::new(SystemClock),
    )
    .map_err(|error| Complaint::failed("the check engine cannot be built").because(error))
}

#[cfg(test)]
mod tests;
