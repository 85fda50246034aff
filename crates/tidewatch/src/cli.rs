//! The command line: what can be asked, and who answers.

mod alerts;
mod check;
mod completions;
mod cost;
mod data;
mod doctor;
mod exit;
mod monitors;
mod query;
mod settings;

use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tokio::runtime::Builder;

use crate::local::{self, Ended};
use crate::settings::UpArgs;
use crate::terminal::Terminal;
use exit::{Complaint, Exit};

const EXIT_CODES: &str = "\
Exit codes:
  0  the answer is good
  1  the answer is bad, or there is none: down or degraded, invalid entries, a failed query
  2  the command cannot be understood";

const UP_HELP: &str = "\
Stops on Ctrl-C or SIGTERM, after everything that was measured is stored (exit code 0); on a second
one at once (130 or 143).";

const EXAMPLES: &str = "\
Examples:
  tidewatch                                    watch what dynamo_entries.json says
  tidewatch check example.com                  probe a site once and show where the time goes
  tidewatch query 'SHOW TABLES FROM \"CPTMonitoring\"'
  tidewatch monitors validate monitors.yaml    what is wrong with these definitions?
  tidewatch doctor                             is this machine fit for monitoring?";

/// Watches websites and APIs, keeps every result as a time series, and shows what is down, since
/// when and why.
///
/// Without a command it does what `up` does.
#[derive(Debug, Parser)]
#[command(name = "tidewatch", version, max_term_width = 100)]
#[command(after_help = EXIT_CODES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command understands.
#[derive(Args, Clone, Copy, Debug)]
struct GlobalArgs {
    /// When to use colour; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch the defined monitors: scheduler, store, bridge and status page in one process
    #[command(after_help = UP_HELP)]
    Up(Box<UpArgs>),
    /// Probe a URL once and show where the time goes
    Check(check::CheckArgs),
    /// Ask the bridge in Timestream's SQL
    Query(query::QueryArgs),
    /// Look at monitor definitions
    Monitors(monitors::MonitorsArgs),
    /// Look after a data folder
    Data(data::DataArgs),
    /// Test alert rules, explain them, and try the ways by which people are told
    Alerts(alerts::AlertsArgs),
    /// Examine whether this machine is fit for monitoring
    Doctor(doctor::DoctorArgs),
    /// Estimate what an installation in AWS would cost a month
    Cost(cost::CostArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
}

/// Runs the command that `arguments`, the program's name first, ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let (global, command) = match parse(arguments.into_iter().collect()) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help that was asked for goes to standard output and is a good answer. When neither
            // stream can be written to, the exit code is all that is left to say.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Good.into()
            };
        }
    };
    let terminal = Terminal::detect(match global.color {
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::Always,
        Colour::Never => ColorChoice::Never,
    });
    let answer = match command {
        Command::Up(arguments) => up(*arguments, &terminal),
        Command::Check(arguments) => ask(check::run(arguments, &terminal)),
        Command::Query(arguments) => ask(query::run(arguments, &terminal)),
        Command::Monitors(arguments) => ask(monitors::run(arguments, &terminal)),
        Command::Data(arguments) => ask(data::run(arguments, &terminal)),
        Command::Alerts(arguments) => ask(alerts::run(arguments, &terminal)),
        Command::Doctor(arguments) => ask(doctor::run(arguments, &terminal)),
        Command::Cost(arguments) => cost::run(&arguments, &terminal),
        Command::Completions(arguments) => completions::run(arguments, &terminal),
    };
    answer
        .unwrap_or_else(|complaint| complaint.tell(&terminal))
        .into()
}

/// No command means `up`, with whatever the environment sets for it.
fn parse(mut arguments: Vec<OsString>) -> Result<(GlobalArgs, Command), clap::Error> {
    let cli = Cli::try_parse_from(&arguments)?;
    if let Some(command) = cli.command {
        return Ok((cli.global, command));
    }
    arguments.push("up".into());
    let Cli { global, command } = Cli::try_parse_from(&arguments)?;
    Ok((
        global,
        command.expect("the last argument is the name of a command"),
    ))
}

/// Runs the local mode, on as many threads as there are processors.
fn up(arguments: UpArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let running = async {
        let ended = local::up(arguments, terminal).await;
        ended
            .map(|ended| match ended {
                Ended::Orderly => Exit::Good,
                Ended::AtOnce(signal) => Exit::Signal(signal),
            })
            .map_err(|error| Complaint::failed(error.to_string()))
    };
    within(&mut Builder::new_multi_thread(), running)
}

/// Runs a command that waits for the network. One thread is enough for one question, and on one
/// thread nothing of our own gets in the way of a measurement.
fn ask(command: impl Future<Output = Result<Exit, Complaint>>) -> Result<Exit, Complaint> {
    within(&mut Builder::new_current_thread(), command)
}

fn within(
    runtime: &mut Builder,
    command: impl Future<Output = Result<Exit, Complaint>>,
) -> Result<Exit, Complaint> {
    let runtime = runtime.enable_all().build();
    let runtime = runtime
        .map_err(|error| Complaint::failed("the event loop cannot be started").because(error))?;
    runtime.block_on(command)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use check::sample_attempt;
