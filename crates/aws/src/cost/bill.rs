//! Quantities turned into money.

use std::collections::HashMap;

use super::prices::{Price, PriceId, Prices};
use super::usage::Use;

/// A part of the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The monitor, writer and config functions.
    Functions,
    /// What probes send to their targets.
    Transfer,
    /// Results and alerts on their way.
    Queues,
    /// Judging state, and entries read from the table.
    State,
    /// Rows written.
    Writes,
    /// Rows kept, and what keeps them.
    Storage,
    /// Logs, metrics, alarms, traces, secrets, keys.
    Operations,
    /// What alert rules ask the store.
    AlertQueries,
    /// What dashboards ask the store.
    DashboardQueries,
    /// What the hourly rollup asks the store.
    RollupQueries,
}

impl Part {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Functions => "functions",
            Part::Transfer => "transfer to targets",
            Part::Queues => "queues",
            Part::State => "judging state and entries",
            Part::Writes => "writes",
            Part::Storage => "storage",
            Part::Operations => "operations",
            Part::AlertQueries => "alert queries",
            Part::DashboardQueries => "dashboard queries",
            Part::RollupQueries => "rollup queries",
        }
    }

    /// Whether it is for questions to the store.
    pub const fn is_query(self) -> bool {
        matches!(
            self,
            Part::AlertQueries | Part::DashboardQueries | Part::RollupQueries
        )
    }
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is for.
    pub part: Part,
    /// What is counted there.
    pub what: &'static str,
    /// Units of `price` in a month.
    pub quantity: f64,
    /// What a unit costs.
    pub price: Price,
    /// US dollars at list price.
    pub list_usd: f64,
    /// US dollars after the allowances that every account has each month, where nothing else in
    /// the account uses them.
    pub usd: f64,
}

/// What a month costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// The lines, by part.
    pub lines: Vec<Line>,
    /// Year and month of the prices.
    pub as_of: String,
    /// The region whose prices were taken.
    pub region: String,
}

impl Bill {
    pub(super) fn new(prices: &Prices, uses: Vec<Use>) -> Self {
        let mut used: HashMap<PriceId, f64> = HashMap::new();
        let mut lines: Vec<_> = uses
            .into_iter()
            .filter(|each| each.quantity > 0.0)
            .map(|each| {
                let price = prices.price(each.price);
                let before = used.entry(each.price).or_default();
                let free = (price.free - *before).clamp(0.0, each.quantity);
                *before += each.quantity;
                Line {
                    part: each.part,
                    what: each.what,
                    quantity: each.quantity,
                    price: price.clone(),
                    list_usd: price.of(each.quantity),
                    usd: price.of(each.quantity - free),
                }
            })
            .collect();
        lines.sort_by_key(|line| line.part);
        Bill {
            lines,
            as_of: prices.as_of.clone(),
            region: prices.region.clone(),
        }
    }

    /// US dollars of the lines that `wanted` picks: at list price, and after allowances.
    pub fn sum(&self, wanted: impl Fn(Part) -> bool) -> (f64, f64) {
        let picked = self.lines.iter().filter(|line| wanted(line.part));
        picked.fold((0.0, 0.0), |(list, usd), line| {
            (list + line.list_usd, usd + line.usd)
        })
    }

    /// Everything: at list price, and after allowances.
    pub fn total(&self) -> (f64, f64) {
        self.sum(|_| true)
    }

    /// Everything but questions to the store.
    pub fn without_queries(&self) -> (f64, f64) {
        self.sum(|part| !part.is_query())
    }
}
