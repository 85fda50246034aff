//! `tidewatch data stats|check|backup`: a data folder that nobody runs on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;
use tidewatch_store::{Check, Options, Stats, Store};

use super::exit::{Complaint, Exit};
use super::settings;
use crate::local::SystemClock;
use crate::settings::UpArgs;
use crate::terminal::{Look, Terminal, Tone, clean, pad};

const EXAMPLES: &str = "\
Examples:
  tidewatch data stats
  tidewatch data check --data-dir /var/lib/tidewatch
  tidewatch data backup /mnt/backup/monday

While `tidewatch up` runs on the folder, POST /backup at the bridge makes the copy (docs/bridge.md).
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
    let folder = match &arguments.action {
        Action::Stats(folder) | Action::Check(folder) | Action::Backup { folder, .. } => folder,
    };
    let data_dir = data_dir(folder)?;
    let store = open(&data_dir).await?;
    let done = act(&arguments.action, &store, terminal).await;
    let closed = store.close().await;
    let exit = done?;
    closed
        .map_err(|error| Complaint::failed("the data folder did not close well").because(error))?;
    Ok(exit)
}

async fn act(action: &Action, store: &Store, terminal: &Terminal) -> Result<Exit, Complaint> {
    let look = terminal.look();
    let (text, exit) = match action {
        Action::Stats(folder) => (stats(&store.stats(), folder.json, look), Exit::Good),
        Action::Check(folder) => {
            let progress = terminal.progress("reading every file");
            let check = store.check().await;
            drop(progress);
            let exit = match check.faults.is_empty() {
                true => Exit::Good,
                false => Exit::Bad,
            };
            (checked(&check, folder.json, look), exit)
        }
        Action::Backup { target, folder } => {
            let progress = terminal.progress("copying");
            let made = store.backup(target).await;
            drop(progress);
            let made = made.map_err(|error| {
                Complaint::failed(format!("no backup was made in {}", target.display()))
                    .because(error)
                    .remedy("name a folder that is empty or not there, with room for the copy")
            })?;
            let lines = [
                ("files", "files", made.files as u64),
                ("bytes", "bytes", made.bytes),
            ];
            (figures(&lines, folder.json, look), Exit::Good)
        }
    };
    terminal.print(&text)?;
    Ok(exit)
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
    let clock: Arc<dyn tidewatch_store::Clock> = Arc::new(SystemClock);
    let opened = Store::open(folder, Options::new(clock)).await;
    opened.map_err(|error| {
        Complaint::failed(format!("{} cannot be opened", folder.display()))
            .because(error)
            .remedy("stop the tidewatch that runs on it, or ask its bridge: POST /backup")
    })
}

/// A line for people, a member for programs, and the figure.
type Line = (&'static str, &'static str, u64);

fn stats(stats: &Stats, json: bool, look: Look) -> String {
    let lines = [
        ("databases", "databases", stats.databases as u64),
        ("tables", "tables", stats.tables as u64),
        ("rows in files", "file_rows", stats.partition_rows),
        ("files", "files", stats.partitions as u64),
        ("bytes of files", "file_bytes", stats.partition_bytes),
        ("rows in the log", "log_rows", stats.head_rows as u64),
        ("bytes of the log", "log_bytes", stats.log_bytes),
    ];
    figures(&lines, json, look)
}

fn figures(lines: &[Line], json: bool, look: Look) -> String {
    if json {
        let members = lines
            .iter()
            .map(|(_, name, figure)| ((*name).to_owned(), (*figure).into()));
        let object = serde_json::Value::Object(members.collect());
        return format!("{object:#}\n");
    }
    let line = |(label, _, figure): &Line| {
        let label = look.paint(Tone::Muted, &pad(label, 18));
        format!("{label}{figure}\n")
    };
    lines.iter().map(line).collect()
}

#[derive(Serialize)]
struct Checked<'a> {
    sound: bool,
    files: usize,
    rows: u64,
    faults: Vec<Fault<'a>>,
}

#[derive(Serialize)]
struct Fault<'a> {
    file: String,
    what: &'a str,
}

fn checked(check: &Check, json: bool, look: Look) -> String {
    let checked = Checked {
        sound: check.faults.is_empty(),
        files: check.files,
        rows: check.rows,
        faults: check
            .faults
            .iter()
            .map(|fault| Fault {
                file: fault.file.display().to_string(),
                what: &fault.what,
            })
            .collect(),
    };
    if json {
        let text = serde_json::to_string_pretty(&checked);
        return text.expect("a structure of texts and numbers always has a JSON form") + "\n";
    }
    let faults: String = checked
        .faults
        .iter()
        .map(|fault| {
            let label = look.paint(Tone::Bad, "fault:");
            format!("{label} {}: {}\n", clean(&fault.file), clean(fault.what))
        })
        .collect();
    let (verdict, tone) = match checked.sound {
        true => ("sound", Tone::Good),
        false => ("damaged", Tone::Bad),
    };
    format!(
        "{faults}{}  {} files with {} rows were read\n",
        look.paint(tone, verdict),
        checked.files,
        checked.rows
    )
}

#[cfg(test)]
mod tests {
    use tidewatch_store::FileFault;

    use super::*;

    #[test]
    fn a_damaged_file_is_named() {
        let check = Check {
            files: 2,
            rows: 7,
            faults: vec![FileFault {
                file: "tables/1/a.parquet".into(),
                what: "ends early".to_owned(),
            }],
        };
        assert_eq!(
            checked(&check, false, Look::plain(80)),
            "fault: tables/1/a.parquet: ends early\ndamaged  2 files with 7 rows were read\n"
        );
        let document: serde_json::Value =
            serde_json::from_str(&checked(&check, true, Look::plain(80))).unwrap();
        assert_eq!(document["sound"], false);
        assert_eq!(document["faults"][0]["what"], "ends early");
    }

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
