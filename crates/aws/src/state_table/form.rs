//! How a bucket's judging state is written down: JSON, compressed with zstd.
//!
//! It is written once for every batch of results and paid for by the kilobyte: evidence lies in
//! columns, instants are relative and in milliseconds, and what is usual is left out. A version
//! stands in front, so that a later release can read what an earlier one wrote.

mod evidence;
mod guard;
mod history;
mod time;
mod verdict;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tidewatch_definitions::{Format, Mode};
use tidewatch_domain::assess::{CaseSnapshot, DoubtedProbe, LedgerSnapshot};
use tidewatch_domain::rows::Overlays;
use tidewatch_domain::{Location, Monitor, MonitorKey};

use super::{BucketState, Outbox};
use crate::message::{read_result, read_row, write_result, write_row};
use guard::GuardForm;
use history::HistoryForm;
use time::TimeForm;

/// The version of the shape.
const VERSION: u32 = 1;
/// How hard zstd tries; above this a state of a few hundred kilobytes takes noticeable time.
const LEVEL: i32 = 9;
/// The most that a state may come to when it is unpacked.
const LARGEST: usize = 64 * 1024 * 1024;

/// Something of a stored state that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` cannot be understood")]
pub(crate) struct Unreadable {
    /// Which part.
    pub(crate) what: &'static str,
    /// What stands there.
    pub(crate) value: String,
}

impl Unreadable {
    pub(crate) fn new(what: &'static str, value: impl ToString) -> Self {
        Unreadable {
            what,
            value: value.to_string(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct StateForm {
    v: u32,
    cases: Vec<CaseForm>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    guards: BTreeMap<String, GuardForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    doubted: Vec<DoubtedForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CaseForm {
    /// The definition.
    m: Value,
    h: HistoryForm,
    /// The overlays of the last row: maintenance, paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<(bool, bool)>,
    /// The time of the last row.
    l: TimeForm,
}

#[derive(Debug, Serialize, Deserialize)]
struct DoubtedForm {
    /// The definition, where it is not the one that holds now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<Value>,
    /// Where it ran.
    l: String,
    /// What was found.
    r: Box<RawValue>,
}

/// The bytes of a state.
pub(super) fn encode(state: &BucketState) -> Result<Vec<u8>, String> {
    let form = StateForm {
        v: VERSION,
        cases: state.ledger.cases.iter().map(case_form).collect(),
        guards: state
            .ledger
            .guards
            .iter()
            .map(|(location, guard)| (location.to_string(), GuardForm::of(guard)))
            .collect(),
        doubted: doubted_forms(&state.ledger)?,
        rows: state
            .outbox
            .rows
            .iter()
            .map(|row| raw(write_row(row)))
            .collect::<Result<_, _>>()?,
        alerts: state.outbox.alerts.clone(),
    };
    let json = serde_json::to_vec(&form).map_err(|error| error.to_string())?;
    zstd::bulk::compress(&json, LEVEL).map_err(|error| error.to_string())
}

/// The state of these bytes. A monitor whose definition today's validator refuses is left out, and
/// named in the second part.
pub(super) fn decode(bytes: &[u8]) -> Result<(BucketState, Vec<MonitorKey>), String> {
    let json = zstd::bulk::decompress(bytes, LARGEST).map_err(|error| error.to_string())?;
    let form: StateForm = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    if form.v != VERSION {
        return Err(format!(
            "it has version {}, this release reads version {VERSION}",
            form.v
        ));
    }
    read(form).map_err(|unreadable| unreadable.to_string())
}

fn read(form: StateForm) -> Result<(BucketState, Vec<MonitorKey>), Unreadable> {
    let keys: Vec<MonitorKey> = form
        .cases
        .iter()
        .map(|case| key_of(&case.m))
        .collect::<Result<_, _>>()?;
    let monitors = monitors(form.cases.iter().map(|case| &case.m).collect());
    let mut refused = Vec::new();
    let mut cases = Vec::new();
    for (case, key) in form.cases.into_iter().zip(keys) {
        let Some(monitor) = monitors.get(&key) else {
            refused.push(key);
            continue;
        };
        cases.push(CaseSnapshot {
            monitor: Arc::clone(monitor),
            history: case.h.read()?,
            written: case.w.map(|(maintenance, paused)| Overlays {
                maintenance,
                paused,
            }),
            last_row: case.l.read()?,
        });
    }
    let mut doubted = Vec::new();
    for one in form.doubted {
        let result = read_result(one.r.get(), &location(&one.l)?)
            .map_err(|error| Unreadable::new("the doubted result", error))?;
        let monitor = match one.m {
            Some(own) => monitors_of_one(own, &result.key),
            None => monitors.get(&result.key).cloned(),
        };
        // Of a monitor that is left out there is nothing to settle.
        doubted.extend(monitor.map(|monitor| DoubtedProbe { monitor, result }));
    }
    let mut guards = Vec::new();
    for (name, guard) in form.guards {
        guards.push((location(&name)?, guard.read()?));
    }
    let mut rows = Vec::new();
    for row in form.rows {
        let row = read_row(row.get());
        rows.push(row.map_err(|error| Unreadable::new("the undelivered row", error))?);
    }
    let ledger = LedgerSnapshot {
        cases,
        guards,
        doubted,
    };
    let outbox = Outbox {
        rows,
        alerts: form.alerts,
    };
    Ok((BucketState { ledger, outbox }, refused))
}

fn case_form(case: &CaseSnapshot) -> CaseForm {
    CaseForm {
        m: tidewatch_definitions::encode(&case.monitor),
        h: HistoryForm::of(&case.history),
        w: case
            .written
            .map(|overlays| (overlays.maintenance, overlays.paused)),
        l: TimeForm::of(case.last_row),
    }
}

fn doubted_forms(ledger: &LedgerSnapshot) -> Result<Vec<DoubtedForm>, String> {
    let current: HashMap<&MonitorKey, &Arc<Monitor>> = ledger
        .cases
        .iter()
        .map(|case| (&case.monitor.key, &case.monitor))
        .collect();
    let form = |one: &DoubtedProbe| {
        let is_current = current
            .get(&one.monitor.key)
            .is_some_and(|current| ***current == *one.monitor);
        Ok(DoubtedForm {
            m: (!is_current).then(|| tidewatch_definitions::encode(&one.monitor)),
            l: one.result.location.to_string(),
            r: raw(write_result(&one.result))?,
        })
    };
    ledger.doubted.iter().map(form).collect()
}

fn raw(json: Result<String, serde_json::Error>) -> Result<Box<RawValue>, String> {
    json.and_then(RawValue::from_string)
        .map_err(|error| error.to_string())
}

/// The definitions that today's validator takes. They were valid for the function that sent them,
/// so that the widest of the modes of AWS is right here.
fn monitors(definitions: Vec<&Value>) -> HashMap<MonitorKey, Arc<Monitor>> {
    let text = Value::from_iter(definitions.into_iter().cloned()).to_string();
    tidewatch_definitions::read(&text, "judging state", Format::Json, Mode::AwsInner)
        .monitors
        .into_iter()
        .map(|monitor| (monitor.key.clone(), Arc::new(monitor)))
        .collect()
}

fn monitors_of_one(definition: Value, key: &MonitorKey) -> Option<Arc<Monitor>> {
    monitors(vec![&definition]).remove(key)
}

fn key_of(definition: &Value) -> Result<MonitorKey, Unreadable> {
    let text = |name: &str| definition.get(name).and_then(Value::as_str);
    let key = text("tenant").zip(text("monitor_id"));
    let (tenant, id) = key.ok_or_else(|| Unreadable::new("the definition", definition))?;
    monitor_key(tenant, id)
}

/// The key of a tenant and a monitor id.
fn monitor_key(tenant: &str, monitor_id: &str) -> Result<MonitorKey, Unreadable> {
    use tidewatch_domain::{MonitorId, Tenant};
    Ok(MonitorKey {
        tenant: Tenant::try_new(tenant).map_err(|_| Unreadable::new("the tenant", tenant))?,
        monitor_id: MonitorId::try_new(monitor_id)
            .map_err(|_| Unreadable::new("the monitor id", monitor_id))?,
    })
}

fn location(name: &str) -> Result<Location, Unreadable> {
    Location::try_new(name).map_err(|_| Unreadable::new("the location", name))
}

#[cfg(test)]
mod tests;
