//! Reads definition files.

use std::path::{Path, PathBuf};

use tidewatch_definitions::{Definitions, Entries, Format, Mode, Source};

use crate::cli::exit::Complaint;

/// What the files say together.
pub(super) fn read(paths: &[PathBuf], mode: Mode) -> Result<Definitions, Complaint> {
    with_sources(paths, |sources| {
        tidewatch_definitions::read_all(sources, mode)
    })
}

/// The entries of the files before they are decoded.
pub(super) fn entries(paths: &[PathBuf]) -> Result<Entries, Complaint> {
    with_sources(paths, tidewatch_definitions::entries)
}

fn with_sources<T>(
    paths: &[PathBuf],
    read: impl FnOnce(&[Source<'_>]) -> T,
) -> Result<T, Complaint> {
    let files: Vec<(String, String, Format)> = paths
        .iter()
        .map(|path| file(path))
        .collect::<Result<_, _>>()?;
    let sources: Vec<Source<'_>> = files
        .iter()
        .map(|(file, text, format)| Source {
            text,
            file,
            format: *format,
        })
        .collect();
    Ok(read(&sources))
}

fn file(path: &Path) -> Result<(String, String, Format), Complaint> {
    let name = path.display().to_string();
    let Some(format) = Format::of_path(&name) else {
        return Err(
            Complaint::usage(format!("file `{name}` is in no known format"))
                .remedy("name it .json, .yaml or .yml"),
        );
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text, format)),
        Err(error) => Err(Complaint::failed(format!("file `{name}` cannot be read"))
            .because(error)
            .remedy("name the file: tidewatch monitors validate FILE")),
    }
}
