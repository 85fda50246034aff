//! What counts as slow, and what is promised.

use std::time::Duration;

use tidewatch_domain::monitor::{Slo, Thresholds};

use crate::fields::Fields;
use crate::node::Node;
use crate::quantity::written;
use crate::report::Report;
use crate::tree::Value;

/// A day, in milliseconds: no latency is ever that long.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;
/// The longest lifetime of certificates that browsers ever accepted, in days.
const LONGEST_CERT_DAYS: u64 = 3_650;

/// The short window of the alert on a fast burn (`grafana/generator/src/rules/burn.ts`).
const SHORT_WINDOW: Duration = Duration::from_secs(5 * 60);
/// The fewest bad probes in it.
const SHORT_WINDOW_BAD: u32 = 2;

/// The field `thresholds`.
pub(super) fn thresholds(fields: &mut Fields<'_>, report: &mut Report) -> Thresholds {
    let mut thresholds = Thresholds::default();
    let Some(node) = fields.get("thresholds") else {
        return thresholds;
    };
    let remedy = "write a map, like `{degraded_ms: 800}`";
    let Some(mut fields) = node.fields(remedy, report) else {
        return thresholds;
    };

    let degraded = fields.given("degraded_ms");
    let exceeded = fields.get("exceeded_ms");
    if let Some(node) = &exceeded {
        thresholds.exceeded = limit(node, report);
    }
    match &degraded {
        Some(node) => {
            thresholds.degraded = limit(node, report);
            if let (Some(soft), Some(hard)) = (thresholds.degraded, thresholds.exceeded)
                && soft >= hard
            {
                let remedy = "use a smaller degraded_ms or a larger exceeded_ms";
                report.fault(node, "must be smaller than exceeded_ms", remedy);
            }
        }
        // The default must not contradict a tight hard limit.
        None => {
            thresholds.degraded = match (thresholds.degraded, thresholds.exceeded) {
                (Some(soft), Some(hard)) => Some(soft.min(hard / 2)),
                (soft, _) => soft,
            };
        }
    }
    if let Some(days) = fields
        .get("cert_days")
        .and_then(|node| node.whole(0..=LONGEST_CERT_DAYS, report))
    {
        thresholds.cert_days = u32::try_from(days).unwrap_or(u32::MAX);
    }
    fields.finish(
        &[("degraded", "degraded_ms"), ("exceeded", "exceeded_ms")],
        report,
    );
    thresholds
}

/// The field `slo`.
pub(super) fn slo(fields: &mut Fields<'_>, report: &mut Report) -> Slo {
    let mut slo = Slo::default();
    let Some(node) = fields.get("slo") else {
        return slo;
    };
    let remedy = "write a map, like `{availability: 99.9}`";
    let Some(mut fields) = node.fields(remedy, report) else {
        return slo;
    };

    if let Some(node) = fields.get("availability") {
        let remedy = "write a percentage like 99.9, at least 50 and below 100";
        if let Some(percent) = node.decimal(remedy, report) {
            if (50.0..100.0).contains(&percent) {
                slo.availability = percent;
            } else {
                report.fault(&node, "is out of range", remedy);
            }
        }
    }
    slo.latency = fields
        .get("latency_ms")
        .and_then(|node| limit(&node, report));
    fields.finish(
        &[("uptime", "availability"), ("latency", "latency_ms")],
        report,
    );
    slo
}

/// Says where a promise that is named cannot be watched as closely as others: the alert on a budget
/// that is spent fast wants [`SHORT_WINDOW_BAD`] bad probes within [`SHORT_WINDOW`].
pub(super) fn warn_of_rare_probes(
    fields: &mut Fields<'_>,
    interval: Duration,
    locations: usize,
    report: &mut Report,
) {
    let longest = SHORT_WINDOW / SHORT_WINDOW_BAD;
    let between = interval / u32::try_from(locations.max(1)).unwrap_or(u32::MAX);
    let promise = fields
        .get("slo")
        .and_then(|node| node.tree.get("availability"));
    let (Some(node), Some(_)) = (fields.get("slo"), promise) else {
        return;
    };
    if between > longest {
        report.warn(
            &node,
            format!(
                "is not watched by the alert on a fast burn, which wants {SHORT_WINDOW_BAD} bad \
                 probes within {}",
                written(SHORT_WINDOW)
            ),
            format!(
                "probe every {} or more often, or rely on the alerts on outages and slow burns",
                written(longest * u32::try_from(locations.max(1)).unwrap_or(u32::MAX))
            ),
        );
    }
}

/// A limit in whole milliseconds; null and 0 switch it off.
fn limit(node: &Node<'_>, report: &mut Report) -> Option<Duration> {
    if matches!(node.tree.value, Value::Null) {
        return None;
    }
    let millis = node.whole(0..=LONGEST_MS, report)?;
    (millis > 0).then(|| Duration::from_millis(millis))
}
