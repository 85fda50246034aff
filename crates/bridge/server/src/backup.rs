//! Copies of everything, while the server runs.

use tidewatch_wire::ApiError;

use crate::{Bridge, failure};

/// Where copies are, within the data folder.
const FOLDER: &str = "backups";

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackedUp {
    /// Where it is: a data folder of its own, to be copied away and to be started from.
    pub folder: std::path::PathBuf,
    /// Files in it.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Bridge {
    /// Copies rows, tables and tags as they are at this moment into the folder `backups/<name>` of
    /// the data folder. Writes go on meanwhile. The name has letters, digits, `_` and `-`, and is
    /// not in use.
    pub async fn backup(&self, name: &str) -> Result<BackedUp, ApiError> {
        let valid = (1..=128).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !valid {
            return Err(ApiError::validation(format!(
                "A backup cannot be named `{name}`; use 1 to 128 letters, digits, _ and -."
            )));
        }
        let folder = self.settings().data_dir.join(FOLDER).join(name);
        if folder.exists() {
            return Err(ApiError::conflict(format!(
                "There is a backup {name} already; choose another name."
            )));
        }
        let made = self
            .store()
            .backup(&folder)
            .await
            .map_err(|error| failure::internal(&error, "a backup failed"))?;
        let target = folder.clone();
        self.in_state(move |state| state.copy_into(&target).map_err(failure::state))
            .await?;
        Ok(BackedUp {
            folder,
            files: made.files + 1,
            bytes: made.bytes,
        })
    }
}
