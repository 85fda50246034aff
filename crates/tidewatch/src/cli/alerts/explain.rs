//! `tidewatch alerts explain RULE`: evaluates a rule once, and shows how its result comes about.

mod report;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use tidewatch_alerting::evaluate::{Defaults, Evaluated, Given, evaluate};
use tidewatch_alerting::fault::Fault;
use tidewatch_alerting::rule::{self, Group, Rule};
use tidewatch_alerting::schedule::BEAT;
use tidewatch_alerting::state::{About, Alert, RuleStates};
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;
use tidewatch_domain::schema;
use url::Url;

use crate::cli::exit::{Complaint, Exit};
use crate::cli::query::Bridge;
use crate::local::SystemClock;
use crate::rules::shipped;
use crate::terminal::Terminal;
use source::RemoteSource;

const EXAMPLES: &str = "\
Examples:
  tidewatch alerts explain tidewatch-down
  tidewatch alerts explain 'Latency over target' --at 2026-11-22T07:00:00Z
  tidewatch alerts explain my-rule --rules rules.yaml --endpoint-url https://bridge.example:8086

Every request is signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when both are set.

Exit codes: 0 the rule is quiet; 1 it has alerts, or cannot be evaluated; 2 the command cannot be
understood";

/// The most evaluations before the one that is shown.
const MOST_BEFORE: u128 = 120;

/// Which rule, when, and whom to ask.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// The rule's uid or title
    rule: String,
    /// The instant as of which it is evaluated [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Files of rules [default: those that come with Tidewatch]
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// The bridge or Timestream endpoint to ask
    #[arg(long, env = "TIDEWATCH_ENDPOINT_URL", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:8086")]
    endpoint_url: Url,
    /// A PEM file with certificates to trust beside those of the machine
    #[arg(long, env = "AWS_CA_BUNDLE", value_name = "FILE")]
    ca_bundle: Option<PathBuf>,
    /// What `$__database` stands for
    #[arg(long, value_name = "NAME", default_value = schema::DATABASE)]
    database: String,
    /// What `$__table` stands for
    #[arg(long, value_name = "NAME", default_value = schema::TABLE)]
    table: String,
    /// What `$__measure` stands for
    #[arg(long, value_name = "NAME", default_value = "")]
    measure: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A rule and what came of it.
struct Explained<'a> {
    group: &'a Group,
    rule: &'a Rule,
    at: Timestamp,
    /// How many evaluations there were, with those before that show for how long it holds.
    evaluations: usize,
    /// The one that is shown.
    evaluated: Evaluated,
    /// Its alerts afterwards, the resting ones too.
    alerts: Vec<Alert>,
}

/// Evaluates it and shows how.
pub(super) async fn run(arguments: ExplainArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let groups = groups(&arguments.rules)?;
    let (group, rule) = find(&groups, &arguments.rule)?;
    let bridge = Bridge::new(
        arguments.endpoint_url.clone(),
        arguments.ca_bundle.as_deref(),
    )?;
    let source = RemoteSource::new(bridge);
    let quoted = |name: &str| format!("\"{}\"", name.trim_matches('"'));
    let defaults = Defaults {
        database: quoted(&arguments.database),
        table: quoted(&arguments.table),
        measure: arguments.measure.clone(),
    };
    let at = arguments.at.unwrap_or_else(now_in_beats);
    let progress = terminal.progress("evaluating the rule");
    let explained = explain(group, rule, at, &defaults, &source).await;
    drop(progress);
    if let Some(complaint) = source.into_complaint() {
        return Err(complaint);
    }
    let text = if arguments.json {
        report::json(&explained)
    } else {
        report::text(&explained, terminal.look())
    };
    terminal.print(&text)?;
    Ok(if report::is_quiet(&explained) {
        Exit::Good
    } else {
        Exit::Bad
    })
}

/// Evaluates `rule` at the instants up to `at` that decide its state: as long as it has to hold
/// before it fires, and goes on firing afterwards.
async fn explain<'a>(
    group: &'a Group,
    rule: &'a Rule,
    at: Timestamp,
    defaults: &Defaults,
    source: &RemoteSource,
) -> Explained<'a> {
    let span = rule.hold + rule.keep_firing_for;
    let before = span.as_nanos().div_ceil(group.interval.as_nanos().max(1));
    let before = u32::try_from(before.min(MOST_BEFORE)).unwrap_or(u32::MAX);
    let about = About {
        folder: &group.folder,
        interval: group.interval,
        external_url: "",
        org_id: group.org_id,
    };
    let mut states = RuleStates::default();
    let mut evaluations = 0;
    let mut back = before;
    loop {
        let instant = at.minus(group.interval * back);
        let active: BTreeSet<_> = states.active();
        let given = Given {
            source,
            defaults,
            active: &active,
            now: instant,
        };
        let evaluated = evaluate(rule, instant, &given).await;
        states.apply(rule, &about, &evaluated.evaluation);
        evaluations += 1;
        if back == 0 {
            return Explained {
                group,
                rule,
                at,
                evaluations,
                evaluated,
                alerts: states.alerts().cloned().collect(),
            };
        }
        back -= 1;
    }
}

/// The present as evaluations see it: the beginning of the beat.
fn now_in_beats() -> Timestamp {
    let beat = i64::try_from(BEAT.as_secs()).unwrap_or(i64::MAX);
    let now = SystemClock.now().as_secs();
    Timestamp::from_secs(now.div_euclid(beat) * beat)
}

fn groups(files: &[PathBuf]) -> Result<Vec<Group>, Complaint> {
    let variables = |name: &str| std::env::var(name).ok();
    let mut groups = Vec::new();
    let mut faults = Vec::new();
    let mut take = |file: &Path, text: &str| match rule::read(file, text, &variables) {
        Ok(read) => groups.extend(read),
        Err(found) => faults.extend(found.iter().map(Fault::to_string)),
    };
    if files.is_empty() {
        let (file, text) = shipped();
        take(file, text);
    }
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Complaint::usage(format!("{} cannot be read", file.display())).because(error)
        })?;
        take(file, &text);
    }
    if faults.is_empty() {
        return Ok(groups);
    }
    Err(Complaint::usage(format!(
        "the rules have faults:\n{}",
        faults.join("\n")
    )))
}

fn find<'a>(groups: &'a [Group], name: &str) -> Result<(&'a Group, &'a Rule), Complaint> {
    let all = || {
        groups
            .iter()
            .flat_map(|group| group.rules.iter().map(move |rule| (group, rule)))
    };
    let found = all().find(|(_, rule)| rule.uid == name || rule.title == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = all().map(|(_, rule)| rule.uid.as_str()).collect();
        Complaint::usage(format!("no rule is called `{name}`"))
            .remedy(format!("there are {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests;
