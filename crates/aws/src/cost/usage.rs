//! What a plan uses up in a month.

use super::assumptions::Assumptions;
use super::bill::Part;
use super::prices::PriceId;
use super::{AlertSource, Architecture, Layout, MONTH_HOURS, MONTH_SECONDS, Plan, StoreKind};

/// Bytes that SQS counts as one request.
const SQS_CHUNK: f64 = 64.0 * 1_024.0;
/// The longest message that is sent.
const MESSAGE: f64 = 256.0 * 1_024.0;
/// Monitors for which a rule each is the default.
const PER_MONITOR_MOST: u32 = 250;
const GB: f64 = 1e9;

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
    let flow = Flow::of(plan, assumed);
    let mut uses = Vec::new();
    functions(plan, assumed, &flow, &mut uses);
    transfer(plan, assumed, &flow, &mut uses);
    queues(plan, assumed, &flow, &mut uses);
    state(assumed, &flow, &mut uses);
    match plan.store {
        StoreKind::Timestream => timestream(plan, assumed, &flow, &mut uses),
        StoreKind::Bridge => bridge(plan, assumed, &flow, &mut uses),
    }
    operations(plan, assumed, &flow, &mut uses);
    uses
}

/// How much goes through the pipeline in a month.
struct Flow {
    probes: f64,
    /// Monitors in one invocation of the monitor function.
    together: f64,
    invocations: f64,
    /// Messages on the results queue.
    messages: f64,
    /// Invocations of the writer.
    batches: f64,
}

impl Flow {
    fn of(plan: &Plan, assumed: &Assumptions) -> Self {
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
        let together = if monitors > 0.0 {
            monitors / groups
        } else {
            0.0
        };
        let invocations = if monitors > 0.0 {
            groups * locations * slots
        } else {
            0.0
        };
        let messages = invocations * (together * assumed.result_bytes / MESSAGE).ceil();
        // Rules fire together, and each poller gathers what came within its window.
        let ticks = MONTH_SECONDS / f64::from(plan.interval_s.max(10));
        let batches = messages.min((ticks * assumed.pollers).max(messages / 10.0));
        Flow {
            probes: monitors * locations * slots,
            together,
            invocations,
            messages,
            batches,
        }
    }
}

fn add(uses: &mut Vec<Use>, part: Part, what: &'static str, price: PriceId, quantity: f64) {
    uses.push(Use {
        part,
        what,
        price,
        quantity,
    });
}

fn functions(plan: &Plan, assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    let seconds = match plan.architecture {
        Architecture::X86 => PriceId::LambdaX86,
        Architecture::Arm => PriceId::LambdaArm,
    };
    let attempts = f64::from(plan.attempts.max(1));
    let rounds = (flow.together / assumed.concurrency).ceil();
    let straggler = if flow.together > 1.0 {
        assumed.straggler_s
    } else {
        0.0
    };
    let waiting = rounds * attempts * assumed.attempt_s + straggler;
    let share_of_core = (assumed.monitor_memory_gb / assumed.core_memory_gb).min(1.0);
    let working = flow.together * attempts * assumed.attempt_cpu_s / share_of_core;
    let duration = waiting.max(working);
    add(
        uses,
        Part::Functions,
        "monitor: invocations",
        PriceId::LambdaRequests,
        flow.invocations,
    );
    add(
        uses,
        Part::Functions,
        "monitor: time",
        seconds,
        flow.invocations * duration * assumed.monitor_memory_gb,
    );
    add(
        uses,
        Part::Functions,
        "writer: invocations",
        PriceId::LambdaRequests,
        flow.batches,
    );
    add(
        uses,
        Part::Functions,
        "writer: time",
        seconds,
        flow.batches * assumed.writer_s * assumed.writer_memory_gb,
    );
}

fn transfer(plan: &Plan, assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    let sent = flow.probes * f64::from(plan.attempts.max(1)) * assumed.attempt_sent_bytes / GB;
    add(
        uses,
        Part::Transfer,
        "requests to targets",
        PriceId::TransferOut,
        sent,
    );
}

fn queues(plan: &Plan, assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    let size = (flow.together * assumed.result_bytes).min(MESSAGE);
    let chunks = (size / SQS_CHUNK).ceil();
    // Sent and received by the chunk, deleted ten at a time.
    let results = flow.messages * (2.0 * chunks + 0.1);
    add(uses, Part::Queues, "results", PriceId::SqsRequests, results);
    let polls = assumed.pollers * MONTH_SECONDS / 20.0;
    add(
        uses,
        Part::Queues,
        "waiting for results",
        PriceId::SqsRequests,
        polls,
    );
    add(
        uses,
        Part::Queues,
        "waiting for alerts",
        PriceId::SqsRequests,
        polls,
    );
    if plan.interval_s < 60 {
        let late = 1.0 - f64::from(plan.interval_s.max(1)) / 60.0;
        add(
            uses,
            Part::Queues,
            "slots within the minute",
            PriceId::SqsRequests,
            flow.invocations * late * 3.0,
        );
    }
}

fn state(assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    // One read and one conditional write for each message; its size is the bucket's.
    let bytes = (flow.together * assumed.state_bytes).max(1.0);
    let writes = flow.messages * (bytes / 1_024.0).ceil();
    let reads = flow.messages * (bytes / 4_096.0).ceil();
    add(
        uses,
        Part::State,
        "states written",
        PriceId::DynamodbWrites,
        writes,
    );
    add(
        uses,
        Part::State,
        "states read",
        PriceId::DynamodbReads,
        reads,
    );
}

/// Bytes of rows in a month.
fn row_bytes(plan: &Plan, assumed: &Assumptions, flow: &Flow) -> f64 {
    let (monitors, locations) = (f64::from(plan.monitors), f64::from(plan.locations.max(1)));
    // Every location's state and the one over all, every five minutes.
    let states = monitors * (locations + 1.0) * MONTH_SECONDS / 300.0;
    let others = monitors * (1.0 + locations) * MONTH_HOURS + flow.invocations + flow.batches;
    flow.probes * assumed.probe_row_bytes
        + states * assumed.state_row_bytes
        + others * assumed.other_row_bytes
}

fn timestream(plan: &Plan, assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    let bytes = row_bytes(plan, assumed, flow);
    add(
        uses,
        Part::Writes,
        "rows",
        PriceId::TimestreamWrites,
        bytes / 1_024.0,
    );
    let in_memory = bytes / GB / MONTH_HOURS * f64::from(plan.memory_hours);
    add(
        uses,
        Part::Storage,
        "memory store",
        PriceId::TimestreamMemory,
        in_memory * MONTH_HOURS,
    );
    let kept = bytes / GB / MONTH_HOURS * f64::from(plan.kept_days) * 24.0;
    add(
        uses,
        Part::Storage,
        "magnetic store",
        PriceId::TimestreamMagnetic,
        kept,
    );

    let burst = assumed.query_units * assumed.query_s / 3_600.0;
    let ask = |uses: &mut Vec<Use>, part, what, bursts: f64| {
        add(uses, part, what, PriceId::TimestreamCompute, bursts * burst);
    };
    if plan.alert_source == AlertSource::Grafana {
        let evaluations = MONTH_SECONDS / assumed.evaluation_s;
        ask(uses, Part::AlertQueries, "rules, every minute", evaluations);
    }
    let refreshes = f64::from(plan.viewers) * assumed.viewer_hours * 3_600.0 / assumed.refresh_s;
    // Nobody looks longer than the month has, however many look at once.
    let most = MONTH_SECONDS / assumed.query_s;
    ask(
        uses,
        Part::DashboardQueries,
        "refreshes",
        refreshes.min(most),
    );
    ask(uses, Part::RollupQueries, "every hour", MONTH_HOURS);
}

fn bridge(plan: &Plan, assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    let per_second = flow.probes / MONTH_SECONDS;
    let instance = match per_second {
        rate if rate <= 50.0 => PriceId::Ec2Micro,
        rate if rate <= 200.0 => PriceId::Ec2Small,
        _ => PriceId::Ec2Medium,
    };
    add(
        uses,
        Part::Storage,
        "the bridge's instance",
        instance,
        MONTH_HOURS,
    );
    add(
        uses,
        Part::Storage,
        "its address",
        PriceId::Ipv4,
        MONTH_HOURS,
    );
    let rows = row_bytes(plan, assumed, flow) / assumed.probe_row_bytes;
    let kept =
        rows * assumed.bridge_row_bytes / GB / MONTH_HOURS * f64::from(plan.kept_days) * 24.0;
    // Room for the system, the log and compaction beside what is kept.
    add(
        uses,
        Part::Storage,
        "its disk",
        PriceId::Ebs,
        10.0 + 1.3 * kept,
    );
}

fn operations(plan: &Plan, assumed: &Assumptions, flow: &Flow, uses: &mut Vec<Use>) {
    let invocations = flow.invocations + flow.batches;
    add(
        uses,
        Part::Operations,
        "logs",
        PriceId::Logs,
        invocations * assumed.log_bytes / GB,
    );
    add(
        uses,
        Part::Operations,
        "metrics",
        PriceId::Metrics,
        assumed.metrics,
    );
    add(
        uses,
        Part::Operations,
        "alarms",
        PriceId::Alarms,
        assumed.alarms,
    );
    add(
        uses,
        Part::Operations,
        "secrets",
        PriceId::Secrets,
        assumed.secrets,
    );
    if plan.tracing {
        // X-Ray's default rule: the first of every second, and one of twenty of the others.
        let firsts = invocations.min(MONTH_SECONDS);
        let traces = firsts + 0.05 * (invocations - firsts);
        add(uses, Part::Operations, "traces", PriceId::Traces, traces);
    }
}
