//! What `tidewatch check` can be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tidewatch_domain::monitor::limits;
use tidewatch_domain::name::NameError;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};

use crate::settings::ProbingArgs;

const EXAMPLES: &str = "\
Examples:
  tidewatch check example.com
  tidewatch check https://shop.example/cart --attempts 10 --status 200,3xx --contains Checkout
  tidewatch check https://api.example/v1 -X POST -H 'content-type: application/json' --body '{}'
  tidewatch check https://api.example/v1 --set request.redirects=stop \\
      --set assertions='[{on: header, name: content-type, contains: json}]'
  tidewatch check example.com --watch --interval 2s
  tidewatch check tls://mail.example.com:993
  tidewatch check 'dns:example.com?type=MX'
  tidewatch check --monitor demo/shop
  tidewatch check example.com --json | jq .latency_ms.median

Exit codes: 0 up; 1 degraded, down or unknown (with --watch: at the last probe); 2 the command
cannot be understood";

/// What to probe, and what is expected of it. Everything not named is as in a definition that
/// says nothing about it.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct CheckArgs {
    /// What to probe, as a definition's `target`; `https://` is added where there is no scheme
    #[arg(
        value_name = "TARGET",
        required_unless_present = "monitor",
        conflicts_with = "monitor"
    )]
    pub(super) target: Option<String>,
    #[command(flatten)]
    pub(super) request: RequestArgs,
    #[command(flatten)]
    pub(super) defined: DefinedArgs,
    #[command(flatten)]
    pub(super) watch: WatchArgs,
    #[command(flatten, next_help_heading = "As in tidewatch up")]
    pub(super) probing: ProbingArgs,
    /// Draw the phases of every attempt instead of their mean
    #[arg(long, conflicts_with = "watch")]
    pub(super) each: bool,
    /// Print JSON; with --watch one line for each probe
    #[arg(long)]
    pub(super) json: bool,
}

/// What is asked, and what is expected of the answer.
#[derive(Args, Clone, Debug)]
#[group(multiple = true, conflicts_with = "monitor")]
#[command(next_help_heading = "Request")]
pub(super) struct RequestArgs {
    /// Requests in one probe, each on a connection of its own [default: 5]
    #[arg(short = 'n', long, value_name = "N")]
    pub(super) attempts: Option<u8>,
    /// The most time for one request, like 500ms or 3s [default: 5s]
    #[arg(long, value_name = "DURATION")]
    pub(super) timeout: Option<String>,
    /// Which addresses of the name to use [default: any]
    #[arg(long, value_enum, value_name = "FAMILY")]
    pub(super) family: Option<Family>,
    /// HTTP: the method of the request [default: GET]
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub(super) method: Option<String>,
    /// HTTP: a header to send; may be repeated, may name a secret as ${env:TIDEWATCH_SECRET_NAME}
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(super) headers: Vec<String>,
    /// HTTP: the body to send
    #[arg(long, value_name = "TEXT")]
    pub(super) body: Option<String>,
    /// HTTP: take a redirect as the answer
    #[arg(long)]
    pub(super) no_follow: bool,
    /// HTTP: the wanted status codes, like 200, 2xx or 300-399 [default: 2xx]
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(super) status: Vec<String>,
    /// HTTP: a text that must be in the body; may be repeated
    #[arg(long, value_name = "TEXT")]
    pub(super) contains: Vec<String>,
    /// Any field of a definition, its value in YAML, like request.redirects=stop; may be repeated
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(super) set: Vec<String>,
}

/// A probe that is defined already.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Instead of a target")]
pub(super) struct DefinedArgs {
    /// Probe this entry of the definitions, as `tidewatch up` would
    #[arg(long, value_name = "TENANT/ID", value_parser = key)]
    pub(super) monitor: Option<MonitorKey>,
    /// The definitions [default: those of `tidewatch up`]
    #[arg(long, value_name = "FILE", requires = "monitor")]
    pub(super) definitions: Option<PathBuf>,
}

/// Whether and how the probe is repeated.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Repetition")]
pub(super) struct WatchArgs {
    /// Probe again and again, with statistics over all attempts, until Ctrl-C
    #[arg(short = 'w', long)]
    pub(super) watch: bool,
    /// From the start of one probe to the start of the next [default: 5s, or as defined]
    #[arg(long, value_name = "DURATION", requires = "watch", value_parser = interval)]
    pub(super) interval: Option<Duration>,
    /// Stop after so many probes
    #[arg(long, value_name = "N", requires = "watch", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) count: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Family {
    Any,
    V4,
    V6,
}

fn key(text: &str) -> Result<MonitorKey, String> {
    let (tenant, monitor_id) = text
        .split_once('/')
        .ok_or("write tenant and monitor id with a slash between them, like demo/shop")?;
    let refused = |error: NameError| error.to_string();
    Ok(MonitorKey {
        tenant: Tenant::try_new(tenant).map_err(refused)?,
        monitor_id: MonitorId::try_new(monitor_id).map_err(refused)?,
    })
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = tidewatch_definitions::read_duration(text)?;
    if interval < limits::SHORTEST_INTERVAL {
        return Err("is shorter than 1s; use 1s or longer".to_owned());
    }
    if interval > limits::LONGEST_INTERVAL {
        return Err("is longer than 1d; use 1d or shorter".to_owned());
    }
    Ok(interval)
}
