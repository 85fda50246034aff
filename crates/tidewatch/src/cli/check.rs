//! `tidewatch check TARGET`: a probe, now or again and again, with everything it found.

mod arguments;
mod draft;
mod hint;
mod json;
mod report;
mod request;
mod spread;
mod subject;
mod timeline;
mod watch;

pub(super) use arguments::CheckArgs;

use std::sync::Arc;

use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_domain::{Monitor, Outcome, ProbeResult, Summary, Timestamp};
use tidewatch_probe::Engine;

use super::exit::{Complaint, Exit};
use crate::local::SystemClock;
use crate::secrets::EnvironmentSecrets;
use crate::settings::Settings;
use crate::terminal::{Terminal, clean};

/// A probe with its meaning, and the moment for "days left".
struct Findings<'m> {
    monitor: &'m Monitor,
    result: ProbeResult,
    summary: Summary,
    now: Timestamp,
}

impl<'m> Findings<'m> {
    /// Judges `result` as a monitor's would be.
    fn of(monitor: &'m Monitor, result: ProbeResult, now: Timestamp) -> Self {
        let summary = Summary::of(monitor, &result);
        Findings {
            monitor,
            result,
            summary,
            now,
        }
    }
}

/// Probes and tells what was found.
pub(super) async fn run(arguments: CheckArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let settings = subject::settings(&arguments)?;
    let monitor = subject::monitor(&arguments, &settings).await?;
    let engine = engine(&settings)?;
    if let Some(options) = watch::Options::of(&arguments) {
        return watch::run(&monitor, &options, &engine, terminal).await;
    }
    let clock = SystemClock;
    let progress = terminal.progress(format!("probing {}", clean(&monitor.public_target())));
    let result = engine.probe(&monitor, clock.now()).await;
    drop(progress);

    let findings = Findings::of(&monitor, result, clock.now());
    let text = if arguments.json {
        json::render(&findings)
    } else {
        report::render(&findings, arguments.each, terminal.look())
    };
    terminal.print(&text)?;
    Ok(exit(findings.summary.outcome))
}

/// 0 for what is up and nothing else.
fn exit(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Ok => Exit::Good,
        Outcome::Degraded | Outcome::Fail | Outcome::Unknown | Outcome::Missed => Exit::Bad,
    }
}

/// The engine that `tidewatch up` would probe with.
pub(super) fn engine(settings: &Settings) -> Result<Engine, Complaint> {
    let options = settings.probing.engine_options(settings.location.clone());
    let options =
        options.map_err(|error| Complaint::failed("the settings cannot be used").because(error))?;
    Engine::new(options, Arc::new(EnvironmentSecrets), Arc::new(SystemClock))
        .map_err(|error| Complaint::failed("the check engine cannot be built").because(error))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::attempt as sample_attempt;
