//! From the text of definition files to monitors.

use tidewatch_domain::Monitor;

use crate::decode;
use crate::fault::Fault;
use crate::relations;
use crate::tree::Tree;
use crate::{dynamo_json, json, plain, yaml};

/// Where the monitors will run, which decides what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On one machine: intervals from 1 s, secrets from the environment, any address.
    Local,
    /// In Lambda: intervals from 10 s, secrets from AWS, public addresses only.
    Aws,
    /// In Lambda, for tenants that may reach inner addresses: as [`Mode::Aws`], but which
    /// addresses are refused is left to the prober, which knows the tenant's ranges.
    AwsInner,
}

impl Mode {
    /// Whether the monitors will run in Lambda.
    pub(crate) fn is_aws(self) -> bool {
        matches!(self, Mode::Aws | Mode::AwsInner)
    }

    /// Whether addresses that are not public are refused where they are written out.
    pub(crate) fn is_only_public(self) -> bool {
        self == Mode::Aws
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The plain shape in YAML.
    Yaml,
    /// The plain shape in JSON, or the request file of `aws dynamodb batch-write-item`: the
    /// content tells which.
    Json,
}

impl Format {
    /// The format of a file by the ending of its name: `.json`, `.yaml` or `.yml`.
    pub fn of_path(path: &str) -> Option<Format> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "json" => Some(Format::Json),
            "yaml" | "yml" => Some(Format::Yaml),
            _ => None,
        }
    }
}

/// A file that the caller has read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'t> {
    /// The content.
    pub text: &'t str,
    /// The name by which faults call it.
    pub file: &'t str,
    /// How it is written.
    pub format: Format,
}

/// An entry before it is decoded.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The file or other origin by which faults call it.
    pub file: String,
    /// Its number within the origin, counted from 1.
    pub number: usize,
    /// Its fields as plain values.
    pub tree: Tree,
}

/// What was read: the monitors that can run, and what is wrong with the rest.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    /// The valid monitors, in order of appearance.
    pub monitors: Vec<Monitor>,
    /// What keeps entries, or whole files, from being used.
    pub faults: Vec<Fault>,
    /// What is probably not meant, but works.
    pub warnings: Vec<Fault>,
}

/// Reads one file. See [`read_all`].
pub fn read(text: &str, file: &str, format: Format, mode: Mode) -> Definitions {
    read_all(&[Source { text, file, format }], mode)
}

/// Reads files that belong together: a key may occur once in all of them, and parents may be
/// defined in another file.
///
/// An entry with a fault is left out and the others load; a file that cannot be parsed gives one
/// fault with its place and no monitors.
pub fn read_all(sources: &[Source<'_>], mode: Mode) -> Definitions {
    let Entries {
        entries,
        mut faults,
        mut warnings,
    } = entries(sources);
    let checked = check(&entries, mode);
    faults.extend(checked.faults);
    warnings.extend(checked.warnings);
    let order = |fault: &Fault| {
        let file = sources.iter().position(|source| source.file == fault.file);
        (file, fault.line, fault.column)
    };
    faults.sort_by_key(order);
    warnings.sort_by_key(order);
    Definitions {
        monitors: checked.monitors,
        faults,
        warnings,
    }
}

/// The entries of files before they are decoded.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The entries, in order of appearance.
    pub entries: Vec<Entry>,
    /// What keeps files, or single requests in them, from being read.
    pub faults: Vec<Fault>,
    /// What is probably not meant, but works.
    pub warnings: Vec<Fault>,
}

/// Takes files apart into entries; [`check`] decodes them.
pub fn entries(sources: &[Source<'_>]) -> Entries {
    let mut read = Entries::default();
    for source in sources {
        let root = match source.format {
            Format::Yaml => yaml::parse(source.text),
            Format::Json => json::parse(source.text),
        };
        let found = match root {
            Ok(root) if source.format == Format::Json && dynamo_json::is_request_file(&root) => {
                dynamo_json::entries(root, source.file, &mut read.faults, &mut read.warnings)
            }
            Ok(root) => {
                let mut of_file = Vec::new();
                let found = plain::entries(root, source.file, &mut of_file);
                read.faults.append(&mut of_file);
                found
            }
            Err(error) => {
                let problem = format!("cannot be parsed: {}", error.problem);
                let remedy = "repair the syntax there; no entry of this file was loaded";
                let fault = Fault::of_file(source.file, error.at, problem, remedy);
                read.faults.push(fault);
                Vec::new()
            }
        };
        read.entries.extend(found);
    }
    read
}

/// Decodes entries and checks them against each other.
pub fn check(entries: &[Entry], mode: Mode) -> Definitions {
    let mut definitions = Definitions::default();
    let mut decoded = Vec::new();
    for entry in entries {
        let (monitor, report) = decode::monitor(entry, mode);
        definitions.faults.extend(report.faults);
        definitions.warnings.extend(report.warnings);
        decoded.extend(monitor.map(|monitor| (monitor, entry)));
    }
    definitions.monitors =
        relations::settle(decoded, &mut definitions.faults, &mut definitions.warnings);
    definitions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_format() {
        assert_eq!(Format::of_path("a/monitors.YAML"), Some(Format::Yaml));
        assert_eq!(Format::of_path("b.yml"), Some(Format::Yaml));
        assert_eq!(Format::of_path("dynamo_entries.json"), Some(Format::Json));
        assert_eq!(Format::of_path("monitors.toml"), None);
        assert_eq!(Format::of_path("monitors"), None);
    }
}
