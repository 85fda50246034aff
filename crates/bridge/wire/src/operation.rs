//! Names of the operations of both services.

/// What stands before the operation's name in the `X-Amz-Target` header, for both services.
pub const TARGET_PREFIX: &str = "Timestream_20181101.";

macro_rules! operations {
    ($($name:ident),+ $(,)?) => {
        /// An operation of the Timestream Write or Query API. Both services share one target
        /// prefix, and the four operations that both have mean the same in each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant is the operation of that name in the service's model")]
        pub enum Operation { $($name),+ }

        impl Operation {
            /// Every operation of the two models.
            pub const ALL: &[Operation] = &[$(Operation::$name),+];

            /// The name as the API spells it.
            pub fn name(self) -> &'static str {
                match self { $(Operation::$name => stringify!($name)),+ }
            }

            /// Reads the value of an `X-Amz-Target` header; `None` when neither service has such
            /// an operation.
            pub fn from_target(target: &str) -> Option<Operation> {
                match target.strip_prefix(TARGET_PREFIX)? {
                    $(stringify!($name) => Some(Operation::$name),)+
                    _ => None,
                }
            }
        }
    };
}

operations! {
    // Write API.
    CreateDatabase, DescribeDatabase, ListDatabases, UpdateDatabase, DeleteDatabase,
    CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable,
    WriteRecords,
    CreateBatchLoadTask, DescribeBatchLoadTask, ListBatchLoadTasks, ResumeBatchLoadTask,
    // Both.
    DescribeEndpoints, TagResource, UntagResource, ListTagsForResource,
    // Query API.
    Query, CancelQuery, PrepareQuery,
    DescribeAccountSettings, UpdateAccountSettings,
    CreateScheduledQuery, DescribeScheduledQuery, ListScheduledQueries, UpdateScheduledQuery,
    DeleteScheduledQuery, ExecuteScheduledQuery,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_target() {
        for operation in Operation::ALL {
            let target = format!("{TARGET_PREFIX}{operation}");
            assert_eq!(Operation::from_target(&target), Some(*operation));
        }
    }

    #[test]
    fn other_targets_are_unknown() {
        for target in [
            "",
            "Query",
            "Timestream_20181101.",
            "Timestream_20181101.query",
            "DynamoDB_20120810.Query",
        ] {
            assert_eq!(Operation::from_target(target), None, "{target}");
        }
    }
}
