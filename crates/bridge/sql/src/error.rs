//! Why a statement gave no result.

mod translate;

use std::any::Any;

pub(crate) use translate::{at_optimizing, at_planning, at_run_time};

/// What went wrong, by what the server answers.
///
/// Messages are shown to users as they are and some clients match them with regular expressions,
/// so they keep the service's forms: `line 1:76: Column 'x' does not exist`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The statement is not valid (`ValidationException`).
    #[error("{0}")]
    Validation(String),
    /// A valid statement failed on the data (`QueryExecutionException`).
    #[error("{0}")]
    Execution(String),
    /// The statement needs more memory than the engine may use.
    #[error("{0}")]
    Exhausted(String),
    /// The statement was told to stop ([`Stop`](crate::Stop)).
    #[error("the statement was stopped")]
    Stopped,
    /// A fault of the engine (`InternalServerException`).
    #[error("{0}")]
    Internal(String),
}

/// What a caught panic becomes.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> SqlError {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned());
    SqlError::Internal(format!("the engine panicked: {message}"))
}
