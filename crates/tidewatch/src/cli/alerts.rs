//! `tidewatch alerts`: the ways by which people are told, and the rules that say when.

mod send_test;

use clap::{Args, Subcommand};

use super::exit::{Complaint, Exit};
use crate::terminal::Terminal;

/// What to do with alerts.
#[derive(Args, Clone, Debug)]
pub(super) struct AlertsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Send a test message through every channel of the settings
    SendTest(send_test::SendTestArgs),
}

/// Does it.
pub(super) async fn run(arguments: AlertsArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    match arguments.action {
        Action::SendTest(arguments) => send_test::run(arguments, terminal).await,
    }
}
