//! What a plan uses up in a month.

mod operations;
mod stores;

use super::assumptions::Assumptions;
use super::bill::Part;
use super::installation::{Installation, installation};
use super::prices::PriceId;
use super::{Architecture, Layout, MONTH_SECONDS, Plan, StoreKind};

/// Bytes that SQS counts as one request.
const SQS_CHUNK: f64 = 64.0 * 1_024.0;
/// The longest message that is sent.
const MESSAGE: f64 = 256.0 * 1_024.0;
/// Monitors for which a rule each is the default.
const PER_MONITOR_MOST: u32 = 250;
const GB: f64 = 1e9;
/// Megabytes of memory at which Lambda counts a gigabyte.
const LAMBDA_GB: f64 = 1_024.0;

/// So much of one thing, for one purpose.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) part: Part,
    pub(super) what: &'static str,
    pub(super) price: PriceId,
    pub(super) quantity: f64,
}

/// The quantities of a month, not rounded.
pub(super) fn usage(plan: &Plan, assumed: &Assumptions) -> Vec<Use> {
    let made = installation();
    let month = Month {
        plan,
        assumed,
        made,
        flow: Flow::of(plan, assumed, made),
    };
    let mut uses = Uses::default();
    month.functions(&mut uses);
    month.transfer(&mut uses);
    month.queues(&mut uses);
    month.state(&mut uses);
    match plan.store {
        StoreKind::Timestream => month.timestream(&mut uses),
        StoreKind::Bridge => month.bridge(&mut uses),
    }
    month.operations(&mut uses);
    uses.0
}

#[derive(Default)]
struct Uses(Vec<Use>);

impl Uses {
    fn add(&mut self, part: Part, what: &'static str, price: PriceId, quantity: f64) {
        self.0.push(Use {
            part,
            what,
            price,
            quantity,
        });
    }
}

/// What a month is calculated from.
struct Month<'a> {
    plan: &'a Plan,
    assumed: &'a Assumptions,
    made: &'static Installation,
    flow: Flow,
}

/// How much goes through the pipeline in a month.
struct Flow {
    probes: f64,
    /// Monitors in one invocation of the monitor function.
    together: f64,
    /// Whether an invocation reads its monitors from the table.
    reads_entries: bool,
    invocations: f64,
    /// Messages on the results queue.
    messages: f64,
    /// Invocations of the writer.
    batches: f64,
    /// Probes at once in one invocation.
    at_once: f64,
}

impl Flow {
    fn of(plan: &Plan, assumed: &Assumptions, made: &Installation) -> Self {
        let (monitors, locations) = (f64::from(plan.monitors), f64::from(plan.locations.max(1)));
        let slots = MONTH_SECONDS / f64::from(plan.interval_s.max(1));
        let layout = plan.layout.unwrap_or(if plan.monitors <= PER_MONITOR_MOST {
            Layout::PerMonitor
        } else {
            Layout::Buckets(None)
        });
        let groups = match layout {
            Layout::PerMonitor => monitors,
            Layout::Buckets(given) => {
                let needed = (monitors / assumed.bucket_monitors).ceil().max(1.0);
                let needed = f64::from((needed as u32).next_power_of_two());
                given
                    .map_or(needed, f64::from)
                    .clamp(1.0, monitors.max(1.0))
            }
        };
        let (together, invocations) = if monitors > 0.0 {
            (monitors / groups, groups * locations * slots)
        } else {
            (0.0, 0.0)
        };
        let messages = invocations * (together * assumed.result_bytes / MESSAGE).ceil();
        // Rules fire together, and each poller gathers what came within its window.
        let ticks = MONTH_SECONDS / f64::from(plan.interval_s.max(10));
        let batches = messages.min((ticks * assumed.pollers).max(messages / 10.0));
        Flow {
            probes: monitors * locations * slots,
            together,
            reads_entries: matches!(layout, Layout::Buckets(_)),
            invocations,
            messages,
            batches,
            at_once: made.functions.probes_at_once,
        }
    }
}

impl Month<'_> {
    fn functions(&self, uses: &mut Uses) {
        let (flow, assumed) = (&self.flow, self.assumed);
        let seconds = match self.plan.architecture {
            Architecture::X86 => PriceId::LambdaX86,
            Architecture::Arm => PriceId::LambdaArm,
        };
        let attempts = f64::from(self.plan.attempts.max(1));
        let rounds = (flow.together / flow.at_once).ceil();
        let straggler = if flow.together > 1.0 {
            assumed.straggler_s
        } else {
            0.0
        };
        let waiting = rounds * attempts * assumed.attempt_s + straggler;
        let monitor_gb = self.made.functions.monitor_memory_mb / LAMBDA_GB;
        let writer_gb = self.made.functions.writer_memory_mb / LAMBDA_GB;
        let share_of_core = (monitor_gb / assumed.core_memory_gb).min(1.0);
        let working = flow.together * attempts * assumed.attempt_cpu_s / share_of_core;
        let monitoring = flow.invocations * waiting.max(working) * monitor_gb;
        let writing = flow.batches * assumed.writer_s * writer_gb;
        let requests = PriceId::LambdaRequests;
        let part = Part::Functions;
        uses.add(part, "monitor: invocations", requests, flow.invocations);
        uses.add(part, "monitor: time", seconds, monitoring);
        uses.add(part, "writer: invocations", requests, flow.batches);
        uses.add(part, "writer: time", seconds, writing);
    }

    fn transfer(&self, uses: &mut Uses) {
        let attempts = f64::from(self.plan.attempts.max(1));
        let sent = self.flow.probes * attempts * self.assumed.attempt_sent_bytes / GB;
        uses.add(
            Part::Transfer,
            "requests to targets",
            PriceId::TransferOut,
            sent,
        );
    }

    /// Regions beside the home region.
    fn abroad(&self) -> f64 {
        f64::from(self.plan.locations.max(1) - 1)
    }

    fn queues(&self, uses: &mut Uses) {
        let (flow, assumed) = (&self.flow, self.assumed);
        let requests = PriceId::SqsRequests;
        let size = (flow.together * assumed.result_bytes).min(MESSAGE);
        let chunks = (size / SQS_CHUNK).ceil();
        // Sent and received by the chunk, deleted ten at a time.
        let results = flow.messages * (2.0 * chunks + 0.1);
        uses.add(Part::Queues, "results", requests, results);
        let polled = self.made.home.polled_queues + self.abroad() * self.made.region.polled_queues;
        let polls = polled * assumed.pollers * MONTH_SECONDS / 20.0;
        uses.add(Part::Queues, "waiting for messages", requests, polls);
        let locations = f64::from(self.plan.locations.max(1));
        let home = flow.probes * self.abroad() / locations * assumed.result_bytes / GB;
        uses.add(
            Part::Queues,
            "results from other regions",
            PriceId::TransferRegions,
            home,
        );
        if self.plan.interval_s < 60 {
            let late = 1.0 - f64::from(self.plan.interval_s.max(1)) / 60.0;
            let slots = flow.invocations * late * 3.0;
            uses.add(Part::Queues, "slots within the minute", requests, slots);
        }
    }

    fn state(&self, uses: &mut Uses) {
        let (flow, assumed) = (&self.flow, self.assumed);
        // One read and one conditional write for each message; its size is the bucket's.
        let bytes = (flow.together * assumed.state_bytes).max(1.0);
        let writes = flow.messages * (bytes / 1_024.0).ceil();
        let reads = flow.messages * (bytes / 4_096.0).ceil();
        let (write, read) = (PriceId::DynamodbWrites, PriceId::DynamodbReads);
        uses.add(Part::State, "states written", write, writes);
        uses.add(Part::State, "states read", read, reads);
        if flow.reads_entries {
            // An index is read with eventual consistency, at half the price.
            let units = (flow.together * assumed.entry_bytes / 4_096.0).ceil() / 2.0;
            let entries = flow.invocations * units;
            uses.add(Part::State, "entries read", read, entries);
        }
    }
}
