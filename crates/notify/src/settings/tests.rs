use std::sync::Arc;

use serde_json::{Value, json};
use tidewatch_testkit::ManualClock;

use super::*;

fn resolve(settings: Value) -> Result<Resolved, String> {
    let settings: Settings = serde_json::from_value(settings).map_err(|error| error.to_string())?;
    let variable = |name: &str| match name {
        "TIDEWATCH_SECRET_KEY" => Some("k".repeat(40)),
        "TIDEWATCH_SECRET_SHORT" => Some("short".to_owned()),
        "TIDEWATCH_SECRET_URL" => Some("https://hooks.example/T0/secret".to_owned()),
        _ => None,
    };
    let topic = |_: &TopicSettings| Err("no topics here".to_owned());
    let sources = Sources {
        variable: &variable,
        topic: &topic,
        clock: Arc::new(ManualClock::default()),
    };
    settings
        .resolve(&sources)
        .map_err(|error| error.to_string())
}

#[test]
fn the_defaults_are_for_this_machine_only() {
    let resolved = resolve(json!({})).unwrap();
    assert!(resolved.authenticator.is_open());
    assert_eq!(resolved.subscriptions.len(), 1);
    let refused = resolve(json!({ "listen": "0.0.0.0:8088" })).unwrap_err();
    assert!(refused.contains("name a secret"), "{refused}");
    let resolved = resolve(json!({
        "listen": "0.0.0.0:8088", "hmac": ["env:TIDEWATCH_SECRET_KEY"],
    }))
    .unwrap();
    assert!(!resolved.authenticator.is_open());
}

#[test]
fn every_fault_is_reported_at_once() {
    let faults = resolve(json!({
        "listen": "0.0.0.0:8088",
        "hmac": ["env:TIDEWATCH_SECRET_SHORT", "env:TIDEWATCH_SECRET_GONE"],
        "grafana": "grafana.example",
        "flapping-outages": 1,
        "channels": [
            { "kind": "slack", "name": "a", "url": "ftp://x" },
            { "kind": "console", "name": "a" },
            { "kind": "console", "name": "b", "audience": { "least": "worst" } },
            { "kind": "command", "name": "c", "command": [] },
            { "kind": "mail", "name": "d", "host": "mail", "from": "nobody", "to": ["x@y.example"] },
            { "kind": "mail", "name": "e", "host": "mail", "from": "x@y.example", "to": [] },
            { "kind": "sns", "name": "f", "topic": "t" },
        ],
    }))
    .unwrap_err();
    for part in [
        "`hmac`: the variable TIDEWATCH_SECRET_GONE is not set",
        "hmac secret number 1 has 5 bytes",
        "`grafana` is `grafana.example`",
        "`flapping-outages` is 1",
        "channel `a`: `url` is not an http or https address",
        "channel `a`: every channel needs a name of its own",
        "channel `b`: `least` is `worst`",
        "channel `c`: `command` is empty",
        "channel `d`: `nobody` is not a mail address",
        "channel `e`: `to` is empty",
        "channel `f`: no topics here",
    ] {
        assert!(faults.contains(part), "{part} is not in:\n{faults}");
    }
}

#[test]
fn secrets_are_never_written_into_settings() {
    for place in ["hunter2", "env:HOME", "ssm:/x"] {
        let error = resolve(json!({ "hmac": [place] })).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(error.contains("TIDEWATCH_SECRET_"), "{error}");
    }
    let resolved = resolve(json!({ "channels": [
        { "kind": "slack", "name": "s", "url": "env:TIDEWATCH_SECRET_URL" },
    ] }))
    .unwrap();
    assert_eq!(resolved.subscriptions[0].channel.name(), "s");
}

#[test]
fn unknown_fields_are_refused() {
    for settings in [
        json!({ "chanels": [] }),
        json!({ "channels": [{ "kind": "console", "name": "x", "colour": "red" }] }),
        json!({ "channels": [{ "kind": "pigeon", "name": "x" }] }),
        json!({ "channels": [] }),
    ] {
        assert!(resolve(settings).is_err());
    }
}

#[test]
fn a_password_never_travels_in_clear_text() {
    let refused = resolve(json!({ "channels": [{
        "kind": "mail", "name": "m", "host": "mail.example", "tls": "none", "user": "u",
        "password": "env:TIDEWATCH_SECRET_KEY", "from": "a@b.example", "to": ["c@d.example"],
    }] }))
    .unwrap_err();
    assert!(refused.contains("clear text"), "{refused}");
}
