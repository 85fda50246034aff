//! Which of our crates may depend on which: the direction that ARCHITECTURE.md draws.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Every crate with what it may depend on. A new edge is a decision: make it here and in
/// ARCHITECTURE.md.
const ALLOWED: &[(&str, &[&str])] = &[
    ("tidewatch-domain", &[]),
    ("tidewatch-wire", &[]),
    ("tidewatch-store", &[]),
    ("tidewatch-sql", &[]),
    ("tidewatch-definitions", &["tidewatch-domain"]),
    (
        "tidewatch-alerting",
        &["tidewatch-definitions", "tidewatch-domain"],
    ),
    ("tidewatch-probe", &["tidewatch-domain"]),
    (
        "tidewatch-bridge",
        &["tidewatch-wire", "tidewatch-sql", "tidewatch-store"],
    ),
    ("tidewatch-telemetry", &["tidewatch-domain"]),
    ("tidewatch-notify", &["tidewatch-domain"]),
    (
        "tidewatch-aws",
        &[
            "tidewatch-definitions",
            "tidewatch-domain",
            "tidewatch-notify",
            "tidewatch-telemetry",
        ],
    ),
    ("tidewatch-lambda-config", IN_LAMBDA),
    ("tidewatch-lambda-monitor", IN_LAMBDA),
    ("tidewatch-lambda-writer", IN_LAMBDA),
    ("tidewatch-lambda-alert-webhook", IN_LAMBDA),
    (
        "tidewatch",
        &[
            "tidewatch-alerting",
            "tidewatch-aws",
            "tidewatch-bridge",
            "tidewatch-definitions",
            "tidewatch-domain",
            "tidewatch-notify",
            "tidewatch-probe",
            "tidewatch-sql",
            "tidewatch-store",
            "tidewatch-wire",
        ],
    ),
    ("tidewatch-telemetry", &["tidewatch-domain"]),
    ("tidewatch-testkit", &["tidewatch-domain"]),
];

/// What a function in Lambda may be made of: nothing of the bridge, so that none of them carries a
/// query engine.
const IN_LAMBDA: &[&str] = &[
    "tidewatch-aws",
    "tidewatch-definitions",
    "tidewatch-domain",
    "tidewatch-notify",
    "tidewatch-probe",
    "tidewatch-telemetry",
];

/// What the core must never reach: runtimes, sockets, files, formats. `serde_json` is there for its
/// `Value`, in which assertions look around; without `serde` no type of ours has an outside shape.
const FORBIDDEN_IN_DOMAIN: &[&str] = &[
    "tokio",
    "hyper",
    "reqwest",
    "axum",
    "serde",
    "datafusion",
    "arrow",
    "redb",
];

fn metadata() -> Value {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
            "--locked",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// The names that each package depends on outside of tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let names = package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| dependency["name"].as_str().expect("a name").to_owned())
                .collect();
            (package["name"].as_str().expect("a name").to_owned(), names)
        })
        .collect()
}

#[test]
fn dependencies_point_inwards_only() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    for (package, names) in dependencies() {
        let of_package = allowed.get(package.as_str()).copied().unwrap_or_else(|| {
            panic!("{package} is new: say in tests/e2e/architecture.rs what it may depend on")
        });
        for name in names.iter().filter(|name| name.starts_with("tidewatch")) {
            assert!(
                of_package.contains(&name.as_str()),
                "{package} must not depend on {name}; see the code map in ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn the_core_does_no_io_and_only_two_crates_know_the_query_engine() {
    let dependencies = dependencies();
    for name in FORBIDDEN_IN_DOMAIN {
        assert!(
            !dependencies["tidewatch-domain"].contains(*name),
            "domain depends on {name}"
        );
    }
    for (package, names) in &dependencies {
        let may = ["tidewatch-sql", "tidewatch-store"].contains(&package.as_str());
        assert!(
            may || !names.contains("datafusion"),
            "{package} depends on datafusion"
        );
    }
}

#[test]
fn test_support_is_never_shipped() {
    for (package, names) in dependencies() {
        assert!(
            !names.contains("tidewatch-testkit"),
            "{package} ships the testkit"
        );
    }
}
