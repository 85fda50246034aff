//! The rules that monitors need, in both layouts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::rule::{Prefix, Rule, Target};
use super::{limits, schedule_bucket, ticks};
use crate::monitor::Monitor;
use crate::name::{Location, MonitorKey};

/// How monitors are spread over rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One rule for each monitor, whose input holds the whole entry: good for some 250 monitors.
    PerMonitor,
    /// One target for each bucket of each interval, five to a rule: good for any number.
    Buckets,
}

/// What a plan depends on beside the monitors.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the names of rules begin with.
    pub prefix: Prefix,
    /// How monitors are spread over rules.
    pub layout: Layout,
    /// Where the rules are; monitors that run elsewhere get none.
    pub location: Location,
    /// What the rules call.
    pub target_arn: String,
    /// Rules that the region may hold.
    pub rule_limit: u32,
}

/// Writes the inputs of targets, with `<slot>` where the instant of the tick goes. Their shape
/// belongs to whoever speaks to the monitor function.
pub trait Inputs: Debug {
    /// The input for one monitor; at most [`limits::INPUT`] characters.
    fn monitor(&self, monitor: &Monitor, bucket: u32) -> String;

    /// The input for all monitors of a schedule bucket of this interval, in seconds.
    fn bucket(&self, schedule_bucket: &str, interval_s: u64) -> String;
}

/// The rules that exist already, where the region's quota is concerned.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The names of all of them.
    pub names: BTreeSet<String>,
    /// The names of those that stay whatever is planned, because the plan is for single monitors
    /// only, or because they belong to entries that an edit broke.
    pub stay: BTreeSet<String>,
}

/// A monitor and the bucket it is in.
#[derive(Clone, Copy, Debug)]
pub struct Scheduled<'m> {
    /// The monitor.
    pub monitor: &'m Monitor,
    /// Its bucket.
    pub bucket: u32,
}

/// The rules that should be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The rules, by name.
    pub rules: BTreeMap<String, Rule>,
    /// For which monitors each rule is, by its name.
    pub served: BTreeMap<String, Vec<MonitorKey>>,
    /// Monitors that cannot be scheduled.
    pub refused: Vec<Refusal>,
}

/// A monitor that cannot be scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which one.
    pub key: MonitorKey,
    /// Why, and what to do about it.
    pub reason: String,
}

/// The rules that `monitors` need. Those that are disabled or run elsewhere need none.
///
/// Where the region's quota does not hold all rules, those of `standing` come first, so that a
/// monitor that is probed today does not give way to a new one.
pub fn plan(
    monitors: &[Scheduled<'_>],
    options: &Options,
    inputs: &dyn Inputs,
    standing: &Standing,
) -> Plan {
    let mut plan = Plan::default();
    for scheduled in monitors {
        let monitor = scheduled.monitor;
        if !monitor.enabled || !monitor.runs_at(&options.location) {
            continue;
        }
        match place(*scheduled, options, inputs) {
            Ok((head, target)) => {
                let keys = plan.served.entry(head.name.clone()).or_default();
                keys.push(monitor.key.clone());
                let rule = plan.rules.entry(head.name.clone()).or_insert(head);
                if !rule.targets.iter().any(|found| found.id == target.id) {
                    rule.targets.push(target);
                }
            }
            Err(reason) => plan.refused.push(Refusal {
                key: monitor.key.clone(),
                reason,
            }),
        }
    }
    for rule in plan.rules.values_mut() {
        rule.targets.sort_by(|a, b| a.id.cmp(&b.id));
    }
    keep_quota(&mut plan, options, standing);
    plan
}

/// The plan for single monitors beside rules that exist: each planned rule keeps the targets that
/// `actual` has of the other monitors, because nobody knows here whether those still need them.
pub fn grown(mut plan: Plan, actual: &BTreeMap<String, Rule>) -> Plan {
    for (name, rule) in &mut plan.rules {
        let Some(actual) = actual.get(name) else {
            continue;
        };
        for target in &actual.targets {
            let room = rule.targets.len() < limits::TARGETS;
            if room && !rule.targets.iter().any(|found| found.id == target.id) {
                rule.targets.push(target.clone());
            }
        }
        rule.targets.sort_by(|a, b| a.id.cmp(&b.id));
    }
    plan
}

/// The rule without targets that a monitor belongs to, and its target.
fn place(
    scheduled: Scheduled<'_>,
    options: &Options,
    inputs: &dyn Inputs,
) -> Result<(Rule, Target), String> {
    let Scheduled { monitor, bucket } = scheduled;
    let ticks = ticks(monitor.interval).map_err(|error| error.to_string())?;
    let interval = monitor.interval.as_secs();
    let (rule_key, target_key, description, input) = match options.layout {
        Layout::PerMonitor => {
            let key = monitor.key.to_string();
            let description = format!("{key}, every {interval} s");
            (
                key.clone(),
                key,
                description,
                inputs.monitor(monitor, bucket),
            )
        }
        Layout::Buckets => {
            let own = schedule_bucket(monitor, bucket);
            let group = bucket as usize / limits::TARGETS;
            let first = group * limits::TARGETS;
            let last = first + limits::TARGETS - 1;
            let description = format!("monitors of every {interval} s, buckets {first} to {last}");
            let input = inputs.bucket(&own, interval);
            (format!("{interval}#group{group}"), own, description, input)
        }
    };
    let length = input.chars().count();
    if length > limits::INPUT {
        return Err(format!(
            "its input has {length} characters and a rule takes {}; shorten the entry, or use the \
             layout `buckets`",
            limits::INPUT
        ));
    }
    let head = Rule {
        name: options.prefix.name(&rule_key),
        schedule: ticks.expression,
        enabled: true,
        description: description.chars().take(limits::DESCRIPTION).collect(),
        targets: Vec::new(),
    };
    let target = Target {
        id: options.prefix.name(&target_key),
        arn: options.target_arn.clone(),
        input,
        // The service accepts 60 to 86,400.
        max_age_s: u32::try_from(interval)
            .unwrap_or(u32::MAX)
            .clamp(60, 86_400),
        retries: 2,
    };
    Ok((head, target))
}

/// Takes out the rules for which there is no room, and refuses their monitors.
fn keep_quota(plan: &mut Plan, options: &Options, standing: &Standing) {
    let limit = options.rule_limit as usize;
    let planned = |name: &&String| plan.rules.contains_key(*name);
    let beside = standing.stay.iter().filter(|name| !planned(name)).count();
    let room = limit.saturating_sub(beside);
    if plan.rules.len() <= room {
        return;
    }
    let (mut names, new): (Vec<_>, Vec<_>) = plan
        .rules
        .keys()
        .cloned()
        .partition(|name| standing.names.contains(name));
    names.extend(new);
    let wanted = names.len() + beside;
    for name in names.drain(room..) {
        plan.rules.remove(&name);
        for key in plan.served.remove(&name).into_iter().flatten() {
            plan.refused.push(Refusal {
                key,
                reason: format!(
                    "{wanted} rules are needed and the region may hold {limit}; use the layout \
                     `buckets`, or have the quota raised and TIDEWATCH_RULE_LIMIT with it"
                ),
            });
        }
    }
}
