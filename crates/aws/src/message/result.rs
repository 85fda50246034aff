//! The JSON of a probe's result.

use serde::{Deserialize, Serialize};
use tidewatch_domain::{
    Attempt, Kind, Location, MonitorId, MonitorKey, ProbeResult, Tenant, Timestamp,
};

use super::certificates::{Met, MetOwned, gather, scatter};
use super::forms::{attempts, some_attempt};
use super::scalar::{by_name, time};

/// A result as it is written. Its location is the message's.
#[derive(Serialize)]
struct Written<'r> {
    tenant: &'r str,
    monitor_id: &'r str,
    #[serde(with = "by_name")]
    kind: Kind,
    #[serde(with = "time")]
    slot: Timestamp,
    #[serde(with = "time")]
    started_at: Timestamp,
    #[serde(with = "attempts")]
    samples: &'r [Attempt],
    skipped: u8,
    #[serde(with = "some_attempt", skip_serializing_if = "Option::is_none")]
    retry: &'r Option<Attempt>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    certificates: Vec<Met<'r>>,
}

/// A result as it is read.
#[derive(Deserialize)]
struct Read {
    tenant: String,
    monitor_id: String,
    #[serde(with = "by_name")]
    kind: Kind,
    #[serde(with = "time")]
    slot: Timestamp,
    #[serde(with = "time")]
    started_at: Timestamp,
    #[serde(with = "attempts")]
    samples: Vec<Attempt>,
    #[serde(default)]
    skipped: u8,
    #[serde(with = "some_attempt", default)]
    retry: Option<Attempt>,
    #[serde(default)]
    certificates: Vec<MetOwned>,
}

/// The JSON of `result`.
pub(crate) fn write(result: &ProbeResult) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Written {
        tenant: result.key.tenant.as_str(),
        monitor_id: result.key.monitor_id.as_str(),
        kind: result.kind,
        slot: result.slot,
        started_at: result.started_at,
        samples: &result.samples,
        skipped: result.skipped,
        retry: &result.retry,
        certificates: gather(result),
    })
}

/// The result that `json` holds. The error names the field.
pub(crate) fn read(json: &str, location: &Location) -> Result<ProbeResult, String> {
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    let read: Read = serde_path_to_error::deserialize(deserializer)
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
    let key = key(&read.tenant, &read.monitor_id)?;
    let mut result = ProbeResult {
        key,
        kind: read.kind,
        location: location.clone(),
        slot: read.slot,
        started_at: read.started_at,
        samples: read.samples,
        skipped: read.skipped,
        retry: read.retry,
    };
    scatter(read.certificates, &mut result)?;
    Ok(result)
}

fn key(tenant: &str, monitor_id: &str) -> Result<MonitorKey, String> {
    Ok(MonitorKey {
        tenant: Tenant::try_new(tenant).map_err(|error| format!("tenant: {error}"))?,
        monitor_id: MonitorId::try_new(monitor_id)
            .map_err(|error| format!("monitor_id: {error}"))?,
    })
}
