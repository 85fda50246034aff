//! `tidewatch monitors validate|list|diff|push|pull`.

mod list;
mod source;
mod table;
mod validate;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tidewatch_definitions::{Definitions, Fault, Mode};

use super::exit::{Complaint, Exit};
use crate::cloud::CloudArgs;
use crate::settings::{Origin, Settings};
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  tidewatch monitors validate monitors.yaml
  tidewatch monitors validate dynamo_entries.json --aws
  tidewatch monitors list --json | jq -r '.[].target'
  tidewatch monitors diff monitors.yaml --table tidewatch-monitors
  tidewatch monitors push monitors.yaml --table tidewatch-monitors --delete
  tidewatch monitors pull --table tidewatch-monitors --output dynamo_entries.json

Exit codes: 0 every entry can be used, or nothing differs; 1 an entry, a file or the table cannot be \
used, or something differs; 2 the command cannot be understood";

/// What to do with definitions.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct MonitorsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Tell everything that is wrong, entry by entry, with its place and remedy
    Validate(DefinitionsArgs),
    /// Show the monitors with all defaults filled in
    List(DefinitionsArgs),
    /// Compare files with the table of entries in DynamoDB, by what they mean
    Diff(table::DiffArgs),
    /// Write the entries of files that differ into the table
    Push(table::PushArgs),
    /// Print the entries of the table, or write them to a file
    Pull(table::PullArgs),
}

/// Which definitions, by which rules, and how to print the answer.
#[derive(Args, Clone, Debug)]
struct DefinitionsArgs {
    /// Files that belong together: DynamoDB request files (.json) or YAML (.yaml, .yml); or a table
    /// as dynamodb:TABLE
    #[arg(value_name = "FILE", env = "TIDEWATCH_DEFINITIONS")]
    #[arg(default_value = "dynamo_entries.json")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    cloud: CloudArgs,
    /// Apply the rules of AWS: intervals from 10 s, public addresses, secrets kept in AWS
    #[arg(long)]
    aws: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl DefinitionsArgs {
    fn mode(&self) -> Mode {
        if self.aws { Mode::Aws } else { Mode::Local }
    }

    /// What the files, or the table, say.
    async fn read(&self) -> Result<Definitions, Complaint> {
        if let [one] = self.files.as_slice() {
            let origin = Origin::of(one).map_err(Complaint::usage)?;
            if let Origin::Table(name) = origin {
                return table::definitions(&name, &self.cloud, self.mode()).await;
            }
        }
        source::read(&self.files, self.mode())
    }
}

/// What the definitions of `tidewatch up` say.
pub(super) async fn definitions(settings: &Settings) -> Result<Definitions, Complaint> {
    match &settings.definitions {
        Origin::File(file) => source::read(std::slice::from_ref(file), Mode::Local),
        Origin::Table(name) => table::definitions(name, &settings.cloud, Mode::Local).await,
    }
}

/// Does it.
pub(super) async fn run(arguments: MonitorsArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    match arguments.action {
        Action::Validate(arguments) => validate::run(&arguments, terminal).await,
        Action::List(arguments) => list::run(&arguments, terminal).await,
        Action::Diff(arguments) => table::diff(&arguments, terminal).await,
        Action::Push(arguments) => table::push(&arguments, terminal).await,
        Action::Pull(arguments) => table::pull(&arguments, terminal).await,
    }
}

/// Entries that cannot be used, each with what is wrong.
fn refused(faults: &[Fault]) -> Complaint {
    let faults: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
    Complaint::failed(format!("some entries cannot be used:{faults}"))
}

#[cfg(test)]
mod tests;
