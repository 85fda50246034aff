//! The memory on disk: JSON with a version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidewatch_alerting::group::{Dispatcher, Routing};
use tidewatch_alerting::silence::Silences;
use tidewatch_alerting::state::RuleStates;

use super::Memory;
use crate::rules::keep::KeptFile;

/// The version of the form below; a reader refuses others.
const VERSION: u32 = 1;

/// What was kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// By the uid of the rule.
    pub(super) rules: BTreeMap<String, RuleStates>,
    pub(super) dispatcher: Dispatcher,
    pub(super) silences: Silences,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    version: u32,
    rules: BTreeMap<String, Value>,
    groups: Value,
    silences: Value,
}

impl Kept {
    /// Nothing yet.
    pub(super) fn new(routing: &Routing) -> Self {
        Kept {
            rules: BTreeMap::new(),
            dispatcher: Dispatcher::new(routing.clone()),
            silences: Silences::default(),
        }
    }
}

/// What `file` says; the error is a reason why nobody can tell.
pub(super) fn read(file: &KeptFile, routing: &Routing) -> Result<Kept, String> {
    let bytes = file.read().map_err(|error| error.to_string())?;
    let Some(bytes) = bytes else {
        return Ok(Kept::new(routing));
    };
    let form: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    match form.get("version").and_then(Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err(format!(
                "it has version {version}, this release reads version {VERSION}"
            ));
        }
        None => return Err("it has no version".to_owned()),
    }
    let form = Form::deserialize(form).map_err(|error| error.to_string())?;
    let mut rules = BTreeMap::new();
    for (uid, snapshot) in form.rules {
        rules.insert(uid, RuleStates::restore(&snapshot)?);
    }
    Ok(Kept {
        rules,
        dispatcher: Dispatcher::restore(&form.groups, routing.clone())?,
        silences: Silences::restore(&form.silences)?,
    })
}

/// The bytes of the file.
pub(super) fn to_bytes(memory: &Memory) -> Vec<u8> {
    let form = Form {
        version: VERSION,
        rules: memory
            .rules
            .iter()
            .map(|(uid, rule)| (uid.clone(), rule.states.snapshot()))
            .collect(),
        groups: memory.dispatcher.snapshot(),
        silences: memory.silences.snapshot(),
    };
    serde_json::to_vec(&form).expect("a form is made of maps with text keys and finite numbers")
}
