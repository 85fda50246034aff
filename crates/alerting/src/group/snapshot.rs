//! Groups on disk.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dispatcher::{Dispatcher, Group};
use super::log::Log;
use super::route::Routing;

/// The version of the form below; a reader refuses others.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    groups: &'a BTreeMap<String, Group>,
    log: &'a Log,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: u32,
    groups: BTreeMap<String, Group>,
    log: Log,
}

impl Dispatcher {
    /// All of it but the default route, as an object with a `version`.
    pub fn snapshot(&self) -> Value {
        let written = Written {
            version: VERSION,
            groups: &self.groups,
            log: &self.log,
        };
        serde_json::to_value(written).expect("maps have texts as keys, and numbers are finite")
    }

    /// What [`Dispatcher::snapshot`] gave, with the default route as it is now: alerts that went by
    /// another one are led anew, and the clocks of groups that stay go on.
    ///
    /// # Errors
    ///
    /// Another version, or no snapshot at all.
    pub fn restore(snapshot: &Value, routing: Routing) -> Result<Self, String> {
        let read = Read::deserialize(snapshot)
            .map_err(|error| format!("no snapshot of alert groups: {error}"))?;
        if read.version != VERSION {
            return Err(format!(
                "the snapshot of alert groups has version {}; this program reads version {VERSION}",
                read.version
            ));
        }
        let mut dispatcher = Dispatcher {
            routing,
            groups: BTreeMap::new(),
            log: read.log,
        };
        for old in read.groups.into_values() {
            for (fingerprint, alert) in old.alerts {
                let group = dispatcher.group_of(&alert, old.next);
                group.next = old.next;
                group.flushed = old.flushed;
                group.alerts.insert(fingerprint, alert);
            }
        }
        Ok(dispatcher)
    }
}
