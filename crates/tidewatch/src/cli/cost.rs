//! `tidewatch cost`: what an installation in AWS would cost a month, before there is one.

mod told;

use std::time::Duration;

use clap::{Args, ValueEnum};
use tidewatch_aws::cost::{
    AlertSource, Architecture, Assumptions, Layout, Plan, StoreKind, estimate,
};

use super::exit::{Complaint, Exit};
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  tidewatch cost --monitors 1000
  tidewatch cost --monitors 1000 --locations 3 --store timestream --viewers 5
  tidewatch cost --monitors 200 --interval 10s --alert-source writer --json

List prices of one region at one time, taxes left out; docs/cost.md says what is taken for granted.
Exit codes: 0 an estimate; 2 the command cannot be understood";

/// What is to be run.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CostArgs {
    /// How many monitors
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    monitors: u32,
    /// From one probe of a monitor to the next, 10s or longer
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = seconds)]
    interval: u32,
    /// Locations that each monitor is probed from
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    locations: u32,
    /// Requests in each probe
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    attempts: u32,
    /// Where rows are kept
    #[arg(long, value_enum, value_name = "STORE", default_value_t = Store::Bridge)]
    store: Store,
    /// Who finds out that somebody has to be told
    #[arg(long, value_enum, value_name = "WHO", default_value_t = Source::Grafana)]
    alert_source: Source,
    /// People who look at dashboards
    #[arg(long, value_name = "N", default_value_t = 0)]
    viewers: u32,
    /// How schedule rules are laid out [default: per-monitor up to 250 monitors, else buckets]
    #[arg(long, value_enum, value_name = "LAYOUT")]
    layout: Option<RuleLayout>,
    /// Buckets per interval, with --layout buckets [default: as many as keep each small]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    buckets: Option<u32>,
    /// Run functions and bridge on arm64
    #[arg(long)]
    arm: bool,
    /// Whether X-Ray records invocations, as the Terraform variable of this name has it
    #[arg(long, value_enum, value_name = "MODE", default_value_t = Tracing::Active)]
    tracing: Tracing,
    /// Days of rows that are there: as long as they are kept, or fewer in a young installation
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    kept_days: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    Timestream,
    Bridge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Source {
    Grafana,
    Writer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RuleLayout {
    PerMonitor,
    Buckets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tracing {
    Active,
    PassThrough,
}

/// Estimates and tells.
pub(super) fn run(arguments: &CostArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let plan = plan(arguments)?;
    let bill = estimate(&plan, &Assumptions::default());
    let text = if arguments.json {
        told::json(&plan, &bill)
    } else {
        told::report(&plan, &bill, terminal.look())
    };
    terminal.print(&text)?;
    Ok(Exit::Good)
}

fn plan(arguments: &CostArgs) -> Result<Plan, Complaint> {
    let layout = match (arguments.layout, arguments.buckets) {
        (None, None) => None,
        (Some(RuleLayout::PerMonitor), None) => Some(Layout::PerMonitor),
        (Some(RuleLayout::PerMonitor), Some(_)) => {
            return Err(Complaint::usage("--buckets is for --layout buckets")
                .remedy("leave one of them out"));
        }
        (_, buckets) => Some(Layout::Buckets(buckets)),
    };
    let mut plan = Plan {
        interval_s: arguments.interval,
        locations: arguments.locations,
        attempts: arguments.attempts,
        store: match arguments.store {
            Store::Timestream => StoreKind::Timestream,
            Store::Bridge => StoreKind::Bridge,
        },
        alert_source: match arguments.alert_source {
            Source::Grafana => AlertSource::Grafana,
            Source::Writer => AlertSource::Writer,
        },
        viewers: arguments.viewers,
        layout,
        architecture: if arguments.arm {
            Architecture::Arm
        } else {
            Architecture::X86
        },
        tracing: arguments.tracing == Tracing::Active,
        ..Plan::new(arguments.monitors)
    };
    if let Some(days) = arguments.kept_days {
        plan.kept_days = days;
    }
    Ok(plan)
}

/// Whole seconds, within what monitors in AWS may have.
fn seconds(text: &str) -> Result<u32, String> {
    use tidewatch_domain::monitor::limits::{LONGEST_INTERVAL, SHORTEST_INTERVAL_AWS};
    let interval: Duration = tidewatch_definitions::read_duration(text)?;
    if !(SHORTEST_INTERVAL_AWS..=LONGEST_INTERVAL).contains(&interval) {
        return Err("is not from 10s to 1d".to_owned());
    }
    u32::try_from(interval.as_secs()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: CostArgs,
    }

    fn parsed(line: &str) -> Result<Plan, String> {
        let line = <Line as clap::Parser>::try_parse_from(line.split(' '));
        let line = line.map_err(|error| error.to_string())?;
        plan(&line.arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_become_a_plan() {
        let plan = parsed("cost --monitors 10").unwrap();
        assert_eq!(plan, Plan::new(10));
        let plan = parsed(
            "cost --monitors 10 --interval 30s --store timestream --alert-source writer --arm \
             --tracing pass-through --buckets 4",
        )
        .unwrap();
        let wanted = Plan {
            interval_s: 30,
            store: StoreKind::Timestream,
            alert_source: AlertSource::Writer,
            architecture: Architecture::Arm,
            tracing: false,
            layout: Some(Layout::Buckets(Some(4))),
            ..Plan::new(10)
        };
        assert_eq!(plan, wanted);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for line in [
            "cost",
            "cost --monitors 0",
            "cost --monitors 1 --interval 5s",
            "cost --monitors 1 --layout per-monitor --buckets 2",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_report_adds_up() {
        let plan = Plan::new(1_000);
        let bill = estimate(&plan, &Assumptions::default());
        let document: serde_json::Value = serde_json::from_str(&told::json(&plan, &bill)).unwrap();
        let lines = document["lines"].as_array().unwrap();
        let sum: f64 = lines.iter().map(|line| line["usd"].as_f64().unwrap()).sum();
        let total = document["total_usd"].as_f64().unwrap();
        assert!(
            (sum - total).abs() < 0.01 * lines.len() as f64,
            "{sum} {total}"
        );
        let text = told::report(&plan, &bill, crate::terminal::Look::plain(100));
        assert!(text.contains(&format!("{total:.2}")), "{text}");
    }
}
