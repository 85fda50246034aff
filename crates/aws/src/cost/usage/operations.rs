//! Logs, metrics, alarms, traces, secrets and keys.

use super::{GB, Month, Uses};
use crate::cost::bill::Part;
use crate::cost::prices::PriceId;
use crate::cost::{AlertSource, MONTH_SECONDS, StoreKind};

impl Month<'_> {
    pub(super) fn operations(&self, uses: &mut Uses) {
        let (plan, assumed, made) = (self.plan, self.assumed, self.made);
        let part = Part::Operations;
        let abroad = self.abroad();
        let invocations = self.flow.invocations + self.flow.batches;

        let logs = invocations * assumed.log_bytes / GB;
        uses.add(part, "logs", PriceId::Logs, logs);
        let mut metrics = assumed.metrics + abroad * assumed.region_metrics;
        let mut alarms = made.home.alarms + abroad * made.region.alarms;
        let mut secrets = made.home.secrets;
        if plan.alert_source == AlertSource::Grafana {
            metrics += assumed.grafana_metrics;
            alarms += made.grafana.alarms;
        }
        if plan.store == StoreKind::Bridge {
            alarms += made.bridge.alarms;
            secrets += made.bridge.secrets;
        }
        uses.add(part, "metrics", PriceId::Metrics, metrics);
        uses.add(part, "alarms", PriceId::Alarms, alarms);
        uses.add(part, "secrets", PriceId::Secrets, secrets);
        let keys = made.home.keys + abroad * made.region.keys;
        uses.add(part, "keys", PriceId::KmsKeys, keys);
        let key_requests = (1.0 + abroad) * assumed.key_requests;
        uses.add(part, "use of keys", PriceId::KmsRequests, key_requests);
        if plan.tracing {
            // X-Ray's default rule: the first of every second, and one of twenty of the others.
            let firsts = invocations.min(MONTH_SECONDS);
            let traces = firsts + 0.05 * (invocations - firsts);
            uses.add(part, "traces, at most", PriceId::Traces, traces);
        }
    }
}
