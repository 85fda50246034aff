//! One message to people and machines, written as long or as short as a channel can take it.

mod machine;

use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::text::{self, Surroundings};
use tidewatch_domain::incident::{Dispatch, NoticeKind};
use tidewatch_domain::monitor::Severity;

/// A message that is ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    dispatch: Dispatch,
    dedupe_id: String,
    surroundings: Surroundings,
    /// When the alerts arrived that led to it.
    pub received: Timestamp,
}

impl Message {
    pub(crate) fn new(
        dispatch: Dispatch,
        dedupe_id: String,
        surroundings: Surroundings,
        received: Timestamp,
    ) -> Self {
        Message {
            dispatch,
            dedupe_id,
            surroundings,
            received,
        }
    }

    /// The same message, with the same dedupe id, saying `dispatch` instead.
    pub(crate) fn with(mut self, dispatch: Dispatch) -> Self {
        self.dispatch = dispatch;
        self
    }

    /// What it says.
    pub fn dispatch(&self) -> &Dispatch {
        &self.dispatch
    }

    /// The same for every attempt to send this message, and no other has it: 64 hexadecimal
    /// digits.
    pub fn dedupe_id(&self) -> &str {
        &self.dedupe_id
    }

    /// The subject line, ASCII, at most 99 characters.
    pub fn subject(&self) -> String {
        text::subject(&self.dispatch)
    }

    /// The text for people, at most `limit` bytes.
    pub fn text(&self, limit: usize) -> String {
        text::body(&self.dispatch, &self.surroundings, limit)
    }

    /// The JSON for machines in one line, at most `limit` bytes: annotations go first, then alerts
    /// beyond those that fit, which are counted.
    pub fn json(&self, limit: usize) -> String {
        machine::json(self, limit)
    }

    /// What machines filter by: name and value, at most ten.
    pub fn attributes(&self) -> Vec<(&'static str, String)> {
        let mut attributes = text::attributes(&self.dispatch);
        for (name, value) in &mut attributes {
            if *name == "dedupe_id" {
                value.clone_from(&self.dedupe_id);
            }
        }
        attributes
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.dispatch.first().severity()
    }

    /// Whose monitors it is about.
    pub fn tenant(&self) -> Option<&str> {
        self.dispatch.first().tenant()
    }

    /// Who is called.
    pub fn team(&self) -> Option<&str> {
        self.dispatch.first().team()
    }

    /// Whether somebody has to do something.
    pub fn is_firing(&self) -> bool {
        self.dispatch.is_firing()
    }

    /// Whether somebody only tries the way.
    pub fn is_test(&self) -> bool {
        self.dispatch
            .only()
            .is_some_and(|notice| notice.kind == NoticeKind::Test)
    }
}

#[cfg(test)]
pub(crate) mod tests;
