//! What the Terraform configuration makes before anything is monitored.

use std::sync::LazyLock;

use serde::Deserialize;

/// The file that the tests of the Terraform configuration compare with a plan.
static INSTALLATION: LazyLock<Installation> = LazyLock::new(|| {
    toml::from_str(include_str!("installation.toml"))
        .expect("a test reads the file that is built in")
});

/// What is made at the configuration's defaults.
pub(super) fn installation() -> &'static Installation {
    &INSTALLATION
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Installation {
    pub(super) home: Home,
    pub(super) grafana: Grafana,
    pub(super) region: Region,
    pub(super) bridge: Bridge,
    pub(super) functions: Functions,
}

/// The home region, with any store, where the writer tells of outages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Home {
    pub(super) alarms: f64,
    /// Keys of KMS.
    pub(super) keys: f64,
    pub(super) secrets: f64,
    /// Queues that Lambda asks for messages.
    pub(super) polled_queues: f64,
}

/// What comes to it where Grafana finds outages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grafana {
    pub(super) alarms: f64,
}

/// Each further region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Region {
    pub(super) alarms: f64,
    pub(super) keys: f64,
    pub(super) polled_queues: f64,
}

/// What comes to it with a bridge.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bridge {
    pub(super) alarms: f64,
    pub(super) secrets: f64,
    /// Endpoints of services inside its network, in one zone.
    pub(super) interface_endpoints: f64,
    pub(super) root_volume_gb: f64,
    /// The volume of the rows, where it need not be larger.
    pub(super) data_volume_gb: f64,
    /// Daily snapshots of that volume.
    pub(super) snapshots_kept: f64,
}

/// Sizes of the functions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Functions {
    pub(super) monitor_memory_mb: f64,
    pub(super) writer_memory_mb: f64,
    /// Probes at once in one invocation of the monitor.
    pub(super) probes_at_once: f64,
}
