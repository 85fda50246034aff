//! `tidewatch data export`: tables as files that other programs read, with a manifest.

mod manifest;

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tidewatch_store::{ExportFormat, Store, Table};
use url::Url;

use self::manifest::{Manifest, TableManifest};
use super::output::figures;
use super::{FolderArgs, data_dir, open};
use crate::cli::exit::{Complaint, Exit};
use crate::cli::query::client::Bridge;
use crate::terminal::Terminal;

/// What to write, and where.
#[derive(Args, Clone, Debug)]
pub(super) struct ExportArgs {
    /// Where to; empty, or not there yet
    #[arg(value_name = "FOLDER")]
    target: PathBuf,
    /// Only the tables of this database
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// Only this table
    #[arg(long, value_name = "NAME", requires = "database")]
    table: Option<String>,
    /// Only rows from this time on: 2026-11-22, or 2026-11-22T07:30:00Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Only rows before this time
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<Timestamp>,
    /// What kind of files
    #[arg(long, value_enum, default_value = "parquet")]
    format: Format,
    /// Take the rows from a bridge that runs on this machine; it makes a copy first
    #[arg(long, value_name = "URL", conflicts_with = "data_dir")]
    endpoint_url: Option<Url>,
    /// A PEM file with certificates to trust beside those of the machine
    #[arg(long, env = "AWS_CA_BUNDLE", value_name = "FILE")]
    ca_bundle: Option<PathBuf>,
    #[command(flatten)]
    folder: FolderArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Parquet,
    Csv,
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Parquet => ExportFormat::Parquet,
            Format::Csv => ExportFormat::Csv,
        }
    }
}

/// A time with its zone, or a day of UTC, at whose beginning it is.
fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let day: Date = text
        .parse()
        .map_err(|_| "write it as 2026-11-22 or 2026-11-22T07:30:00Z".to_owned())?;
    let at = day.to_zoned(TimeZone::UTC);
    Ok(at.map_err(|error| error.to_string())?.timestamp())
}

/// Writes the files, and the manifest last.
pub(super) async fn run(arguments: &ExportArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    prepare(&arguments.target)?;
    let (folder, copy) = match &arguments.endpoint_url {
        None => (data_dir(&arguments.folder)?, None),
        Some(url) => {
            let copy = Copy::of_bridge(url.clone(), arguments.ca_bundle.as_deref(), terminal);
            let copy = copy.await?;
            (copy.folder.clone(), Some(copy))
        }
    };
    let store = open(&folder).await?;
    let written = write(arguments, &store, terminal).await;
    let closed = store.close().await;
    if let Some(copy) = copy {
        copy.remove(terminal);
    }
    let manifest = written?;
    closed
        .map_err(|error| Complaint::failed("the data folder did not close well").because(error))?;
    let figure = |of: fn(&TableManifest) -> u64| manifest.tables.iter().map(of).sum();
    let lines = [
        ("tables", "tables", manifest.tables.len() as u64),
        ("files", "files", figure(|table| table.files.len() as u64)),
        ("rows", "rows", figure(|table| table.rows)),
        ("bytes", "bytes", figure(TableManifest::bytes)),
    ];
    terminal.print(&figures(&lines, arguments.folder.json, terminal.look()))?;
    Ok(Exit::Good)
}

/// Makes the folder, and sees that it is empty.
fn prepare(target: &Path) -> Result<(), Complaint> {
    let unfit = |error: std::io::Error| {
        Complaint::failed(format!("{} cannot be used", target.display())).because(error)
    };
    std::fs::create_dir_all(target).map_err(unfit)?;
    match std::fs::read_dir(target).map_err(unfit)?.next() {
        None => Ok(()),
        Some(_) => Err(
            Complaint::failed(format!("{} is not empty", target.display()))
                .remedy("name a folder that is empty or not there"),
        ),
    }
}

async fn write(
    arguments: &ExportArgs,
    store: &Store,
    terminal: &Terminal,
) -> Result<Manifest, Complaint> {
    let tables = tables(arguments, store)?;
    let range = range(arguments)?;
    let format = ExportFormat::from(arguments.format);
    let mut manifest = Manifest::new(format, arguments.from, arguments.to);
    let progress = terminal.progress("exporting");
    for table in tables {
        let (database, name) = (&table.database, &table.name);
        let counting = progress.counting("rows");
        let target = &arguments.target;
        let exported = store
            .export(database, name, range.clone(), format, target, counting)
            .await
            .map_err(|error| {
                Complaint::failed(format!("the table {database}.{name} was not exported"))
                    .because(error)
                    .remedy("a folder without manifest.json is not complete: remove it")
            })?;
        let snapshot = store.snapshot(database, name).map_err(|error| {
            Complaint::failed(format!("the table {database}.{name} is gone")).because(error)
        })?;
        let columns = snapshot.columns();
        manifest
            .tables
            .push(TableManifest::new(&table, columns, &exported));
    }
    drop(progress);
    manifest.write(&arguments.target).map_err(|error| {
        Complaint::failed("the manifest was not written")
            .because(error)
            .remedy("a folder without manifest.json is not complete: remove it")
    })?;
    Ok(manifest)
}

fn tables(arguments: &ExportArgs, store: &Store) -> Result<Vec<Table>, Complaint> {
    let unknown = |error| {
        Complaint::failed("there is nothing to export")
            .because(error)
            .remedy("`tidewatch query 'SHOW DATABASES'` lists the names")
    };
    let database = arguments.database.as_deref();
    match (database, &arguments.table) {
        (Some(database), Some(table)) => {
            let table = store.describe_table(database, table).map_err(unknown)?;
            Ok(vec![table])
        }
        (database, _) => store.list_tables(database).map_err(unknown),
    }
}

/// Nanoseconds since the Unix epoch.
fn range(arguments: &ExportArgs) -> Result<Range<i64>, Complaint> {
    let nanoseconds = |at: Option<Timestamp>, none: i64| match at {
        None => Ok(none),
        Some(at) => i64::try_from(at.as_nanosecond()).map_err(|_| {
            Complaint::usage(format!("{at} is not a time that rows can have"))
                .remedy("name one from 1678 to 2261")
        }),
    };
    let range = nanoseconds(arguments.from, i64::MIN)?..nanoseconds(arguments.to, i64::MAX)?;
    match range.is_empty() {
        false => Ok(range),
        true => Err(Complaint::usage("--from is not before --to")),
    }
}

/// A copy that a running bridge made of itself.
#[derive(Debug)]
struct Copy {
    folder: PathBuf,
}

impl Copy {
    async fn of_bridge(
        url: Url,
        authorities: Option<&Path>,
        terminal: &Terminal,
    ) -> Result<Copy, Complaint> {
        let name = format!("export-{}", std::process::id());
        let progress = terminal.progress("waiting for the bridge's copy");
        let folder = Bridge::new(url, authorities)?.back_up(&name).await;
        drop(progress);
        let copy = Copy { folder: folder? };
        match copy.folder.is_dir() {
            true => Ok(copy),
            false => Err(Complaint::failed(format!(
                "the bridge made its copy in {}, which is not on this machine",
                copy.folder.display()
            ))
            .remedy("run this where the bridge runs; the copy there is no longer needed")),
        }
    }

    fn remove(self, terminal: &Terminal) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            let folder = self.folder.display();
            terminal.note(&format!(
                "the bridge's copy {folder} could not be removed: {error}\n"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_instants_or_days() {
        let seconds = |text: &str| instant(text).map(|at| at.as_second());
        assert_eq!(seconds("2026-11-22"), Ok(1_795_305_600));
        assert_eq!(seconds("2026-11-22T07:30:00Z"), Ok(1_795_332_600));
        assert_eq!(seconds("2026-11-22T08:30:00+01:00"), Ok(1_795_332_600));
        assert!(seconds("yesterday").is_err());
    }
}
