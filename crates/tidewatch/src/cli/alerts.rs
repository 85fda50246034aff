//! `tidewatch alerts`: the ways by which people are told, and the rules that say when.

mod explain;
mod list;
mod page;
mod send_test;
mod silence;
mod test;

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
    /// Run unit tests of alert rules
    Test(test::TestArgs),
    /// Evaluate a rule once, and show how its result comes about
    Explain(explain::ExplainArgs),
    /// List alerts that fire or are about to, and silences
    List(list::ListArgs),
    /// Silence alerts for a while
    Silence(silence::SilenceArgs),
    /// Acknowledge an alert: silence it until it is resolved
    Ack(silence::AckArgs),
    /// End a silence or an acknowledgement
    Unsilence(silence::UnsilenceArgs),
    /// Send a test message through every channel of the settings
    SendTest(send_test::SendTestArgs),
}

/// Does it.
pub(super) async fn run(arguments: AlertsArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    match arguments.action {
        Action::Test(arguments) => test::run(arguments, terminal).await,
        Action::Explain(arguments) => explain::run(arguments, terminal).await,
        Action::List(arguments) => list::run(arguments, terminal).await,
        Action::Silence(arguments) => silence::silence(arguments, terminal).await,
        Action::Ack(arguments) => silence::acknowledge(arguments, terminal).await,
        Action::Unsilence(arguments) => silence::unsilence(arguments, terminal).await,
        Action::SendTest(arguments) => send_test::run(arguments, terminal).await,
    }
}
