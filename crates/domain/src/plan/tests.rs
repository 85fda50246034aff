use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::monitor::Monitor;
use crate::name::{Location, MonitorId, MonitorKey};
use crate::summary::tests::monitor;

/// Inputs that say no more than whom they are for.
#[derive(Debug)]
struct Short;

impl Inputs for Short {
    fn monitor(&self, monitor: &Monitor, bucket: u32) -> String {
        format!("{} {bucket}", monitor.key)
    }

    fn bucket(&self, schedule_bucket: &str, _interval_s: u64) -> String {
        schedule_bucket.to_owned()
    }
}

#[derive(Debug)]
struct Long;

impl Inputs for Long {
    fn monitor(&self, _monitor: &Monitor, _bucket: u32) -> String {
        "x".repeat(limits::INPUT + 1)
    }

    fn bucket(&self, _schedule_bucket: &str, _interval_s: u64) -> String {
        String::new()
    }
}

fn options(layout: Layout) -> Options {
    Options {
        prefix: Prefix::try_new("tidewatch").unwrap(),
        layout,
        location: Location::try_new("eu-west-1").unwrap(),
        target_arn: "arn:aws:lambda:eu-west-1:123456789012:function:monitor:live".to_owned(),
        rule_limit: limits::RULES,
    }
}

fn named(monitor_id: &str, seconds: u64) -> Monitor {
    let mut monitor = monitor();
    monitor.key.monitor_id = MonitorId::try_new(monitor_id).unwrap();
    monitor.interval = Duration::from_secs(seconds);
    monitor
}

fn key(monitor_id: &str) -> MonitorKey {
    named(monitor_id, 60).key
}

fn planned(monitors: &[Monitor], options: &Options) -> Plan {
    let buckets = Buckets::try_new(16).unwrap();
    let scheduled: Vec<Scheduled<'_>> = monitors
        .iter()
        .map(|monitor| Scheduled {
            monitor,
            bucket: buckets.of(&monitor.key, |_| None),
        })
        .collect();
    plan(&scheduled, options, &Short, &Standing::default())
}

#[test]
fn names_are_stable_short_and_tell_nothing() {
    let prefix = Prefix::try_new("tidewatch").unwrap();
    // Worked out with sha256sum and base32 of GNU coreutils.
    assert_eq!(
        prefix.name("demo/shop"),
        "tidewatch-jkfkbufegjvxmvm5p7mnkzxdjn"
    );
    let longest = Prefix::try_new("p".repeat(37)).unwrap();
    assert_eq!(longest.name(&"x".repeat(500)).len(), limits::NAME);
    assert!(Prefix::try_new("p".repeat(38)).is_err());
    assert!(Prefix::try_new("tide watch").is_err());
    assert!(Prefix::try_new("").is_err());
}

#[test]
fn names_of_others_are_not_taken_for_our_own() {
    let prefix = Prefix::try_new("tidewatch").unwrap();
    assert!(prefix.owns(&prefix.name("demo/shop")));
    let staging = Prefix::try_new("tidewatch-staging").unwrap();
    for name in [
        staging.name("demo/shop").as_str(),
        "tidewatch-reconcile",
        "tidewatch-",
        "tidewatch",
        "tidewatch-JKFKBUFEGJVXMVM5P7MNKZXDJN",
        "backup-jkfkbufegjvxmvm5p7mnkzxdjn",
    ] {
        assert!(!prefix.owns(name), "{name}");
    }
}

#[test]
fn per_monitor_each_has_a_rule_with_its_own_input() {
    let mut elsewhere = named("elsewhere", 60);
    elsewhere.locations = vec![Location::try_new("us-east-1").unwrap()];
    let mut here = named("here", 300);
    here.locations = vec![Location::try_new("eu-west-1").unwrap()];
    let mut paused = named("paused", 60);
    paused.enabled = false;
    let options = options(Layout::PerMonitor);
    let plan = planned(&[elsewhere, here.clone(), paused], &options);
    assert_eq!(plan.refused, []);
    let name = options.prefix.name(&here.key.to_string());
    let [rule] = plan.rules.values().collect::<Vec<_>>()[..] else {
        panic!("{plan:?}")
    };
    assert_eq!(rule.name, name);
    assert_eq!(rule.schedule, "rate(5 minutes)");
    assert!(rule.enabled);
    let [target] = &rule.targets[..] else {
        panic!("{rule:?}")
    };
    assert_eq!(target.id, name);
    assert_eq!(target.arn, options.target_arn);
    assert_eq!(target.max_age_s, 300);
    assert!(target.input.starts_with(&here.key.to_string()));
}

#[test]
fn in_buckets_a_thousand_monitors_share_few_rules() {
    let monitors: Vec<Monitor> = (0..1_000)
        .map(|number| named(&format!("m{number}"), if number % 2 == 0 { 60 } else { 30 }))
        .collect();
    let plan = planned(&monitors, &options(Layout::Buckets));
    assert_eq!(plan.refused, []);
    // 16 buckets, five to a rule, for each of two intervals.
    assert_eq!(plan.rules.len(), 8);
    let mut inputs = BTreeSet::new();
    for rule in plan.rules.values() {
        assert_eq!(rule.schedule, "rate(1 minute)");
        assert!(rule.targets.len() <= limits::TARGETS);
        inputs.extend(rule.targets.iter().map(|target| target.input.clone()));
    }
    assert_eq!(inputs.len(), 32);
    assert!(
        inputs.contains("30#0") && inputs.contains("60#15"),
        "{inputs:?}"
    );
}

#[test]
fn what_cannot_be_scheduled_is_refused_with_a_remedy() {
    let odd = named("odd", 90);
    let refused = planned(
        &[odd.clone(), named("fine", 60)],
        &options(Layout::PerMonitor),
    );
    assert_eq!(refused.rules.len(), 1);
    assert_eq!(refused.refused[0].key, odd.key);
    assert!(refused.refused[0].reason.contains("whole minutes"));

    let long = named("long", 60);
    let scheduled = [Scheduled {
        monitor: &long,
        bucket: 0,
    }];
    let plan = plan(
        &scheduled,
        &options(Layout::PerMonitor),
        &Long,
        &Standing::default(),
    );
    assert!(plan.rules.is_empty());
    assert!(plan.refused[0].reason.contains("8193 characters"));
}

#[test]
fn where_rules_run_short_those_that_exist_stay() {
    let monitors: Vec<Monitor> = (0..5)
        .map(|number| named(&format!("m{number}"), 60))
        .collect();
    let mut options = options(Layout::PerMonitor);
    let standing = Standing {
        names: ["m3", "m4"]
            .map(|id| options.prefix.name(&key(id).to_string()))
            .into(),
        stay: BTreeSet::from(["somebody-elses".to_owned()]),
    };
    options.rule_limit = 4;
    let scheduled: Vec<_> = monitors
        .iter()
        .map(|monitor| Scheduled { monitor, bucket: 0 })
        .collect();
    let plan = plan(&scheduled, &options, &Short, &standing);
    assert_eq!(plan.rules.len(), 3);
    assert!(
        standing
            .names
            .iter()
            .all(|name| plan.rules.contains_key(name))
    );
    assert_eq!(plan.refused.len(), 2);
    let reason = &plan.refused[0].reason;
    assert!(
        reason.starts_with("6 rules are needed and the region may hold 4"),
        "{reason}"
    );
}

#[test]
fn a_family_is_in_the_bucket_of_its_topmost_name() {
    let buckets = Buckets::try_new(4_096).unwrap();
    let parent = |of: &MonitorKey| match of.monitor_id.as_str() {
        "leaf" => Some(key("branch")),
        "branch" => Some(key("gone")),
        "a" => Some(key("b")),
        "b" => Some(key("a")),
        _ => None,
    };
    let of = |id: &str| buckets.of(&key(id), parent);
    assert_eq!(of("leaf"), of("gone"));
    assert_eq!(of("branch"), of("gone"));
    // A circle ends, and all of it is in one place.
    assert_eq!(of("a"), of("b"));
    assert_ne!(of("gone"), of("a"));
    for refused in [0, 3, 8_192] {
        assert_eq!(Buckets::try_new(refused), Err(BucketsError(refused)));
    }
}

#[test]
fn twice_the_buckets_move_a_monitor_by_the_old_number_or_not_at_all() {
    let few = Buckets::try_new(16).unwrap();
    let more = Buckets::try_new(32).unwrap();
    for number in 0..100 {
        let key = key(&format!("m{number}"));
        let (before, after) = (few.of(&key, |_| None), more.of(&key, |_| None));
        assert!(after == before || after == before + 16, "{before} {after}");
    }
}

#[test]
fn a_plan_for_few_keeps_what_the_rule_has_for_others() {
    let options = options(Layout::Buckets);
    let (one, two) = (named("m0", 60), named("m1", 60));
    let at = |monitor, bucket| Scheduled { monitor, bucket };
    let standing = Standing::default();
    let actual = plan(&[at(&one, 0)], &options, &Short, &standing).rules;
    let added = plan(&[at(&two, 3)], &options, &Short, &standing);
    let grown = grown(added, &actual);
    let [rule] = grown.rules.values().collect::<Vec<_>>()[..] else {
        panic!("{grown:?}")
    };
    let inputs: BTreeSet<&str> = rule.targets.iter().map(|target| &*target.input).collect();
    assert_eq!(inputs, BTreeSet::from(["60#0", "60#3"]));
    let changes = changes(&grown.rules, &actual);
    assert_eq!((changes.make.len(), changes.remove.len()), (1, 0));
}

/// EventBridge as far as changes concern it; a change that the service would refuse panics.
fn apply(rules: &mut BTreeMap<String, Rule>, change: &Change) {
    match change {
        Change::PutRule { rule } => {
            let targets = rules
                .get(&rule.name)
                .map_or(Vec::new(), |old| old.targets.clone());
            let rule = Rule {
                targets,
                ..rule.clone()
            };
            rules.insert(rule.name.clone(), rule);
        }
        Change::PutTargets { rule, targets } => {
            assert!(targets.len() <= limits::TARGETS_A_CALL);
            let rule = rules
                .get_mut(rule)
                .expect("a rule is there before its targets");
            for target in targets {
                rule.targets.retain(|found| found.id != target.id);
                rule.targets.push(target.clone());
            }
            rule.targets.sort_by(|a, b| a.id.cmp(&b.id));
            assert!(rule.targets.len() <= limits::TARGETS, "{rule:?}");
        }
        Change::RemoveTargets { rule, ids } => {
            assert!((1..=limits::TARGETS_A_CALL).contains(&ids.len()));
            let rule = rules
                .get_mut(rule)
                .expect("a rule is there while it has targets");
            rule.targets.retain(|target| !ids.contains(&target.id));
        }
        Change::DeleteRule { rule } => {
            let gone = rules.remove(rule).expect("only what is there is deleted");
            assert!(gone.targets.is_empty(), "{gone:?}");
        }
    }
}

fn targets() -> impl Strategy<Value = Vec<Target>> {
    let target = (0_u32..7, 0_u32..3).prop_map(|(id, input)| Target {
        id: format!("t{id}"),
        arn: "arn".to_owned(),
        input: format!("{id}: {input}"),
        max_age_s: 60,
        retries: 2,
    });
    prop::collection::vec(target, 1..=limits::TARGETS).prop_map(|mut targets| {
        targets.sort_by(|a, b| a.id.cmp(&b.id));
        targets.dedup_by(|a, b| a.id == b.id);
        targets
    })
}

fn rules() -> impl Strategy<Value = BTreeMap<String, Rule>> {
    let rule = (0_u32..6, 1_u32..3, any::<bool>(), targets());
    prop::collection::vec(rule, 0..6).prop_map(|rules| {
        let rule = |(name, minutes, enabled, targets)| Rule {
            name: format!("r{name}"),
            schedule: format!("rate({minutes})"),
            enabled,
            description: String::new(),
            targets,
        };
        rules
            .into_iter()
            .map(rule)
            .map(|rule| (rule.name.clone(), rule))
            .collect()
    })
}

/// Every input that some rule calls with.
fn called(rules: &BTreeMap<String, Rule>) -> BTreeSet<String> {
    let targets = rules.values().flat_map(|rule| &rule.targets);
    targets.map(|target| target.id.clone()).collect()
}

proptest! {
    #[test]
    fn applied_changes_give_what_is_desired_without_a_gap(
        desired in rules(), actual in rules(),
    ) {
        let found = changes(&desired, &actual);
        let makes_room = |change: &Change| matches!(change, Change::RemoveTargets { .. });
        let crowded = found.make.iter().any(makes_room);
        let mut now = actual.clone();
        // Whom both the old and the new rules call is called at every moment in between.
        let always: BTreeSet<String> =
            called(&actual).intersection(&called(&desired)).cloned().collect();
        for change in found.make.iter().chain(&found.remove) {
            apply(&mut now, change);
            // Where strangers fill a rule, room has to be made first.
            let gap = !crowded && !always.is_subset(&called(&now));
            prop_assert!(!gap, "{:?} leaves a gap", change);
        }
        prop_assert_eq!(&now, &desired);
        prop_assert!(changes(&desired, &now).is_empty());
    }

    #[test]
    fn nothing_is_taken_away_before_everything_is_there(desired in rules(), actual in rules()) {
        let found = changes(&desired, &actual);
        let mut now = actual;
        for change in &found.make {
            apply(&mut now, change);
        }
        prop_assert!(called(&desired).is_subset(&called(&now)));
    }

    #[test]
    fn every_bucket_is_below_the_count(id in "[a-z]{1,12}", power in 0_u32..=12) {
        let buckets = Buckets::try_new(1 << power).unwrap();
        prop_assert!(buckets.of(&key(&id), |_| None) < buckets.count());
    }
}
