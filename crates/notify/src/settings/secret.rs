//! Where a secret is: never in the settings themselves.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The only variables that hold secrets.
const PREFIX: &str = "TIDEWATCH_SECRET_";

/// `env:TIDEWATCH_SECRET_..` or `file:..`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SecretPlace(Place);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Variable(String),
    File(String),
}

impl TryFrom<String> for SecretPlace {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("env", name)) if name.starts_with(PREFIX) => {
                Ok(SecretPlace(Place::Variable(name.to_owned())))
            }
            Some(("env", name)) => Err(format!(
                "`env:{name}`: only variables whose names begin with {PREFIX} hold secrets"
            )),
            Some(("file", path)) if !path.is_empty() => {
                Ok(SecretPlace(Place::File(path.to_owned())))
            }
            // The text itself may be the secret: it is not repeated.
            _ => Err(format!(
                "a secret is named by its place, `env:{PREFIX}NAME` or `file:PATH`, and never written here"
            )),
        }
    }
}

impl SecretPlace {
    /// A file that holds a secret.
    pub fn file(path: &Path) -> Self {
        SecretPlace(Place::File(path.display().to_string()))
    }

    /// The secret; a line break at its end is no part of it.
    pub fn read(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let value = match &self.0 {
            Place::Variable(name) => {
                variable(name).ok_or_else(|| format!("the variable {name} is not set"))?
            }
            Place::File(path) => {
                fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?
            }
        };
        let value = value.trim_end_matches(['\r', '\n']);
        if value.is_empty() {
            return Err(format!("{self} is empty"));
        }
        Ok(value.to_owned())
    }
}

impl std::fmt::Display for SecretPlace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Place::Variable(name) => write!(formatter, "env:{name}"),
            Place::File(path) => write!(formatter, "file:{path}"),
        }
    }
}
