//! The definitions that the repository ships.

use std::collections::BTreeSet;
use std::time::Duration;

use tidewatch_definitions::{Definitions, Format, Mode, read};
use tidewatch_domain::Monitor;
use tidewatch_domain::monitor::{Connection, Kind};

const TEXT: &str = include_str!("../../../../dynamo_entries.json");

fn shipped() -> Definitions {
    read(TEXT, "dynamo_entries.json", Format::Json, Mode::Local)
}

#[test]
fn the_shipped_file_is_valid_without_a_warning() {
    let definitions = shipped();
    assert_eq!(definitions.faults, []);
    assert_eq!(definitions.warnings, []);
    assert!(
        (10..=25).contains(&definitions.monitors.len()),
        "{}",
        definitions.monitors.len()
    );
}

#[test]
fn it_shows_what_an_entry_can_say() {
    let monitors = shipped().monitors;
    let own = monitors
        .iter()
        .find(|monitor| monitor.target.ends_with("/healthz"))
        .unwrap();
    assert_eq!(own.target, "http://127.0.0.1:8086/healthz");
    assert_eq!(own.interval, Duration::from_secs(10));
    let kinds: BTreeSet<Kind> = monitors.iter().map(Monitor::kind).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "every kind has an example");
    assert!(
        monitors
            .iter()
            .any(|monitor| monitor.connection == Connection::Reuse)
    );
    assert!(
        monitors
            .iter()
            .any(|monitor| !monitor.maintenance.is_empty())
    );
    assert!(monitors.iter().any(|monitor| monitor.runbook_url.is_some()));
    let names: BTreeSet<&str> = monitors
        .iter()
        .map(|monitor| monitor.name.as_str())
        .collect();
    assert_eq!(
        names.len(),
        monitors.len(),
        "names are for telling monitors apart"
    );
    for monitor in &monitors {
        assert_ne!(
            monitor.name,
            monitor.key.monitor_id.as_str(),
            "a name is for people"
        );
        let outside = !monitor.target.starts_with("http://127.0.0.1");
        assert!(
            !outside || monitor.interval >= Duration::from_secs(60),
            "{}",
            monitor.key
        );
    }
}

#[test]
fn all_that_is_public_also_runs_in_aws() {
    let definitions = read(TEXT, "dynamo_entries.json", Format::Json, Mode::Aws);
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].contains("is a loopback address"), "{faults:#?}");
}
