//! The names that dashboards and alert rules may use, as a file that their generator reads.
//!
//! `TIDEWATCH_UPDATE_EXPECTED=1 cargo test -p tidewatch-domain --test schema_json` rewrites it.

use std::path::PathBuf;

use tidewatch_domain::cause::{ErrorClass, ErrorOwner};
use tidewatch_domain::judge::{State, Verdict};
use tidewatch_domain::name::{Location, MonitorId, Tenant};
use tidewatch_domain::rows::Overlays;
use tidewatch_domain::schema::{self, MeasureType, dimension, measure, measure_name};
use tidewatch_domain::summary::Outcome;

const FILE: &str = "../../grafana/generator/schema.json";

#[test]
fn the_generator_of_dashboards_knows_the_names_of_the_schema() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = document();
    if std::env::var_os("TIDEWATCH_UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap();
    assert!(
        found == wanted,
        "{} is stale: run `TIDEWATCH_UPDATE_EXPECTED=1 cargo test -p tidewatch-domain \
         --test schema_json`, then generate the dashboards again",
        path.display()
    );
}

fn document() -> String {
    let same = |names: &[&str]| object(names.iter().map(|name| (*name, text(name))));
    let sections = [
        ("database", text(schema::DATABASE)),
        ("table", text(schema::TABLE)),
        ("attempts_suffix", text(schema::ATTEMPTS_SUFFIX)),
        ("system_tenant", text(Tenant::system().as_str())),
        ("all_locations", text(Location::all().as_str())),
        (
            "dimensions",
            same(&[
                dimension::TENANT,
                dimension::MONITOR_ID,
                dimension::LOCATION,
                dimension::KIND,
                dimension::ATTEMPT,
            ]),
        ),
        (
            "measure_names",
            same(&[
                measure_name::PROBE,
                measure_name::ATTEMPT,
                measure_name::STATE,
                measure_name::MONITOR,
                measure_name::OPS,
                measure_name::ROLLUP,
                measure_name::NOTIFICATION,
                measure_name::SCHEMA,
            ]),
        ),
        (
            "states",
            same(
                &State::ALL
                    .iter()
                    .map(|state| state.name())
                    .collect::<Vec<_>>(),
            ),
        ),
        (
            "outcomes",
            same(&[
                Outcome::Ok.name(),
                Outcome::Degraded.name(),
                Outcome::Fail.name(),
                Outcome::Unknown.name(),
                Outcome::Missed.name(),
            ]),
        ),
        (
            "overlays",
            same(&all_overlays().split(',').collect::<Vec<_>>()),
        ),
        (
            "error_owners",
            same(&[
                ErrorOwner::Target.name(),
                ErrorOwner::Network.name(),
                ErrorOwner::Prober.name(),
                ErrorOwner::Config.name(),
            ]),
        ),
        (
            "error_classes",
            object(
                ErrorClass::ALL
                    .iter()
                    .map(|class| (class.name(), text(class.owner().name()))),
            ),
        ),
        (
            "measures",
            object(measure::ALL.iter().map(|measure| {
                let fields = [
                    ("type", text(type_name(measure.measure_type))),
                    ("meaning", text(measure.meaning.trim())),
                ];
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{}: {value}", text(key)))
                    .collect();
                (measure.name, format!("{{ {} }}", fields.join(", ")))
            })),
        ),
    ];
    let mut document = object(sections);
    document.push('\n');
    document
}

/// The names of every overlay, separated by commas.
fn all_overlays() -> String {
    let verdict = Verdict {
        degraded: true,
        flapping: true,
        suppressed_by: Some(MonitorId::component("above")),
        network_lost: true,
        ..Verdict::unknown()
    };
    let overlays = Overlays {
        maintenance: true,
        paused: true,
    };
    overlays.names(&verdict)
}

/// A JSON object, one member a line; nested objects are indented by their depth.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let lines: Vec<String> = members
        .into_iter()
        .map(|(key, value)| format!("\n  {}: {}", text(key), value.replace('\n', "\n  ")))
        .collect();
    format!("{{{}\n}}", lines.join(","))
}

/// A JSON string. Names and meanings are ASCII, where Rust's escapes are JSON's.
fn text(value: &str) -> String {
    assert!(
        value.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "`{value}` is not plain ASCII"
    );
    format!("{value:?}")
}

const fn type_name(measure_type: MeasureType) -> &'static str {
    match measure_type {
        MeasureType::Double => "double",
        MeasureType::Bigint => "bigint",
        MeasureType::Varchar => "varchar",
        MeasureType::Boolean => "boolean",
        MeasureType::Timestamp => "timestamp",
    }
}
