//! Which schedule rules there should be, and how to get there from those that there are.
//!
//! A schedule rule of EventBridge fires at a rate and calls up to five targets, each with an input
//! of its own. [`plan`] says which rules the monitors of a location need, [`changes`] what has to
//! be done about the rules that exist. Both are pure; the adapter that talks to EventBridge only
//! reads rules and carries out [`Change`]s.
//!
//! Quotas and naming rules: Amazon EventBridge API Reference, `PutRule`, `PutTargets`, and the
//! quotas page of its user guide.

mod bucket;
mod changes;
mod layout;
mod rate;
mod rule;

pub use bucket::{Buckets, BucketsError, schedule_bucket};
pub use changes::{Change, Changes, changes};
pub use layout::{Inputs, Layout, Options, Plan, Refusal, Scheduled, Standing, grown, plan};
pub use rate::{RateError, Ticks, ticks};
pub use rule::{Prefix, PrefixError, Rule, Target};

/// The bounds of EventBridge that a plan keeps.
pub mod limits {
    /// Targets of one rule.
    pub const TARGETS: usize = 5;
    /// Entries of one PutTargets or RemoveTargets call.
    pub const TARGETS_A_CALL: usize = 10;
    /// Characters of a target's input.
    pub const INPUT: usize = 8_192;
    /// Characters of a rule's name and of a target's id.
    pub const NAME: usize = 64;
    /// Characters of a rule's description.
    pub const DESCRIPTION: usize = 512;
    /// Rules of a region, unless AWS raised it for the account.
    pub const RULES: u32 = 300;
}

#[cfg(test)]
mod tests;
