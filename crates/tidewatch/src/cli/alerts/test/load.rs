//! Reads test files and the rules that they are about.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tidewatch_alerting::fault::Fault;
use tidewatch_alerting::rule::{self, Group};
use tidewatch_alerting::unit::{self, Test, TestFile};

use crate::cli::exit::Complaint;

/// A test file with the rules that it is played with.
pub(super) struct Suite {
    /// The file.
    pub(super) file: TestFile,
    /// Each set is played for itself.
    pub(super) sets: Vec<RuleSet>,
}

/// Rules that are evaluated side by side.
#[derive(Clone)]
pub(super) struct RuleSet {
    /// Where they are from, if not from the files that the test file names.
    pub(super) origin: Option<PathBuf>,
    /// The rules.
    pub(super) groups: Arc<Vec<Group>>,
}

/// Reads all files; the complaint has every fault, one a line.
pub(super) fn suites(files: &[PathBuf], instead: &[PathBuf]) -> Result<Vec<Suite>, Complaint> {
    let mut reader = Reader::default();
    let suites: Vec<Suite> = files
        .iter()
        .filter_map(|file| reader.suite(file, instead))
        .collect();
    if reader.faults.is_empty() {
        return Ok(suites);
    }
    reader.faults.dedup();
    Err(Complaint::usage(format!(
        "the files have faults:\n{}",
        reader.faults.join("\n")
    )))
}

/// What rules of a file depend on: where it is, and what its variables are.
type Origin = (PathBuf, BTreeMap<String, String>);

/// Reads each file once.
#[derive(Default)]
struct Reader {
    known: HashMap<Origin, Arc<Vec<Group>>>,
    faults: Vec<String>,
}

impl Reader {
    fn suite(&mut self, file: &Path, instead: &[PathBuf]) -> Option<Suite> {
        let text = self.open(file)?;
        let read = unit::read(file, &text, &|path| std::fs::read_to_string(path));
        let file = match read {
            Ok(file) => file,
            Err(faults) => {
                self.faults.extend(faults.iter().map(Fault::to_string));
                return None;
            }
        };
        if !instead.is_empty() {
            let set = |origin: &PathBuf, reader: &mut Self| {
                Some(RuleSet {
                    groups: reader.rules(origin, &file.variables)?,
                    origin: Some(origin.clone()),
                })
            };
            let sets = instead.iter().filter_map(|origin| set(origin, self));
            let sets = sets.collect();
            return Some(Suite { file, sets });
        }
        let mut groups = Vec::new();
        for rules in &file.rule_files {
            groups.extend_from_slice(&self.rules(&rules.path, &file.variables)?);
        }
        for test in &file.tests {
            self.name_unknown(&file, test, &groups);
        }
        let sets = vec![RuleSet {
            origin: None,
            groups: Arc::new(groups),
        }];
        Some(Suite { file, sets })
    }

    fn rules(
        &mut self,
        path: &Path,
        variables: &BTreeMap<String, String>,
    ) -> Option<Arc<Vec<Group>>> {
        let origin = (path.to_owned(), variables.clone());
        if let Some(known) = self.known.get(&origin) {
            return Some(Arc::clone(known));
        }
        let text = self.open(path)?;
        match rule::read(path, &text, &|name| variables.get(name).cloned()) {
            Ok(groups) => {
                let groups = Arc::new(groups);
                self.known.insert(origin, Arc::clone(&groups));
                Some(groups)
            }
            Err(faults) => {
                self.faults.extend(faults.iter().map(Fault::to_string));
                None
            }
        }
    }

    /// Checks of rules that do not exist are faults of the test file.
    fn name_unknown(&mut self, file: &TestFile, test: &Test, groups: &[Group]) {
        let rules = || groups.iter().flat_map(|group| &group.rules);
        for (name, line) in test.rules() {
            let named = rules().filter(|rule| rule.uid == name || rule.title == name);
            let reason = match named.count() {
                1 => continue,
                0 => {
                    let known: Vec<&str> = rules().map(|rule| rule.uid.as_str()).collect();
                    format!("no rule is called `{name}`; there are {}", known.join(", "))
                }
                _ => format!("`{name}` is the title of several rules; name the uid of one"),
            };
            let fault = Fault {
                file: file.file.clone(),
                line,
                field: "rule".to_owned(),
                reason,
            };
            self.faults.push(fault.to_string());
        }
    }

    fn open(&mut self, path: &Path) -> Option<String> {
        let read = std::fs::read_to_string(path);
        read.map_err(|error| {
            let fault = format!("{}: cannot be read: {error}", path.display());
            self.faults.push(fault);
        })
        .ok()
    }
}
