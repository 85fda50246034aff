//! Where definitions are.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a table's name has in front of it.
const TABLE: &str = "dynamodb:";

/// Where definitions are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file.
    File(PathBuf),
    /// A table in DynamoDB, by its name.
    Table(String),
}

impl Origin {
    /// What is written as a path, or as `dynamodb:TABLE`.
    pub(crate) fn of(written: &Path) -> Result<Self, String> {
        let table = written.to_str().and_then(|text| text.strip_prefix(TABLE));
        match table {
            None => Ok(Origin::File(written.to_owned())),
            Some("") => Err(format!("`{TABLE}` names no table; write {TABLE}TABLE")),
            Some(name) => Ok(Origin::Table(name.to_owned())),
        }
    }
}

/// As it is written.
impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => path.display().fmt(formatter),
            Origin::Table(name) => write!(formatter, "{TABLE}{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_from_a_file() {
        let of = |text: &str| Origin::of(Path::new(text));
        assert_eq!(of("a.yaml"), Ok(Origin::File("a.yaml".into())));
        let table = of("dynamodb:monitors").unwrap();
        assert_eq!(table, Origin::Table("monitors".to_owned()));
        assert_eq!(table.to_string(), "dynamodb:monitors");
        assert!(of("dynamodb:").unwrap_err().contains("dynamodb:TABLE"));
    }
}
