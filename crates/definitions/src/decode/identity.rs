//! Who a monitor is: key, name, parent.

use tidewatch_domain::monitor::limits;
use tidewatch_domain::name::NameError;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};

use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

/// Tenant and monitor id, both required.
pub(super) fn key(fields: &mut Fields<'_>, report: &mut Report) -> Option<MonitorKey> {
    let tenant = fields
        .required(
            "tenant",
            "name who the monitor belongs to, like `demo`",
            report,
        )
        .and_then(|node| name_of(&node, Tenant::try_new, report));
    let monitor_id = fields
        .required(
            "monitor_id",
            "give it a name within the tenant, like `shop-home`",
            report,
        )
        .and_then(|node| name_of(&node, MonitorId::try_new, report));
    Some(MonitorKey {
        tenant: tenant?,
        monitor_id: monitor_id?,
    })
}

/// The name shown to people; the monitor id by default.
pub(super) fn name(
    fields: &mut Fields<'_>,
    key: Option<&MonitorKey>,
    report: &mut Report,
) -> Option<String> {
    match fields.get("name") {
        Some(node) => node.line(limits::TEXT, report).map(str::to_owned),
        None => key.map(|key| key.monitor_id.to_string()),
    }
}

/// The monitor without which this one cannot work.
pub(super) fn parent(
    fields: &mut Fields<'_>,
    key: Option<&MonitorKey>,
    report: &mut Report,
) -> Option<MonitorId> {
    let node = fields.get("parent")?;
    let parent = name_of(&node, MonitorId::try_new, report)?;
    if key.is_some_and(|key| key.monitor_id == parent) {
        report.fault(
            &node,
            "is the monitor itself",
            "name another monitor, or remove the field",
        );
    }
    Some(parent)
}

/// Whether the target is one by which a location tells that its own network is lost.
pub(super) fn reference(fields: &mut Fields<'_>, report: &mut Report) -> bool {
    fields
        .get("reference")
        .and_then(|node| node.boolean(report))
        .unwrap_or(false)
}

/// A name of the domain.
pub(super) fn name_of<T>(
    node: &Node<'_>,
    try_new: impl FnOnce(String) -> Result<T, NameError>,
    report: &mut Report,
) -> Option<T> {
    let text = node.text(report)?;
    try_new(text.to_owned())
        .map_err(|error| report.fault(node, "is not a usable name", error.rule))
        .ok()
}
