//! What belongs to the kind `tcp`.

mod message;

pub use message::{Message, Part};

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};

use super::{Encryption, Endpoint, Network};

/// A TCP connection, and what is said over it.
#[derive(Clone, Debug, PartialEq)]
pub struct TcpCheck {
    /// The server.
    pub endpoint: Endpoint,
    /// How the connection is encrypted; `None` leaves it in the clear.
    pub encryption: Option<Encryption>,
    /// What is sent and awaited, in order; without a step the connection itself is the check.
    pub dialogue: Vec<Step>,
    /// How much is read over all steps, in bytes.
    pub reply_limit: usize,
    /// How the server is reached.
    pub network: Network,
}

/// One step of a dialogue.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Sends a text.
    Send(Message),
    /// Sends these bytes.
    SendBytes(Vec<u8>),
    /// Reads until this is found.
    Expect(Pattern),
}

/// A regular expression on bytes. `^` and `$` match at lines, which may end in `\r\n`.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// A compiled expression beyond this is refused: every monitor keeps its own.
    const LARGEST: usize = 1024 * 1024;

    /// Reads an expression.
    ///
    /// Errors: it is not well-formed, or too large.
    pub fn try_new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(text)
            .multi_line(true)
            .crlf(true)
            .size_limit(Self::LARGEST)
            .build()
            .map(Pattern)
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How many groups it captures, the whole match (group 0) included.
    pub fn groups(&self) -> usize {
        self.0.captures_len()
    }

    /// The first match in `received` that begins at `from` or later: its end, and what its
    /// groups captured, with nothing for a group that took no part.
    pub fn find_at(&self, received: &[u8], from: usize) -> Option<(usize, Vec<Vec<u8>>)> {
        let captures = self.0.captures_at(received, from)?;
        let groups = captures
            .iter()
            .map(|group| group.map_or_else(Vec::new, |group| group.as_bytes().to_vec()))
            .collect();
        Some((captures.get(0)?.end(), groups))
    }
}

/// Definitions are compared to see whether an edit changed anything; two expressions are the same
/// when their texts are.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_is_looked_for_behind_what_was_read() {
        let received = b"220-a\r\n220 b\r\n250 c\r\n";
        let pattern = Pattern::try_new("^(2[0-9]{2}) (.)$").unwrap();
        assert_eq!(pattern.groups(), 3);
        let (end, groups) = pattern.find_at(received, 0).unwrap();
        assert_eq!(groups[1..], [b"220".to_vec(), b"b".to_vec()]);
        let (_, groups) = pattern.find_at(received, end).unwrap();
        assert_eq!(groups[0], b"250 c");
        // The rest of a line that was read in part is not the beginning of one.
        assert_eq!(Pattern::try_new("^b").unwrap().find_at(received, 11), None);
    }

    #[test]
    fn bytes_that_are_no_text_can_be_wanted() {
        let pattern = Pattern::try_new(r"(?-u)\xff\x00").unwrap();
        assert!(pattern.find_at(&[1, 0xff, 0], 0).is_some());
    }
}
