//! `tidewatch doctor`: examines this machine, with the settings that `up` would use.

mod account;

use clap::Args;
use serde::Serialize;
use tidewatch_definitions::{Definitions, Entry, Mode, Tree, Value};
use tidewatch_domain::Monitor;

use super::check::engine;
use super::exit::{Complaint, Exit};
use super::monitors;
use crate::doctor::{Examination, Finding, Status, examine};
use crate::settings::{Settings, UpArgs};
use crate::terminal::{Look, Terminal, Tone, clean, pad, wrap};

const EXAMPLES: &str = "\
Examples:
  tidewatch doctor
  tidewatch doctor --monitors 5000 --data-dir /var/lib/tidewatch
  tidewatch doctor --site https://intranet.example/ --json

Exit codes: 0 nothing fails (there may be warnings); 1 something fails; 2 the command cannot be
understood";

/// What the machine is to be fit for.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DoctorArgs {
    /// How many monitors there will be [default: those of the definitions]
    #[arg(long, value_name = "N")]
    monitors: Option<usize>,
    /// A site that works, to measure names, the way out and the clock by
    #[arg(long, value_name = "URL", default_value = "https://example.com/")]
    site: String,
    /// Examine the AWS account instead, by the variables of the functions
    #[arg(long)]
    aws: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    up: UpArgs,
}

/// Examines and tells.
pub(super) async fn run(arguments: DoctorArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    if arguments.aws {
        let progress = terminal.progress("examining");
        let findings = account::examine(&arguments.up.cloud, |part| progress.say(part)).await;
        drop(progress);
        return tell(&findings, ACCOUNT, arguments.json, terminal);
    }
    let settings = Settings::resolve(arguments.up)
        .map_err(|error| Complaint::failed("the settings cannot be used").because(error))?;
    let defined = monitors::definitions(&settings).await;
    let monitors = arguments
        .monitors
        .or(defined.as_ref().ok().map(|read| read.monitors.len()));
    let engine = engine(&settings)?;
    let examination = Examination {
        site: site(&arguments.site)?,
        data_dir: settings.data_dir,
        listen: settings.listen,
        bridge_listen: settings.bridge_listen,
        monitors: monitors.unwrap_or_default(),
        max_in_flight: settings.max_in_flight as usize,
    };
    let progress = terminal.progress("examining");
    let mut findings = vec![definitions(&settings.definitions.to_string(), &defined)];
    findings.extend(examine(&examination, &engine, |part| progress.say(part)).await);
    drop(progress);
    tell(&findings, MACHINE, arguments.json, terminal)
}

/// What is examined, and what it is to be fit for.
type Subject = (&'static str, &'static str);

const MACHINE: Subject = ("this machine", "monitoring");
const ACCOUNT: Subject = ("this account", "Tidewatch");

fn tell(
    findings: &[Finding],
    subject: Subject,
    as_json: bool,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let text = if as_json {
        json(findings)
    } else {
        report(findings, subject, terminal.look())
    };
    terminal.print(&text)?;
    let fails = findings
        .iter()
        .any(|finding| finding.status == Status::Fail);
    Ok(if fails { Exit::Bad } else { Exit::Good })
}

/// Short timeouts: the site is one that works, so waiting longer would tell nothing more.
fn site(url: &str) -> Result<Monitor, Complaint> {
    let text = |text: &str| Tree::from(Value::Text(text.to_owned()));
    let number = |text: &str| Tree::from(Value::Number(text.to_owned()));
    let fields = vec![
        ("tenant".to_owned(), text("command-line")),
        ("monitor_id".to_owned(), text("doctor")),
        ("target".to_owned(), text(url)),
        ("interval".to_owned(), text("5s")),
        ("attempts".to_owned(), number("2")),
    ];
    let entry = Entry {
        file: "command line".to_owned(),
        number: 1,
        tree: Value::Map(fields).into(),
    };
    let mut read = tidewatch_definitions::check(&[entry], Mode::Local);
    read.monitors.pop().ok_or_else(|| {
        let told: Vec<String> = read
            .faults
            .iter()
            .map(|fault| format!("--site {}; {}", fault.problem, fault.remedy))
            .collect();
        Complaint::usage(told.join("\n"))
    })
}

fn definitions(file: &str, read: &Result<Definitions, Complaint>) -> Finding {
    const NAME: &str = "definitions";
    let remedy = format!("see what is wrong with: tidewatch monitors validate {file}");
    match read {
        Err(error) => Finding::warn(
            NAME,
            error.to_string(),
            "name the file with --definitions; without one there is nothing to watch",
        ),
        Ok(read) if !read.faults.is_empty() => Finding::warn(
            NAME,
            format!(
                "{file}: {} monitors can be used, {} faults",
                read.monitors.len(),
                read.faults.len()
            ),
            remedy,
        ),
        Ok(read) => Finding::ok(NAME, format!("{file}: {} monitors", read.monitors.len())),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    fit: bool,
    checks: &'a [Finding],
}

fn json(findings: &[Finding]) -> String {
    let fit = findings
        .iter()
        .all(|finding| finding.status != Status::Fail);
    let text = serde_json::to_string_pretty(&Answer {
        fit,
        checks: findings,
    })
    .expect("a structure of texts always has a JSON form");
    text + "\n"
}

fn report(findings: &[Finding], (who, purpose): Subject, look: Look) -> String {
    const STATUS: usize = 6;
    const NAME: usize = 18;
    let indent = STATUS + NAME;
    let mut text = String::new();
    for finding in findings {
        let (word, tone) = match finding.status {
            Status::Ok => ("ok", Tone::Good),
            Status::Warn => ("warn", Tone::Warn),
            Status::Fail => ("fail", Tone::Bad),
        };
        text.push_str(&format!(
            "{}{}{}\n",
            look.paint(tone, &pad(word, STATUS)),
            look.paint(Tone::Strong, &pad(finding.check, NAME)),
            wrap(&clean(&finding.measured), look.width, indent),
        ));
        if let Some(remedy) = &finding.remedy {
            let remedy = wrap(&clean(remedy), look.width, indent + 2);
            text.push_str(&format!(
                "{:indent$}{} {remedy}\n",
                "",
                look.paint(Tone::Muted, "→")
            ));
        }
    }
    let count = |status| {
        findings
            .iter()
            .filter(|finding| finding.status == status)
            .count()
    };
    let (verdict, tone) = match (count(Status::Fail), count(Status::Warn)) {
        (0, 0) => (format!("{who} is fit for {purpose}"), Tone::Good),
        (0, 1) => (
            format!("{who} will do for {purpose}, with 1 warning"),
            Tone::Warn,
        ),
        (0, warnings) => (
            format!("{who} will do for {purpose}, with {warnings} warnings"),
            Tone::Warn,
        ),
        (1, _) => (
            format!("{who} is not fit for {purpose}: 1 check fails"),
            Tone::Bad,
        ),
        (fails, _) => (
            format!("{who} is not fit for {purpose}: {fails} checks fail"),
            Tone::Bad,
        ),
    };
    text.push_str(&format!("\n{}\n", look.paint(tone, &verdict)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok(
                "timers",
                "sleeps of 1 ms end late by 1.1 ms (median), 1.4 ms (p99)",
            ),
            Finding::fail(
                "bridge port",
                "127.0.0.1:8086 is in use by another program",
                "stop that program, or choose another address with --bridge-listen",
            ),
        ]
    }

    #[test]
    fn the_report_wraps_behind_its_labels() {
        let wanted = "\
ok    timers            sleeps of 1 ms end late by 1.1 ms
                        (median), 1.4 ms (p99)
fail  bridge port       127.0.0.1:8086 is in use by another
                        program
                        → stop that program, or choose
                          another address with
                          --bridge-listen

this machine is not fit for monitoring: 1 check fails
";
        assert_eq!(report(&findings(), MACHINE, Look::plain(60)), wanted);
    }

    #[test]
    fn json_says_whether_it_is_fit() {
        let answer: serde_json::Value = serde_json::from_str(&json(&findings())).unwrap();
        assert_eq!(answer["fit"], false);
        assert_eq!(answer["checks"][0]["status"], "ok");
        assert_eq!(answer["checks"][0]["remedy"], serde_json::Value::Null);
        assert_eq!(answer["checks"][1]["check"], "bridge port");
    }

    #[test]
    fn a_site_that_is_no_url_is_refused_with_the_remedy() {
        assert!(site("https://example.com/").is_ok());
        let complaint = site("ftp://example.com/").unwrap_err().to_string();
        assert!(complaint.starts_with("--site "), "{complaint}");
    }
}
