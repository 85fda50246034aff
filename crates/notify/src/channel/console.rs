//! Messages on the terminal or into a log file.

use std::io::{self, Write};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Channel, ChannelError};
use crate::message::Message;

/// The longest text, in bytes.
const LIMIT: usize = 16 * 1024;

/// Writes each message as text, with an empty line before and after.
pub struct Console {
    name: String,
    out: Mutex<Box<dyn Write + Send>>,
}

impl Console {
    /// Writes to `out`.
    pub fn new(name: impl Into<String>, out: Box<dyn Write + Send>) -> Self {
        Console {
            name: name.into(),
            out: Mutex::new(out),
        }
    }

    fn write(&self, message: &Message) -> io::Result<()> {
        let mut out = self.out.lock();
        write!(
            out,
            "\n{}\n{}\n\n",
            message.subject(),
            visible(&message.text(LIMIT))
        )?;
        out.flush()
    }
}

/// A terminal obeys control characters; texts of others must not command it.
fn visible(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => '\n',
            character if character.is_control() => '\u{fffd}',
            character => character,
        })
        .collect()
}

#[async_trait]
impl Channel for Console {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        messages
            .iter()
            .map(|message| {
                self.write(message)
                    .map_err(|error| ChannelError(format!("the terminal: {error}")))
            })
            .collect()
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Console")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
