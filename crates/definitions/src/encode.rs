//! A monitor as JSON in the plain shape, every field present.

use std::time::Duration;

use jiff::civil::Weekday;
use serde_json::{Map, Value, json};
use tidewatch_domain::Monitor;
use tidewatch_domain::monitor::{
    AddressFamily, Assertion, Bounds, Check, Connection, DnsAssertion, DnsCheck, DnsTransport,
    HttpCheck, MaintenanceWindow, Network, Occurs, Redirects, SecretText, TextTest,
};

use crate::decode::carries_credentials;
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
        "interval": written(monitor.interval),
        "attempts": monitor.attempts,
        "connection": match monitor.connection {
            Connection::Fresh => "fresh",
            Connection::Reuse => "reuse",
        },
        "timeouts": {
            "connect": written(monitor.timeouts.connect),
            "attempt": written(monitor.timeouts.attempt),
            "probe": written(monitor.timeouts.probe),
        },
        "request": request(&monitor.check),
        "assertions": monitor.assertions.iter().map(assertion).collect::<Vec<_>>(),
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
        Check::Http(check) => http(check),
        Check::Dns(check) => dns(check),
    }
}

fn http(check: &HttpCheck) -> Value {
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &check.headers {
        let value = Value::String(shown(name, value));
        match headers.get_mut(name) {
            None => {
                headers.insert(name.clone(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(single) => *single = Value::Array(vec![single.take(), value]),
        }
    }
    let mut request = json!({
        "method": check.method,
        "headers": headers,
        "body": check.body.as_ref().map(ToString::to_string),
        "redirects": match check.redirects {
            Redirects::Stop => json!("stop"),
            Redirects::Follow { max } => json!({ "max": max }),
        },
        "body_limit": check.body_limit,
    });
    reached(&mut request, &check.network);
    request
}

fn dns(check: &DnsCheck) -> Value {
    let mut request = json!({
        "server": check.server.as_ref().map(ToString::to_string),
        "type": check.record_type.name(),
        "transport": check.transport.map(DnsTransport::name),
        "recursion": check.recursion,
        "edns_size": check.edns_size.unwrap_or(0),
        "dnssec": check.dnssec,
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

fn shown(name: &str, value: &SecretText) -> String {
    if carries_credentials(name) && value.references().next().is_none() {
        "(hidden)".to_owned()
    } else {
        value.to_string()
    }
}

fn assertion(assertion: &Assertion) -> Value {
    match assertion {
        Assertion::Status(set) => {
            let ranges = set.to_string();
            json!({ "on": "status", "is": ranges.split(", ").collect::<Vec<_>>() })
        }
        Assertion::Header { name, test } => {
            let (verb, text) = text_test(test);
            json!({ "on": "header", "name": name, verb: text })
        }
        Assertion::Body(test) => {
            let (verb, text) = text_test(test);
            json!({ "on": "body", verb: text })
        }
        Assertion::Dns(assertion) => dns_assertion(assertion),
    }
}

fn dns_assertion(assertion: &DnsAssertion) -> Value {
    let bounds = |on: &str, bounds: &Bounds| json!({ "on": on, "at_least": bounds.at_least, "at_most": bounds.at_most });
    match assertion {
        DnsAssertion::Rcode(codes) => {
            let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
            json!({ "on": "dns_rcode", "is": codes })
        }
        DnsAssertion::Answer { which, test } => {
            let (verb, text) = text_test(test);
            json!({ "on": "dns_answer", which.name(): { verb: text } })
        }
        DnsAssertion::Count(count) => bounds("dns_count", count),
        DnsAssertion::Ttl(ttl) => bounds("dns_ttl", ttl),
        DnsAssertion::Flag { flag, is } => {
            json!({ "on": "dns_flag", "flag": flag.name(), "is": is })
        }
    }
}

fn text_test(test: &TextTest) -> (&'static str, &str) {
    match test {
        TextTest::Equals(text) => ("equals", text),
        TextTest::Contains(text) => ("contains", text),
        TextTest::NotContains(text) => ("not_contains", text),
        TextTest::Matches(regex) => ("matches", regex.as_str()),
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
