//! How a command ends: the exit codes, and complaints with their remedy.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use crate::terminal::{Terminal, Tone, clean};

/// The exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The answer is good.
    Good,
    /// The answer is bad, or there is none: down, invalid, failed.
    Bad,
    /// The command cannot be understood.
    Usage,
    /// A signal of this number ended it before its work was done.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Good => ExitCode::SUCCESS,
            Exit::Bad => ExitCode::from(1),
            Exit::Usage => ExitCode::from(2),
            // As shells tell a program that a signal ended.
            Exit::Signal(number) => ExitCode::from(128_u8.saturating_add(number)),
        }
    }
}

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Complaint {
    message: String,
    remedy: Option<String>,
    exit: Exit,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Complaint {
    /// The command was understood, but did not work.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Complaint {
            message: message.into(),
            remedy: None,
            exit: Exit::Bad,
            source: None,
        }
    }

    /// The command cannot be understood.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Complaint {
            exit: Exit::Usage,
            ..Complaint::failed(message)
        }
    }

    /// Adds what to do about it.
    pub(crate) fn remedy(self, remedy: impl Into<String>) -> Self {
        Complaint {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// Adds what was behind it.
    pub(crate) fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Complaint {
            source: Some(source.into()),
            ..self
        }
    }

    /// Tells it on standard error. A reader of the answer that has gone away is nothing to
    /// complain about: it had what it wanted.
    pub(crate) fn tell(&self, terminal: &Terminal) -> Exit {
        if self.is_closed_pipe() {
            return Exit::Good;
        }
        let look = terminal.error_look();
        let mut text = format!(
            "{} {}",
            look.paint(Tone::Bad, "error:"),
            lines(&self.message)
        );
        let mut source = self.source();
        while let Some(error) = source {
            text.push_str(&format!(": {}", lines(&error.to_string())));
            source = error.source();
        }
        text.push('\n');
        if let Some(remedy) = &self.remedy {
            let label = look.paint(Tone::Strong, " help:");
            text.push_str(&format!("{label} {}\n", lines(remedy)));
        }
        terminal.note(&text);
        self.exit
    }

    fn is_closed_pipe(&self) -> bool {
        let source = self.source.as_deref();
        source
            .and_then(|source| source.downcast_ref::<io::Error>())
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Writing the answer failed.
impl From<io::Error> for Complaint {
    fn from(error: io::Error) -> Self {
        Complaint::failed("the answer cannot be written").because(error)
    }
}

/// Text of any origin, harmless, with its own line ends kept.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(clean).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_has_gone_away_is_no_fault() {
        let terminal = Terminal::detect(anstream::ColorChoice::Never);
        let gone = Complaint::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(gone.tell(&terminal), Exit::Good);
        let full = Complaint::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(!full.is_closed_pipe());
    }

    #[test]
    fn line_ends_survive_and_escapes_do_not() {
        assert_eq!(lines("a\u{1b}[2J\nb"), "a\\u{1b}[2J\nb");
    }
}
