//! What the commands print.

use serde::Serialize;
use tidewatch_store::{Check, Stats};

use crate::terminal::{Look, Tone, clean, pad};

/// A line for people, a member for programs, and the figure.
type Line = (&'static str, &'static str, u64);

/// How much is stored.
pub(super) fn stats(stats: &Stats, json: bool, look: Look) -> String {
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

/// Figures, one a line, or as an object.
pub(super) fn figures(lines: &[Line], json: bool, look: Look) -> String {
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

/// What reading every file found.
pub(super) fn checked(check: &Check, json: bool, look: Look) -> String {
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
}
