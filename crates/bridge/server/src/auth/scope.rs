//! Which databases and tables a key is for.

use std::collections::BTreeSet;

/// The databases and tables that a key may know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All, also those that come later, and the server as a whole.
    Everything,
    /// The named ones only.
    Only {
        /// Databases with all their tables, also those that come later.
        databases: BTreeSet<String>,
        /// Single tables: database and name.
        tables: BTreeSet<(String, String)>,
    },
}

impl Scope {
    /// Whether it has the whole database.
    pub(crate) fn has_database(&self, database: &str) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Only { databases, .. } => databases.contains(database),
        }
    }

    /// Whether it has the table.
    pub(crate) fn has_table(&self, database: &str, table: &str) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Only { databases, tables } => {
                databases.contains(database)
                    || tables
                        .iter()
                        .any(|(owner, name)| owner == database && name == table)
            }
        }
    }

    /// Whether it has the database or anything in it.
    pub(crate) fn touches_database(&self, database: &str) -> bool {
        self.has_database(database)
            || match self {
                Scope::Everything => true,
                Scope::Only { tables, .. } => tables.iter().any(|(owner, _)| owner == database),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_table_does_not_open_its_neighbours() {
        let scope = Scope::Only {
            databases: BTreeSet::from(["own".to_owned()]),
            tables: BTreeSet::from([("shared".to_owned(), "t".to_owned())]),
        };
        assert!(scope.has_database("own") && scope.has_table("own", "any"));
        assert!(scope.has_table("shared", "t") && scope.touches_database("shared"));
        assert!(!scope.has_database("shared") && !scope.has_table("shared", "u"));
        assert!(!scope.touches_database("other") && !scope.has_table("other", "t"));
        assert!(!scope.has_database("Own") && !scope.has_database(""));
    }
}
