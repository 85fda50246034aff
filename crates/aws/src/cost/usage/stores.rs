//! Rows: written, kept and asked for.

use super::{GB, Month, Uses};
use crate::cost::bill::Part;
use crate::cost::prices::PriceId;
use crate::cost::{AlertSource, Architecture, MONTH_HOURS, MONTH_SECONDS};

impl Month<'_> {
    /// Bytes of rows in a month.
    fn row_bytes(&self) -> f64 {
        let (plan, assumed, flow) = (self.plan, self.assumed, &self.flow);
        let (monitors, locations) = (f64::from(plan.monitors), f64::from(plan.locations.max(1)));
        // Every location's state and the one over all, every five minutes.
        let states = monitors * (locations + 1.0) * MONTH_SECONDS / 300.0;
        let others = monitors * (1.0 + locations) * MONTH_HOURS + flow.invocations + flow.batches;
        flow.probes * assumed.probe_row_bytes
            + states * assumed.state_row_bytes
            + others * assumed.other_row_bytes
    }

    pub(super) fn timestream(&self, uses: &mut Uses) {
        let (plan, assumed) = (self.plan, self.assumed);
        let bytes = self.row_bytes();
        let hourly_gb = bytes / GB / MONTH_HOURS;
        uses.add(
            Part::Writes,
            "rows",
            PriceId::TimestreamWrites,
            bytes / 1_024.0,
        );
        uses.add(
            Part::Storage,
            "memory store",
            PriceId::TimestreamMemory,
            hourly_gb * f64::from(plan.memory_hours) * MONTH_HOURS,
        );
        uses.add(
            Part::Storage,
            "magnetic store",
            PriceId::TimestreamMagnetic,
            hourly_gb * f64::from(plan.kept_days) * 24.0,
        );

        let burst = assumed.query_units * assumed.query_s / 3_600.0;
        let mut ask = |part, what, bursts: f64| {
            uses.add(part, what, PriceId::TimestreamCompute, bursts * burst);
        };
        if plan.alert_source == AlertSource::Grafana {
            let evaluations = MONTH_SECONDS / assumed.evaluation_s;
            ask(Part::AlertQueries, "rules, every minute", evaluations);
        }
        let refreshes =
            f64::from(plan.viewers) * assumed.viewer_hours * 3_600.0 / assumed.refresh_s;
        // Nobody looks longer than the month has, however many look at once.
        let most = MONTH_SECONDS / assumed.query_s;
        ask(Part::DashboardQueries, "refreshes", refreshes.min(most));
        ask(Part::RollupQueries, "every hour", MONTH_HOURS);
    }

    pub(super) fn bridge(&self, uses: &mut Uses) {
        let (assumed, made) = (self.assumed, &self.made.bridge);
        let part = Part::Storage;
        uses.add(part, "the bridge's instance", self.instance(), MONTH_HOURS);
        uses.add(
            part,
            "endpoints in its network",
            PriceId::VpcEndpoint,
            made.interface_endpoints * MONTH_HOURS,
        );
        let rows = self.row_bytes() / assumed.probe_row_bytes;
        let daily_gb = rows * assumed.bridge_row_bytes / GB / MONTH_HOURS * 24.0;
        let kept_gb = daily_gb * f64::from(self.plan.kept_days);
        // Room for the log and for compaction beside what is kept.
        let volume_gb = made.data_volume_gb.max(2.0 + 1.3 * kept_gb).ceil();
        let disks_gb = made.root_volume_gb + volume_gb;
        uses.add(part, "its disks", PriceId::Ebs, disks_gb);
        let changes_gb = made.snapshots_kept * assumed.rewrites * daily_gb;
        let snapshots_gb = kept_gb + changes_gb;
        uses.add(part, "snapshots", PriceId::EbsSnapshots, snapshots_gb);
    }

    /// The smallest instance that has the memory for so many probes a second.
    fn instance(&self) -> PriceId {
        let arm = self.plan.architecture == Architecture::Arm;
        match self.flow.probes / MONTH_SECONDS {
            rate if rate <= 50.0 && arm => PriceId::Ec2T4gMicro,
            rate if rate <= 50.0 => PriceId::Ec2T3Micro,
            rate if rate <= 200.0 && arm => PriceId::Ec2T4gSmall,
            rate if rate <= 200.0 => PriceId::Ec2T3Small,
            _ if arm => PriceId::Ec2T4gMedium,
            _ => PriceId::Ec2T3Medium,
        }
    }
}
