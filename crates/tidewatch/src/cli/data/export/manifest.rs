//! What an export holds, for the programs that read it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use tidewatch_store::{Column, ColumnType, ExportFormat, Exported, Table};

/// Name of the file; it is the last that is written.
const NAME: &str = "manifest.json";
/// Version of the manifest's shape.
const VERSION: u32 = 1;

/// The whole of an export.
#[derive(Debug, Serialize)]
pub(super) struct Manifest {
    tidewatch_export: u32,
    made_by: &'static str,
    format: &'static str,
    /// RFC 3339; absent where the export has no such end.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    pub(super) tables: Vec<TableManifest>,
}

/// A table of it.
#[derive(Debug, Serialize)]
pub(super) struct TableManifest {
    database: String,
    table: String,
    columns: Vec<ColumnManifest>,
    pub(super) rows: u64,
    pub(super) files: Vec<FileManifest>,
}

#[derive(Debug, Serialize)]
struct ColumnManifest {
    name: String,
    #[serde(rename = "type")]
    of: &'static str,
}

/// A file of it.
#[derive(Debug, Serialize)]
pub(super) struct FileManifest {
    file: String,
    rows: u64,
    bytes: u64,
    /// RFC 3339.
    first_time: String,
    last_time: String,
    sha256: String,
}

impl Manifest {
    /// A manifest without tables.
    pub(super) fn new(
        format: ExportFormat,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Manifest {
        Manifest {
            tidewatch_export: VERSION,
            made_by: concat!("tidewatch ", env!("CARGO_PKG_VERSION")),
            format: format.extension(),
            from: from.map(|at| at.to_string()),
            to: to.map(|at| at.to_string()),
            tables: Vec::new(),
        }
    }

    /// Writes it into `folder`, durably and whole.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        let draft = folder.join("manifest.tmp");
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, folder.join(NAME))?;
        File::open(folder)?.sync_all()
    }
}

impl TableManifest {
    pub(super) fn new(table: &Table, columns: &[Column], exported: &Exported) -> TableManifest {
        let columns = columns.iter().map(|column| ColumnManifest {
            name: column.name.clone(),
            of: type_name(column.data_type),
        });
        let time = |at| {
            let at = Timestamp::from_nanosecond(i128::from(at));
            at.map_or_else(|_| String::new(), |at| at.to_string())
        };
        let files = exported.files.iter().map(|file| FileManifest {
            file: file.name.clone(),
            rows: file.rows,
            bytes: file.bytes,
            first_time: time(file.first_time),
            last_time: time(file.last_time),
            sha256: file
                .sha256
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        });
        TableManifest {
            database: table.database.clone(),
            table: table.name.clone(),
            columns: columns.collect(),
            rows: exported.files.iter().map(|file| file.rows).sum(),
            files: files.collect(),
        }
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// As Timestream names it.
fn type_name(of: ColumnType) -> &'static str {
    match of {
        ColumnType::Varchar => "varchar",
        ColumnType::Double => "double",
        ColumnType::Bigint => "bigint",
        ColumnType::Boolean => "boolean",
        ColumnType::Timestamp => "timestamp",
    }
}
