//! `tidewatch monitors push|pull|diff`: between files and the table of entries in DynamoDB.

mod told;

use std::path::{Path, PathBuf};

use clap::Args;
use tidewatch_aws::monitors_table::{Difference, MonitorsTable, SyncError};
use tidewatch_definitions::{Definitions, Entry, Format, Mode};

use super::{refused, source};
use crate::cli::exit::{Complaint, Exit};
use crate::cloud::CloudArgs;
use crate::terminal::Terminal;
use told::Told;

/// The table, and where it is.
#[derive(Args, Clone, Debug)]
struct TableArgs {
    /// The DynamoDB table of entries
    #[arg(long, env = "TIDEWATCH_MONITORS_TABLE", value_name = "TABLE")]
    table: String,
    #[command(flatten)]
    cloud: CloudArgs,
}

impl TableArgs {
    async fn open(&self) -> Result<MonitorsTable, Complaint> {
        let table = self.cloud.monitors_table(&self.table).await;
        table.map_err(|error| Complaint::usage(error.to_string()))
    }
}

/// Files to compare with a table.
#[derive(Args, Clone, Debug)]
pub(super) struct DiffArgs {
    /// Files that belong together: DynamoDB request files (.json) or YAML (.yaml, .yml)
    #[arg(value_name = "FILE", env = "TIDEWATCH_DEFINITIONS")]
    #[arg(default_value = "dynamo_entries.json")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    table: TableArgs,
    /// Let entries name private addresses, for tenants that may talk to them
    #[arg(long)]
    inner_addresses: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What to write into a table.
#[derive(Args, Clone, Debug)]
pub(super) struct PushArgs {
    #[command(flatten)]
    diff: DiffArgs,
    /// Also delete the entries that only the table has
    #[arg(long)]
    delete: bool,
    /// Tell what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// A table to read.
#[derive(Args, Clone, Debug)]
pub(super) struct PullArgs {
    #[command(flatten)]
    table: TableArgs,
    /// Write to this file (.json: a DynamoDB request file; .yaml, .yml: plain entries, as JSON is
    /// YAML too) instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Tells what differs; exits with 1 where something does.
pub(super) async fn diff(arguments: &DiffArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let table = arguments.table.open().await?;
    let difference = compare(arguments, &table).await?;
    let told = Told::of(&difference, None);
    terminal.print(&told.text(arguments.json, terminal.look()))?;
    Ok(match difference.is_empty(true) {
        true => Exit::Good,
        false => Exit::Bad,
    })
}

/// Writes what differs.
pub(super) async fn push(arguments: &PushArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let table = arguments.diff.table.open().await?;
    let difference = compare(&arguments.diff, &table).await?;
    let pushed = if arguments.dry_run {
        None
    } else {
        let pushed = table.push(&difference, arguments.delete).await;
        Some(pushed.map_err(|error| Complaint::failed(error.to_string()).remedy(ACCESS))?)
    };
    let told = Told::of(&difference, pushed);
    terminal.print(&told.text(arguments.diff.json, terminal.look()))?;
    Ok(Exit::Good)
}

/// Reads the whole table, as its entries were written.
pub(super) async fn pull(arguments: &PullArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let format = match &arguments.output {
        Some(path) => format_of(path)?,
        None => Format::Json,
    };
    let table = arguments.table.open().await?;
    let stored = table.all().await;
    let stored = stored.map_err(|error| Complaint::failed(error.to_string()).remedy(ACCESS))?;
    let entries = stored.iter().map(|stored| &stored.entry);
    let document = match format {
        Format::Json => tidewatch_definitions::request_file(table.name(), entries),
        Format::Yaml => entries.map(Entry::to_plain).collect(),
    };
    let text =
        serde_json::to_string_pretty(&document).expect("a JSON value always has a text") + "\n";
    match &arguments.output {
        None => terminal.print(&text)?,
        Some(path) => {
            std::fs::write(path, text).map_err(|error| {
                Complaint::failed(format!("{} cannot be written", path.display())).because(error)
            })?;
            terminal.note(&format!(
                "{} entries of table {} are in {}\n",
                stored.len(),
                table.name(),
                path.display()
            ));
        }
    }
    Ok(Exit::Good)
}

/// What the entries of a table say.
pub(super) async fn definitions(
    name: &str,
    cloud: &CloudArgs,
    mode: Mode,
) -> Result<Definitions, Complaint> {
    let table = cloud.monitors_table(name).await;
    let table = table.map_err(|error| Complaint::usage(error.to_string()))?;
    let stored = table.all().await;
    let stored = stored.map_err(|error| Complaint::failed(error.to_string()).remedy(ACCESS))?;
    let entries: Vec<Entry> = stored.into_iter().map(|stored| stored.entry).collect();
    Ok(tidewatch_definitions::check(&entries, mode))
}

/// What to look at when the table cannot be used.
const ACCESS: &str = "see that the table exists in this region and that the credentials may read \
                      and write it";

async fn compare(arguments: &DiffArgs, table: &MonitorsTable) -> Result<Difference, Complaint> {
    let read = source::entries(&arguments.files)?;
    if !read.faults.is_empty() {
        return Err(refused(&read.faults));
    }
    let mode = match arguments.inner_addresses {
        true => Mode::AwsInner,
        false => Mode::Aws,
    };
    let compared = table.compare(&read.entries, |_| mode).await;
    compared.map_err(|error| match error {
        SyncError::Faults(faults) => refused(&faults),
        SyncError::Table(error) => Complaint::failed(error.to_string()).remedy(ACCESS),
    })
}

fn format_of(path: &Path) -> Result<Format, Complaint> {
    let name = path.display().to_string();
    Format::of_path(&name).ok_or_else(|| {
        Complaint::usage(format!("--output {name} is in no known format"))
            .remedy("name it .json, .yaml or .yml")
    })
}
