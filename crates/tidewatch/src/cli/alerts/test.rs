//! `tidewatch alerts test FILES`: runs the unit tests of alert rules.

mod junit;
mod load;
mod played;
mod report;
mod stage;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use futures::StreamExt;

use crate::cli::exit::{Complaint, Exit};
use crate::terminal::Terminal;
use load::Suite;
use played::{Played, Selection};

const EXAMPLES: &str = "\
Examples:
  tidewatch alerts test tests/alerts/*.yaml
  tidewatch alerts test latency.yaml --filter 'two tenants'
  tidewatch alerts test tests/alerts/*.yaml --rules draft.yaml --junit report.xml

docs/alert-tests.md describes the files.

Exit codes: 0 all tests passed; 1 one failed; 2 a file or the command cannot be understood";

/// Files that are played at the same moment, each on a database of its own.
const TOGETHER: usize = 2;

/// Which tests, and how to tell of them.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct TestArgs {
    /// Test files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Test these rules instead of those that the files name; several times: each file of rules
    /// for itself. Checks of rules that it does not have are passed over
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
    /// Only tests whose name has this text in it
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Leave a file of rules alone after the first test that it fails
    #[arg(long)]
    fail_fast: bool,
    /// Write a report in JUnit's XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs them.
pub(super) async fn run(arguments: TestArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let suites = load::suites(&arguments.files, &arguments.rules)?;
    let selection = Selection::new(arguments.filter.as_deref(), arguments.fail_fast);
    let begun = Instant::now();
    let progress = terminal.progress("testing alert rules");
    let mut played: Vec<Played> = futures::stream::iter(&suites)
        .map(|suite| played::play(suite, &selection))
        .buffered(TOGETHER)
        .collect::<Vec<Result<Vec<Played>, Complaint>>>()
        .await
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect();
    drop(progress);
    played.retain(|played| played.checks > 0 || played.trouble.is_some());
    if played.is_empty() {
        return Err(nothing(&arguments, &suites));
    }
    if let Some(file) = &arguments.junit {
        junit::write(file, &played)?;
    }
    let text = if arguments.json {
        report::json(&played)
    } else {
        report::text(&played, begun.elapsed(), terminal.look())
    };
    terminal.print(&text)?;
    let all_passed = played.iter().all(Played::has_passed);
    Ok(if all_passed { Exit::Good } else { Exit::Bad })
}

/// Why no test was run.
fn nothing(arguments: &TestArgs, suites: &[Suite]) -> Complaint {
    let count: usize = suites.iter().map(|suite| suite.file.tests.len()).sum();
    match &arguments.filter {
        Some(filter) => {
            Complaint::usage(format!("none of {count} tests has `{filter}` in its name"))
                .remedy("leave --filter out to see the names")
        }
        None => Complaint::usage("no test checks a rule of the files given with --rules"),
    }
}

#[cfg(test)]
mod tests;
