//! One key.

use std::collections::BTreeSet;
use std::fmt;

use aws_credential_types::Credentials;
use aws_lc_rs::constant_time;
use serde::Deserialize;
use tidewatch_wire::Operation;

use super::scope::Scope;

/// What a key may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// Queries, descriptions, listings.
    Read,
    /// Writing records.
    Write,
    /// Creating, changing and deleting databases and tables, their tags, account settings.
    Admin,
}

impl Action {
    /// The action that an operation is part of; `None` for those that any key may call, and for
    /// those that this server does not have.
    pub(crate) fn of(operation: Operation) -> Option<Action> {
        match operation {
            Operation::Query
            | Operation::CancelQuery
            | Operation::PrepareQuery
            | Operation::DescribeDatabase
            | Operation::DescribeTable
            | Operation::ListDatabases
            | Operation::ListTables
            | Operation::ListTagsForResource
            | Operation::DescribeAccountSettings => Some(Action::Read),
            Operation::WriteRecords => Some(Action::Write),
            Operation::CreateDatabase
            | Operation::UpdateDatabase
            | Operation::DeleteDatabase
            | Operation::CreateTable
            | Operation::UpdateTable
            | Operation::DeleteTable
            | Operation::TagResource
            | Operation::UntagResource
            | Operation::UpdateAccountSettings => Some(Action::Admin),
            Operation::DescribeEndpoints
            | Operation::CreateBatchLoadTask
            | Operation::DescribeBatchLoadTask
            | Operation::ListBatchLoadTasks
            | Operation::ResumeBatchLoadTask
            | Operation::CreateScheduledQuery
            | Operation::DescribeScheduledQuery
            | Operation::ListScheduledQueries
            | Operation::UpdateScheduledQuery
            | Operation::DeleteScheduledQuery
            | Operation::ExecuteScheduledQuery => None,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Read => "read",
            Action::Write => "write",
            Action::Admin => "admin",
        })
    }
}

/// An access key with what it is for. Its `Debug` form hides the secret.
#[derive(Debug)]
pub(crate) struct Key {
    /// What people call it.
    pub(crate) name: String,
    pub(crate) credentials: Credentials,
    pub(crate) actions: BTreeSet<Action>,
    pub(crate) scope: Scope,
}

impl Key {
    pub(crate) fn id(&self) -> &str {
        self.credentials.access_key_id()
    }

    /// Whether `secret` is this key's, in a time that says nothing about where they differ.
    pub(crate) fn has_secret(&self, secret: &[u8]) -> bool {
        let own = self.credentials.secret_access_key().as_bytes();
        constant_time::verify_slices_are_equal(own, secret).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_never_shown() {
        let key = Key {
            name: "grafana".into(),
            credentials: Credentials::new("TWGRAFANA", "do-not-tell-anybody", None, None, "test"),
            actions: BTreeSet::new(),
            scope: Scope::Everything,
        };
        let shown = format!("{key:?}");
        assert!(
            shown.contains("TWGRAFANA") && !shown.contains("do-not-tell"),
            "{shown}"
        );
    }
}
