//! What the store's and the engine's errors are in the API, in the service's wording where that
//! is known.

use tidewatch_sql::SqlError;
use tidewatch_store::{CatalogError, WriteError};
use tidewatch_wire::{ApiError, ErrorCode};

use crate::state::StateError;

pub(crate) fn catalog(error: CatalogError) -> ApiError {
    match error {
        CatalogError::DatabaseNotFound { database } => {
            ApiError::not_found(format!("The database {database} does not exist."))
        }
        CatalogError::TableNotFound { database, table } => ApiError::not_found(format!(
            "The table {table} does not exist in the database {database}."
        )),
        CatalogError::DatabaseExists { database } => {
            ApiError::conflict(format!("The database {database} already exists."))
        }
        CatalogError::TableExists { database, table } => ApiError::conflict(format!(
            "The table {table} already exists in the database {database}."
        )),
        CatalogError::DatabaseNotEmpty { database, tables } => ApiError::validation(format!(
            "The database {database} cannot be deleted while it has tables; delete its {tables} first."
        )),
        CatalogError::Invalid { message } => ApiError::validation(message),
        other => internal(&other, "the catalog failed"),
    }
}

pub(crate) fn write(error: WriteError) -> ApiError {
    match error {
        WriteError::Catalog(error) => catalog(error),
        WriteError::Overloaded => ApiError::new(
            ErrorCode::Throttling,
            "Too many records are waiting to be written; send these again later.",
        ),
        other => internal(&other, "the store refused a write"),
    }
}

pub(crate) fn sql(error: SqlError) -> ApiError {
    match error {
        SqlError::Validation(message) => ApiError::validation(message),
        SqlError::Execution(message) | SqlError::Exhausted(message) => {
            ApiError::new(ErrorCode::QueryExecution, message)
        }
        // Whoever told it to stop says why.
        SqlError::Stopped => ApiError::new(ErrorCode::QueryExecution, "The query was stopped."),
        other => internal(&other, "the query engine failed"),
    }
}

pub(crate) fn state(error: StateError) -> ApiError {
    internal(&error, "the file with tags and account settings failed")
}

/// Logs the cause, with what led to it, and tells the client nothing of it.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static), what: &str) -> ApiError {
    let mut causes = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        causes = format!("{causes}: {cause}");
        next = cause.source();
    }
    tracing::error!(error = causes, "{what}");
    ApiError::internal()
}
