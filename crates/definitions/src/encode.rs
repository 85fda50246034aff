//! A monitor as JSON in the plain shape, every field present.

mod assertion;
mod http;
mod sockets;

use std::time::Duration;

use jiff::civil::Weekday;
use serde_json::{Map, Value, json};
use tidewatch_domain::Monitor;
use tidewatch_domain::monitor::{
    AddressFamily, Check, Connection, DnsCheck, DnsTransport, MaintenanceWindow, Network, Occurs,
};

use crate::quantity::written;

/// The monitor with all defaults filled in, in the shape that [`crate::read`] takes: reading it
/// gives the same monitor.
///
/// References to secrets are written as references. The one thing that does not come back is a
/// credential that a definition holds in clear text: its header's value is `(hidden)`, because the
/// result is meant to be shown.
pub fn encode(monitor: &Monitor) -> Value {
    let locations: Vec<&str> = monitor.locations.iter().map(|name| name.as_str()).collect();
    json!({
        "tenant": monitor.key.tenant.as_str(),
        "monitor_id": monitor.key.monitor_id.as_str(),
        "name": monitor.name,
        "enabled": monitor.enabled,
        "kind": monitor.kind().name(),
        "target": monitor.target,
        "expect": monitor.expect.name(),
        "interval": written(monitor.interval),
        "attempts": monitor.attempts,
        "connection": match monitor.connection {
            Connection::Fresh => "fresh",
            Connection::Reuse => "reuse",
        },
        "timeouts": {
            "connect": written(monitor.timeouts.connect),
            "tls": monitor.timeouts.tls.map(written),
            "header": monitor.timeouts.header.map(written),
            "attempt": written(monitor.timeouts.attempt),
            "probe": written(monitor.timeouts.probe),
        },
        "request": request(&monitor.check),
        "assertions": monitor.assertions.iter().map(assertion::assertion).collect::<Vec<_>>(),
        "thresholds": {
            "degraded_ms": monitor.thresholds.degraded.map(millis),
            "exceeded_ms": monitor.thresholds.exceeded.map(millis),
            "cert_days": monitor.thresholds.cert_days,
        },
        "confirmations": monitor.confirmations,
        "recoveries": monitor.recoveries,
        "failures": monitor.failures.map(|share| json!({ "count": share.count, "of": share.of })),
        "locations": locations,
        "quorum": monitor.quorum,
        "slo": {
            "availability": monitor.slo.availability,
            "latency_ms": monitor.slo.latency.map(millis),
        },
        "maintenance": monitor.maintenance.iter().map(window).collect::<Vec<_>>(),
        "severity": monitor.severity.name(),
        "team": monitor.team,
        "runbook_url": monitor.runbook_url,
        "labels": monitor.labels,
        "parent": monitor.parent.as_ref().map(|parent| parent.as_str()),
        "reference": monitor.reference,
    })
}

fn request(check: &Check) -> Value {
    match check {
        Check::Http(check) => http::http(check),
        Check::Dns(check) => dns(check),
        Check::Tcp(check) => sockets::tcp(check),
        Check::Tls(check) => sockets::tls(check),
    }
}

fn dns(check: &DnsCheck) -> Value {
    let mut request = json!({
        "server": check.server.as_ref().map(ToString::to_string),
        "type": check.record_type.name(),
        "transport": check.transport.map(DnsTransport::name),
        "recursion": check.recursion,
        "edns_size": check.edns_size.unwrap_or(0),
        "dnssec": check.dnssec,
        "tls": (check.transport == Some(DnsTransport::Tls))
            .then(|| sockets::options(&check.tls, false)),
    });
    reached(&mut request, &check.network);
    request
}

/// Adds the fields that the requests of all kinds have.
fn reached(request: &mut Value, network: &Network) {
    request["family"] = json!(family(network));
    request["resolver"] = json!(network.resolver.map(|resolver| resolver.to_string()));
    request["address"] = json!(network.address.map(|address| address.to_string()));
}

fn family(network: &Network) -> &'static str {
    match network.family {
        AddressFamily::Any => "any",
        AddressFamily::V4 => "v4",
        AddressFamily::V6 => "v6",
    }
}

fn window(window: &MaintenanceWindow) -> Value {
    let mut fields = Map::new();
    fields.insert("timezone".to_owned(), json!(window.zone.iana_name()));
    match &window.occurs {
        Occurs::Daily => {}
        Occurs::Weekly(days) => {
            let days: Vec<&str> = days.iter().map(|day| day_name(*day)).collect();
            fields.insert("days".to_owned(), json!(days));
        }
        Occurs::On(dates) => {
            let dates: Vec<String> = dates.iter().map(ToString::to_string).collect();
            fields.insert("dates".to_owned(), json!(dates));
        }
    }
    let start = format!("{:02}:{:02}", window.start.hour(), window.start.minute());
    fields.insert("start".to_owned(), json!(start));
    fields.insert("duration".to_owned(), json!(written(window.duration)));
    Value::Object(fields)
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
