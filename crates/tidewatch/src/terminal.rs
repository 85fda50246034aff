//! The only part of the binary that writes to standard output and standard error.
//!
//! Everything else renders to text, with a [`Look`] that says whether there is colour and how
//! much room: what is drawn can be tested without a terminal, and a reader that goes away early
//! (`| head`) is handled in one place.

mod live;
mod look;
mod progress;
mod repainted;
mod table;
mod text;
mod waterfall;

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

pub(crate) use live::LiveLine;
pub(crate) use look::{Look, Tone};
pub(crate) use progress::Progress;
pub(crate) use repainted::Repainted;
pub(crate) use table::{Align, Cell, Column, Table};
pub(crate) use text::{clean, millis, pad, shorten, width, wrap};
pub(crate) use waterfall::{Bar, Waterfall};

/// The width assumed where nobody can tell, as for a pipe.
const WIDTH_UNKNOWN: usize = 100;
/// Lines longer than this are hard to read however wide the window is.
const WIDTH_MAX: usize = 200;

/// Standard output and standard error, and what they can show.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    look: Look,
    error_look: Look,
    errors_are_watched: bool,
}

impl Terminal {
    /// Looks at both streams. `choice` overrules what the environment says about colour
    /// (`NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`).
    pub(crate) fn detect(choice: ColorChoice) -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let resolved = |detected: ColorChoice| match choice {
            ColorChoice::Auto => detected != ColorChoice::Never,
            ColorChoice::Never => false,
            ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
        };
        let is_terminal = out.is_terminal();
        Terminal {
            look: Look {
                colour: resolved(AutoStream::choice(&out)),
                framed: is_terminal,
                width: room(is_terminal),
            },
            error_look: Look {
                colour: resolved(AutoStream::choice(&err)),
                framed: false,
                width: room(err.is_terminal()),
            },
            errors_are_watched: err.is_terminal(),
        }
    }

    /// What standard output can show.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// What standard error can show.
    pub(crate) fn error_look(&self) -> Look {
        self.error_look
    }

    /// Whether a person reads standard output.
    pub(crate) fn is_watched(&self) -> bool {
        self.look.framed
    }

    /// Writes a whole answer to standard output. A reader that has gone away is no error: it had
    /// what it wanted.
    pub(crate) fn print(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Standard output for answers that come in pieces. Here a reader that has gone away is an
    /// error of kind [`io::ErrorKind::BrokenPipe`], so that the work behind it ends as well.
    pub(crate) fn writer(&self) -> impl Write + use<> {
        BufWriter::new(io::stdout().lock())
    }

    /// Writes to standard error, for what is not part of the answer. When even that is closed
    /// there is nobody left to tell.
    pub(crate) fn note(&self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = err.write_all(text.as_bytes());
        let _ = err.flush();
    }

    /// A line that is kept current at the bottom of the screen, where somebody watches.
    pub(crate) fn live_line(&self) -> LiveLine {
        LiveLine::start(self.errors_are_watched)
    }

    /// Lines at the end of standard output that are drawn anew in place.
    pub(crate) fn repainted(&self) -> Repainted {
        Repainted::start(self)
    }

    /// Shows that something is waited for, where somebody watches.
    pub(crate) fn progress(&self, message: impl Into<String>) -> Progress {
        Progress::start(message.into(), self.errors_are_watched)
    }
}

fn room(is_terminal: bool) -> usize {
    if !is_terminal {
        return WIDTH_UNKNOWN;
    }
    // Some terminals, as those of CI runners, report zero columns.
    match crossterm::terminal::size() {
        Ok((columns, _)) if columns > 0 => usize::from(columns).min(WIDTH_MAX),
        _ => WIDTH_UNKNOWN,
    }
}
