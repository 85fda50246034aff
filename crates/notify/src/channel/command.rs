//! Messages to a program of the operator's own.

use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;
use tokio::process;
use tokio::time::timeout;

use super::{Channel, ChannelError, one_by_one};
use crate::message::Message;

/// The longest input, in bytes.
const LIMIT: usize = 1024 * 1024;
/// How long the program may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Starts a program for each message: JSON on its standard input; subject, severity, kind and
/// dedupe id in the environment. Success is exit code 0.
#[derive(Clone, Debug)]
pub struct Command {
    name: String,
    program: String,
    arguments: Vec<String>,
}

impl Command {
    /// Starts `program` with `arguments`, without a shell.
    pub fn new(
        name: impl Into<String>,
        program: impl Into<String>,
        arguments: Vec<String>,
    ) -> Self {
        Command {
            name: name.into(),
            program: program.into(),
            arguments,
        }
    }

    async fn run(&self, message: Message) -> Result<(), ChannelError> {
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            ChannelError(format!("`{}` {what}: {error}", self.program))
        };
        let mut child = process::Command::new(&self.program)
            .args(&self.arguments)
            .env("TIDEWATCH_SUBJECT", message.subject())
            .env("TIDEWATCH_SEVERITY", message.severity().name())
            .env("TIDEWATCH_KIND", message.dispatch().kind())
            .env("TIDEWATCH_DEDUPE_ID", message.dedupe_id())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed("cannot be started", &error))?;
        let input = child.stdin.take();
        let finished = timeout(TIMEOUT, async {
            if let Some(mut input) = input {
                // A program that does not read its input has its reasons; its exit code counts.
                let _ = input.write_all(message.json(LIMIT).as_bytes()).await;
            }
            child.wait().await
        })
        .await;
        match finished {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(failed("failed", &status)),
            Ok(Err(error)) => Err(failed("was lost", &error)),
            Err(_) => Err(failed(
                "was stopped",
                &format!("it took longer than {} s", TIMEOUT.as_secs()),
            )),
        }
    }
}

#[async_trait]
impl Channel for Command {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        one_by_one(messages, |message| self.run(message)).await
    }
}
