//! `tidewatch completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::exit::{Complaint, Exit};
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  tidewatch completions bash > ~/.local/share/bash-completion/completions/tidewatch
  tidewatch completions zsh > ~/.zfunc/_tidewatch
  tidewatch completions fish > ~/.config/fish/completions/tidewatch.fish";

/// The shell to complete in.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(arguments: CompletionsArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "tidewatch",
        &mut script,
    );
    terminal.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Good)
}
