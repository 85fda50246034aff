//! A table of entries in DynamoDB.

use std::time::Duration;

use tidewatch_aws::monitors_table::{Checked, MonitorsTable, TableError, TableWatch};
use tidewatch_definitions::{Definitions, Mode};
use tokio::sync::mpsc;

use super::{LastGood, LoadError, Loaded};

/// The time between two looks at the table.
const EVERY: Duration = Duration::from_secs(15);

/// A table and the last good version of each of its entries.
#[derive(Debug)]
pub(crate) struct DefinitionsTable {
    watch: TableWatch,
    last_good: LastGood,
}

impl DefinitionsTable {
    /// The entries of `table`, by the rules of the local mode.
    pub(super) fn new(table: MonitorsTable) -> Self {
        DefinitionsTable {
            watch: TableWatch::new(table, Mode::Local),
            last_good: LastGood::default(),
        }
    }

    /// Reads the table.
    pub(super) async fn load(&mut self) -> Result<Loaded, LoadError> {
        let read = self.load_if_changed().await.map_err(|error| LoadError {
            message: format!(
                "{error}; see that the table exists in this region and that the credentials may \
                 read it"
            ),
        })?;
        Ok(read.unwrap_or_default())
    }

    /// Reads the table; `None` where it says what it said before.
    async fn load_if_changed(&mut self) -> Result<Option<Loaded>, TableError> {
        let checked = self.watch.poll().await?;
        Ok(checked.map(|checked| self.last_good.take(definitions(checked))))
    }

    /// Looks at the table now and then. One that cannot be read leaves everything as it was.
    pub(super) fn watch(mut self) -> mpsc::Receiver<Loaded> {
        let (updates, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = updates.closed() => return,
                    () = tokio::time::sleep(EVERY) => {}
                }
                match self.load_if_changed().await {
                    Ok(None) => {}
                    Ok(Some(loaded)) => {
                        if updates.send(loaded).await.is_err() {
                            return;
                        }
                    }
                    Err(error) => tracing::warn!("{error}; the monitors run as before"),
                }
            }
        });
        receiver
    }
}

fn definitions(checked: Checked) -> Definitions {
    Definitions {
        monitors: checked.monitors.into_values().collect(),
        faults: checked.faults.into_values().flatten().collect(),
        warnings: checked.warnings,
    }
}
