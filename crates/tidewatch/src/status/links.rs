//! Links of alerts lead to a Grafana. Where there is none, this page takes its place: a link to the
//! dashboard of a monitor leads to its page, every other one to the overview.

use axum::extract::Query;
use axum::response::Redirect;
use serde::Deserialize;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};

use super::monitor;

/// The variables of a dashboard.
#[derive(Debug, Deserialize)]
pub(super) struct Variables {
    #[serde(rename = "var-tenant")]
    tenant: Option<String>,
    #[serde(rename = "var-monitor")]
    monitor: Option<String>,
}

impl Variables {
    /// The monitor that they choose.
    fn monitor(self) -> Option<MonitorKey> {
        Some(MonitorKey {
            tenant: Tenant::try_new(self.tenant?).ok()?,
            monitor_id: MonitorId::try_new(self.monitor?).ok()?,
        })
    }
}

/// `/d/tidewatch-monitor?var-tenant=acme&var-monitor=shop`.
pub(super) async fn of_dashboard(Query(variables): Query<Variables>) -> Redirect {
    match variables.monitor() {
        Some(key) => Redirect::to(&monitor::path(&key)),
        None => Redirect::to("/"),
    }
}

/// `/alerting/grafana/tidewatch-down/view`, `/alerting/silence/new`.
pub(super) async fn of_alerting() -> Redirect {
    Redirect::to("/#alerts")
}
