//! `tidewatch monitors validate|list [FILE...]`.

mod list;
mod source;
mod validate;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tidewatch_definitions::{Definitions, Mode};

use super::exit::{Complaint, Exit};
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  tidewatch monitors validate monitors.yaml
  tidewatch monitors validate dynamo_entries.json --aws
  tidewatch monitors list --json | jq -r '.[].target'

Exit codes: 0 every entry can be used; 1 an entry or a file cannot; 2 the command cannot be understood";

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
}

/// Which definitions, by which rules, and how to print the answer.
#[derive(Args, Clone, Debug)]
struct DefinitionsArgs {
    /// Files that belong together: DynamoDB request files (.json) or YAML (.yaml, .yml)
    #[arg(value_name = "FILE", env = "TIDEWATCH_DEFINITIONS")]
    #[arg(default_value = "dynamo_entries.json")]
    files: Vec<PathBuf>,
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
}

/// What the file says for the local mode.
pub(super) fn definitions(file: &Path) -> Result<Definitions, Complaint> {
    source::read(&[file.to_owned()], Mode::Local)
}

/// Does it.
pub(super) fn run(arguments: MonitorsArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    match arguments.action {
        Action::Validate(arguments) => validate::run(&arguments, terminal),
        Action::List(arguments) => list::run(&arguments, terminal),
    }
}

#[cfg(test)]
mod tests;
