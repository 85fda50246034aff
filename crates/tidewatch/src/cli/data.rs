//! `tidewatch data stats|check|backup|restore|export`: a data folder that nobody runs on.

mod export;
mod output;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use tidewatch_store::{Backup, Options, Store};

use self::export::ExportArgs;
use self::output::{checked, figures, stats};
use super::exit::{Complaint, Exit};
use super::settings;
use crate::local::SystemClock;
use crate::settings::UpArgs;
use crate::terminal::{Look, Terminal};

const EXAMPLES: &str = "\
Examples:
  tidewatch data stats
  tidewatch data check --data-dir /var/lib/tidewatch
  tidewatch data backup /mnt/backup/monday
  tidewatch data restore /mnt/backup/monday --data-dir /var/lib/tidewatch
  tidewatch data export ./november --database CPTMonitoring --from 2026-11-01 --to 2026-12-01
  tidewatch data export ./today --from 2026-11-22 --endpoint-url http://127.0.0.1:8086

While `tidewatch up` runs on the folder, POST /backup at the bridge makes a copy (docs/bridge.md).
Exit codes: 0 all is well; 1 a file does not hold what it should, or the folder cannot be used; 2 the
command cannot be understood";

/// What to do with a data folder.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DataArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    /// Say how much is stored
    Stats(FolderArgs),
    /// Read every file to its end
    Check(FolderArgs),
    /// Copy everything into an empty folder, which is a data folder then
    Backup {
        /// Where to; empty, or not there yet
        #[arg(value_name = "FOLDER")]
        target: PathBuf,
        #[command(flatten)]
        folder: FolderArgs,
    },
    /// Make a backup the data folder, which must be empty or not there; every byte is verified
    Restore {
        /// The backup; it is left as it is
        #[arg(value_name = "BACKUP")]
        backup: PathBuf,
        #[command(flatten)]
        folder: FolderArgs,
    },
    /// Write tables into Parquet or CSV files that other programs read
    Export(Box<ExportArgs>),
}

#[derive(Args, Clone, Debug)]
struct FolderArgs {
    /// The data folder [default: that of `tidewatch up`]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(super) async fn run(arguments: DataArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    match &arguments.action {
        Action::Stats(folder) => {
            let store = open(&data_dir(folder)?).await?;
            let text = stats(&store.stats(), folder.json, terminal.look());
            done(store, terminal, &text, Exit::Good).await
        }
        Action::Check(folder) => {
            let store = open(&data_dir(folder)?).await?;
            let progress = terminal.progress("reading every file");
            let check = store.check().await;
            drop(progress);
            let exit = match check.faults.is_empty() {
                true => Exit::Good,
                false => Exit::Bad,
            };
            let text = checked(&check, folder.json, terminal.look());
            done(store, terminal, &text, exit).await
        }
        Action::Backup { target, folder } => backup(target, folder, terminal).await,
        Action::Restore { backup, folder } => restore(backup, folder, terminal).await,
        Action::Export(arguments) => export::run(arguments, terminal).await,
    }
}

/// Closes the store and prints the answer.
async fn done(
    store: Store,
    terminal: &Terminal,
    text: &str,
    exit: Exit,
) -> Result<Exit, Complaint> {
    store
        .close()
        .await
        .map_err(|error| Complaint::failed("the data folder did not close well").because(error))?;
    terminal.print(text)?;
    Ok(exit)
}

async fn backup(
    target: &Path,
    folder: &FolderArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let data_dir = data_dir(folder)?;
    let store = open(&data_dir).await?;
    let progress = terminal.progress("copying");
    let made = store.backup(target).await;
    drop(progress);
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Complaint::failed(format!("no backup was made in {}", target.display()))
            .because(error)
            .remedy("name a folder that is empty or not there, with room for the copy")
    };
    let mut made = made.map_err(|error| failed(error.into()))?;
    let others = copy_others(&data_dir, target).map_err(|error| failed(error.into()))?;
    made.files += others.files;
    made.bytes += others.bytes;
    let text = copied(made, folder.json, terminal.look());
    done(store, terminal, &text, Exit::Good).await
}

/// Copies the files that lie beside those of the store, as the bridge's tags do. Nobody has them
/// open, as the store is.
fn copy_others(from: &Path, to: &Path) -> std::io::Result<Backup> {
    let mut made = Backup { files: 0, bytes: 0 };
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        let is_draft = Path::new(&name)
            .extension()
            .is_some_and(|kind| kind == "tmp");
        if !entry.file_type()?.is_file() || name == "LOCK" || is_draft || target.exists() {
            continue;
        }
        made.bytes += std::fs::copy(entry.path(), &target)?;
        std::fs::File::open(&target)?.sync_all()?;
        made.files += 1;
    }
    std::fs::File::open(to)?.sync_all()?;
    Ok(made)
}

async fn restore(
    backup: &Path,
    folder: &FolderArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let data_dir = data_dir(folder)?;
    if !backup.is_dir() {
        return Err(
            Complaint::failed(format!("there is no backup {}", backup.display()))
                .remedy("name the folder that `tidewatch data backup` made"),
        );
    }
    let progress = terminal.progress("copying and verifying");
    let made = Store::restore(backup, &data_dir, options()).await;
    drop(progress);
    let made = made.map_err(|error| {
        Complaint::failed(format!("{} was not restored", backup.display()))
            .because(error)
            .remedy(format!(
                "{} must be empty or not there; what is in it now is no data folder",
                data_dir.display()
            ))
    })?;
    terminal.print(&copied(made, folder.json, terminal.look()))?;
    Ok(Exit::Good)
}

fn copied(made: Backup, json: bool, look: Look) -> String {
    let lines = [
        ("files", "files", made.files as u64),
        ("bytes", "bytes", made.bytes),
    ];
    figures(&lines, json, look)
}

fn options() -> Options {
    let clock: Arc<dyn tidewatch_store::Clock> = Arc::new(SystemClock);
    Options::new(clock)
}

fn data_dir(folder: &FolderArgs) -> Result<PathBuf, Complaint> {
    if let Some(folder) = &folder.data_dir {
        return Ok(folder.clone());
    }
    Ok(settings::of_up(|of_up: UpArgs| of_up)?.data_dir)
}

/// Opens a store that is there; none is made.
async fn open(folder: &Path) -> Result<Store, Complaint> {
    if !folder.is_dir() {
        return Err(
            Complaint::failed(format!("there is no data folder {}", folder.display()))
                .remedy("name it with --data-dir"),
        );
    }
    let opened = Store::open(folder, options()).await;
    opened.map_err(|error| {
        Complaint::failed(format!("{} cannot be opened", folder.display()))
            .because(error)
            .remedy("stop the tidewatch that runs on it, or ask its bridge: POST /backup")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let complaint = open(&missing).await.unwrap_err().to_string();
        assert!(complaint.contains("there is no data folder"), "{complaint}");
        assert!(!missing.exists());
    }

    #[tokio::test]
    async fn a_backup_is_a_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
        std::fs::create_dir(&data).unwrap();
        let store = open(&data).await.unwrap();
        store.backup(&copy).await.unwrap();
        store.close().await.unwrap();
        let copied = open(&copy).await.unwrap();
        assert_eq!(copied.stats().tables, 0);
        assert!(copied.check().await.faults.is_empty());
        copied.close().await.unwrap();
    }
}
