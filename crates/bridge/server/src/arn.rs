//! Resource names.

use crate::settings::Settings;

/// What an ARN of this service names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Database(String),
    Table { database: String, table: String },
}

impl Resource {
    pub(crate) fn database(name: &str) -> Resource {
        Resource::Database(name.to_owned())
    }

    pub(crate) fn table(database: &str, table: &str) -> Resource {
        Resource::Table {
            database: database.to_owned(),
            table: table.to_owned(),
        }
    }

    /// Reads `arn:<partition>:timestream:<region>:<account>:database/<name>[/table/<name>]`.
    /// Partition, region and account may be anything: there is one of each here.
    pub(crate) fn from_arn(arn: &str) -> Option<Resource> {
        let mut parts = arn.splitn(6, ':');
        let scheme = parts.next()?;
        let (_partition, service) = (parts.next()?, parts.next()?);
        let (_region, _account) = (parts.next()?, parts.next()?);
        if scheme != "arn" || service != "timestream" {
            return None;
        }
        let path: Vec<&str> = parts.next()?.split('/').collect();
        match path[..] {
            ["database", database] => Some(Resource::database(database)),
            ["database", database, "table", table] => Some(Resource::table(database, table)),
            _ => None,
        }
    }

    /// The last part of the ARN, which is unique within a server.
    pub(crate) fn path(&self) -> String {
        match self {
            Resource::Database(name) => format!("database/{name}"),
            Resource::Table { database, table } => format!("database/{database}/table/{table}"),
        }
    }

    pub(crate) fn arn(&self, settings: &Settings) -> String {
        format!(
            "arn:aws:timestream:{}:{}:{}",
            settings.region,
            settings.account,
            self.path()
        )
    }
}

/// The key that a database is said to be encrypted with when none was named.
pub(crate) fn default_kms_key(settings: &Settings) -> String {
    format!(
        "arn:aws:kms:{}:{}:alias/aws/timestream",
        settings.region, settings.account
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_read_back() {
        let settings = Settings::new(".");
        for resource in [Resource::database("d"), Resource::table("d", "t")] {
            assert_eq!(Resource::from_arn(&resource.arn(&settings)), Some(resource));
        }
        assert_eq!(
            Resource::table("d", "t").arn(&settings),
            "arn:aws:timestream:us-east-1:000000000000:database/d/table/t"
        );
    }

    #[test]
    fn other_texts_are_no_resource() {
        for text in [
            "",
            "database/d",
            "arn:aws:timestream:us-east-1:1:database",
            "arn:aws:timestream:us-east-1:1:database/d/table",
            "arn:aws:timestream:us-east-1:1:scheduled-query/q",
            "arn:aws:s3:::database/d",
        ] {
            assert_eq!(Resource::from_arn(text), None, "{text}");
        }
    }
}
