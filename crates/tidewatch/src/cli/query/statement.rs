//! Where the statement comes from.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use crate::cli::exit::Complaint;

/// The statement: the argument, a file, or standard input.
pub(super) fn read(argument: Option<String>, file: Option<&Path>) -> Result<String, Complaint> {
    let sql = match (argument, file) {
        (Some(sql), _) => sql,
        (None, Some(file)) if file != Path::new("-") => {
            std::fs::read_to_string(file).map_err(|error| {
                Complaint::failed(format!("file `{}` cannot be read", file.display()))
                    .because(error)
            })?
        }
        (None, None) if io::stdin().is_terminal() => {
            return Err(Complaint::usage("no statement to run")
                .remedy("write it in quotes: tidewatch query 'SHOW DATABASES'"));
        }
        (None, _) => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map_err(|error| {
                Complaint::failed("standard input cannot be read").because(error)
            })?;
            text
        }
    };
    if sql.trim().is_empty() {
        return Err(Complaint::usage("the statement is empty")
            .remedy("write one, for instance: tidewatch query 'SHOW DATABASES'"));
    }
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_or_the_file() {
        assert_eq!(read(Some("SELECT 1".to_owned()), None).unwrap(), "SELECT 1");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.sql");
        std::fs::write(&file, "SELECT 2\n").unwrap();
        assert_eq!(read(None, Some(&file)).unwrap(), "SELECT 2\n");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = read(None, Some(Path::new("no/such.sql"))).unwrap_err();
        assert_eq!(error.to_string(), "file `no/such.sql` cannot be read");
        let error = read(Some(" \n".to_owned()), None).unwrap_err();
        assert_eq!(error.to_string(), "the statement is empty");
    }
}
