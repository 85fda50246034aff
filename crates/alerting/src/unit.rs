//! Unit tests of alert rules: a story goes in, alerts are expected at times of it.
//!
//! A test file is [`read`], its tests are [`run`] on a [`Stage`], and what does not hold is a
//! [`Mismatch`]. The format is described for its users in `docs/alert-tests.md`.

mod compare;
mod file;
mod notation;
mod play;
mod read;
mod row;
mod run;
mod scenario;
mod stage;

pub use compare::Mismatch;
pub use file::{
    AlertCheck, ExpectedAlert, ExpectedNotification, Failure, NotificationCheck, RuleFile, Schema,
    Test, TestFile,
};
pub use read::read;
pub use row::{Measures, Row, TableName};
pub use run::{Options, Outcome, run};
pub use stage::Stage;
