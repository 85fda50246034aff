//! How an evaluation came about, for people.

use tidewatch_domain::Timestamp;

use crate::expression::Item;
use crate::frame::Frame;

/// Each step in the order in which it was worked out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The steps.
    pub steps: Vec<StepTrace>,
}

/// What one step did.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTrace {
    /// Its name.
    pub ref_id: String,
    /// What it was to do.
    pub action: Action,
    /// The frames that the data source's plugin made of the answer; none of an expression.
    pub frames: Vec<Frame>,
    /// What was said beside the result: columns left out, items without a partner.
    pub notices: Vec<String>,
    /// What it gave, or why it gave nothing.
    pub outcome: Result<Vec<Item>, String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It asked a data source.
    Query {
        /// The data source.
        datasource_uid: String,
        /// Where its range of time began.
        from: Timestamp,
        /// Where it ended.
        to: Timestamp,
        /// The statement that was sent, macros replaced.
        sql: String,
    },
    /// It worked on the results of other steps; the expression in words.
    Expression(String),
}
