//! What an installation costs in AWS: a formula over list prices, pure and approximate.
//!
//! [`estimate`] turns a [`Plan`] into a [`Bill`], line by line, so that a person sees where the
//! money goes. The prices are in `cost/prices.toml`, what the Terraform configuration makes in any
//! case in `cost/installation.toml`, the [`Assumptions`] in code; docs/cost.md explains all three.

mod assumptions;
mod bill;
mod installation;
mod prices;
mod usage;

pub use assumptions::Assumptions;
pub use bill::{Bill, Line, Part};
pub use prices::{Price, PriceId, Prices, prices};

/// Hours of a month, as AWS counts them.
const MONTH_HOURS: f64 = 730.0;
const MONTH_SECONDS: f64 = MONTH_HOURS * 3_600.0;

/// What is to be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Monitors.
    pub monitors: u32,
    /// Seconds between two probes of a monitor; at least 1.
    pub interval_s: u32,
    /// Locations that each monitor is probed from; at least 1.
    pub locations: u32,
    /// Attempts of a probe; at least 1.
    pub attempts: u32,
    /// Where rows are kept.
    pub store: StoreKind,
    /// Who finds out that somebody has to be told.
    pub alert_source: AlertSource,
    /// People who look at dashboards.
    pub viewers: u32,
    /// How schedule rules are laid out; `None` takes one rule for each monitor up to 250 monitors
    /// and buckets above.
    pub layout: Option<Layout>,
    /// The processors of the functions and of the bridge.
    pub architecture: Architecture,
    /// Whether X-Ray records invocations.
    pub tracing: bool,
    /// Hours in Timestream's memory store.
    pub memory_hours: u32,
    /// Days of rows in the magnetic store, or on the bridge's disk: as long as they are kept, or
    /// fewer for what a young installation has gathered by then.
    pub kept_days: u32,
}

impl Plan {
    /// A plan with the product's own defaults for everything but the number of monitors.
    pub fn new(monitors: u32) -> Self {
        let table = tidewatch_domain::schema::TableProperties::of(
            tidewatch_domain::ports::Destination::Main,
        );
        Plan {
            monitors,
            interval_s: 60,
            locations: 1,
            attempts: 5,
            store: StoreKind::Bridge,
            alert_source: AlertSource::Grafana,
            viewers: 0,
            layout: None,
            architecture: Architecture::X86,
            tracing: true,
            memory_hours: table.memory_hours,
            kept_days: table.magnetic_days,
        }
    }
}

/// Where rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// Amazon Timestream for LiveAnalytics, for accounts that have it.
    Timestream,
    /// The bridge on an instance of its own, in a network without a way out.
    Bridge,
}

/// Who finds out that somebody has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertSource {
    /// Grafana's alert rules, which query the store every minute.
    Grafana,
    /// The writer, which knows every change of state without a query.
    Writer,
}

/// How schedule rules are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A rule, and so an invocation, for each monitor.
    PerMonitor,
    /// So many buckets of monitors; `None` takes as many as keep each at 128 monitors at most, a
    /// power of two.
    Buckets(Option<u32>),
}

/// The processors of the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// x86-64.
    X86,
    /// arm64.
    Arm,
}

/// What `plan` costs in a month, at the prices that are built in.
pub fn estimate(plan: &Plan, assumptions: &Assumptions) -> Bill {
    Bill::new(prices(), usage::usage(plan, assumptions))
}

#[cfg(test)]
mod tests;
