//! The one on whose behalf a call is made.

use std::sync::Arc;

use tidewatch_wire::{ApiError, Operation};

use super::Target;
use super::key::{Action, Key};
use super::scope::Scope;
use crate::arn::Resource;
use crate::settings::Settings;

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// This process, or whoever reaches a server that has no keys.
    Owner,
    /// The holder of a key.
    Key(Arc<Key>),
}

impl Caller {
    /// Whether `other` is the same caller. Query ids and tokens are good for the caller only that
    /// they were given to.
    pub(crate) fn is(&self, other: &Caller) -> bool {
        self.key_id() == other.key_id()
    }

    /// The access key id; the owner has none.
    pub(crate) fn key_id(&self) -> Option<&str> {
        match self {
            Caller::Owner => None,
            Caller::Key(key) => Some(key.id()),
        }
    }

    /// Whether the caller may know that a database is there.
    pub(crate) fn sees_database(&self, database: &str) -> bool {
        match self {
            Caller::Owner => true,
            Caller::Key(key) => key.scope.touches_database(database),
        }
    }

    /// Whether the caller may know that a table is there.
    pub(crate) fn sees_table(&self, database: &str, table: &str) -> bool {
        match self {
            Caller::Owner => true,
            Caller::Key(key) => key.scope.has_table(database, table),
        }
    }

    /// Whether the caller may know about all that is stored.
    pub(crate) fn may_read_everything(&self) -> bool {
        self.has_everything(Action::Read)
    }

    /// Whether the caller may change all that is stored.
    pub(crate) fn may_administer_everything(&self) -> bool {
        self.has_everything(Action::Admin)
    }

    fn has_everything(&self, action: Action) -> bool {
        match self {
            Caller::Owner => true,
            Caller::Key(key) => key.scope == Scope::Everything && key.actions.contains(&action),
        }
    }

    /// Fails with an `AccessDeniedException` unless the caller may do `operation` on `target`.
    /// Whether the target exists makes no difference.
    pub(crate) fn permit(
        &self,
        operation: Operation,
        target: &Target<'_>,
        settings: &Settings,
    ) -> Result<(), ApiError> {
        let Caller::Key(key) = self else {
            return Ok(());
        };
        if let Some(action) = Action::of(operation)
            && !key.actions.contains(&action)
        {
            let why = format!("its key does not allow the action {action}");
            return Err(denial(
                key,
                operation,
                &target.arn(settings),
                &why,
                settings,
            ));
        }
        let within = match target {
            Target::Visible => true,
            Target::Server => key.scope == Scope::Everything,
            Target::Listing(database) => key.scope.touches_database(database),
            Target::Resource(Resource::Database(name)) => key.scope.has_database(name),
            Target::Resource(Resource::Table { database, table }) => {
                key.scope.has_table(database, table)
            }
        };
        if within {
            return Ok(());
        }
        Err(denial(
            key,
            operation,
            &target.arn(settings),
            BEYOND_THE_KEY,
            settings,
        ))
    }

    /// What a statement is answered that names what its key is not for.
    pub(crate) fn denied_statement(&self, resource: &Resource, settings: &Settings) -> ApiError {
        match self {
            Caller::Owner => ApiError::internal(),
            Caller::Key(key) => denial(
                key,
                Operation::Query,
                &resource.arn(settings),
                BEYOND_THE_KEY,
                settings,
            ),
        }
    }
}

/// Why, for a database or table that is not the key's.
const BEYOND_THE_KEY: &str = "its key is not for this resource";

/// The sentence of AWS's identity service, with a reason of our own at its end.
fn denial(key: &Key, operation: Operation, arn: &str, why: &str, settings: &Settings) -> ApiError {
    // The permission to query has another name than the operation.
    let action = match operation {
        Operation::Query => "Select",
        other => other.name(),
    };
    ApiError::denied(format!(
        "User: arn:aws:iam::{account}:user/{name} is not authorized to perform: \
         timestream:{action} on resource: {arn} because {why}",
        account = settings.account,
        name = key.name,
    ))
}
