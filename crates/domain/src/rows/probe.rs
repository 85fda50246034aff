//! `probe` and `attempt` rows.

use std::time::Duration;

use super::{dimensions, millis, set_limits};
use crate::cause::Cause;
use crate::monitor::{Connection, Monitor};
use crate::name::Location;
use crate::probe::{Attempt, PhaseReached, Phases, ProbeResult};
use crate::record::Record;
use crate::schema::{dimension, measure, measure_name};
use crate::summary::{Outcome, Summary};
use crate::time::Timestamp;

/// The row of a finished probe; its time is the slot, so that a slow answer moves no point.
pub fn probe_row(monitor: &Monitor, result: &ProbeResult, summary: &Summary) -> Record {
    let mut record = Record::new(
        measure_name::PROBE,
        result.slot,
        dimensions(&result.key, &result.location, result.kind),
    );
    record.set(measure::OUTCOME, summary.outcome.name());
    record.set_some(measure::UP, summary.outcome.is_up().map(i64::from));
    set_latency(&mut record, summary);
    let successes: Vec<&Attempt> = result.successes().collect();
    let deciding = deciding_attempt(result, summary);
    match (successes.is_empty(), deciding) {
        (false, _) => set_phases(&mut record, &mean_phases(&successes)),
        // Nothing succeeded: the time until the failure is a censored value, and the tail of a
        // hanging target must not vanish from the percentiles.
        (true, Some(attempt)) => set_phases(&mut record, &MeanPhases::of(&attempt.phases)),
        (true, None) => {}
    }
    if let Some(attempt) = deciding {
        set_answer(&mut record, attempt);
        record.set(measure::PHASE_REACHED, attempt.reached.name());
    }
    set_cause(&mut record, summary.cause.as_ref());
    record.set(measure::ATTEMPTS, count(result.samples.len()));
    record.set(measure::FAILED_ATTEMPTS, count(summary.failed));
    record.set(measure::SKIPPED_ATTEMPTS, i64::from(result.skipped));
    record.set_some(measure::CONN, connections(&result.samples));
    record.set(measure::START_LAG_MS, millis(result.start_lag()));
    let prober_lag = result
        .samples
        .iter()
        .filter_map(|attempt| attempt.prober_lag)
        .max();
    record.set_some(measure::PROBER_LAG_MS, prober_lag.map(millis));
    record.set(
        measure::TAINTED,
        result.samples.iter().any(Attempt::is_tainted),
    );
    record.set(measure::LATE, is_late(monitor.interval, result.start_lag()));
    set_network(&mut record, &successes);
    record.set_some(measure::BYTES, mean_bytes(&successes));
    record.set_some(measure::CERT_DAYS, summary.cert_days);
    record.set_some(measure::CERT_NOT_AFTER, earliest_certificate(result));
    record.set(measure::IN_MAINTENANCE, monitor.in_maintenance(result.slot));
    set_limits(&mut record, monitor);
    record
}

/// The row of `slots` slots in a row, the first at `slot`, that passed without a probe, and why.
pub fn missed_row(
    monitor: &Monitor,
    location: &Location,
    slot: Timestamp,
    slots: u64,
    cause: &Cause,
) -> Record {
    let mut record = Record::new(
        measure_name::PROBE,
        slot,
        dimensions(&monitor.key, location, monitor.kind()),
    );
    record.set(measure::OUTCOME, Outcome::Missed.name());
    record.set(measure::MISSED, i64::try_from(slots).unwrap_or(i64::MAX));
    set_cause(&mut record, Some(cause));
    record.set(measure::ATTEMPTS, 0_i64);
    record.set(measure::FAILED_ATTEMPTS, 0_i64);
    record.set(measure::IN_MAINTENANCE, monitor.in_maintenance(slot));
    set_limits(&mut record, monitor);
    record
}

/// The rows of a probe's attempts, for the attempts table.
///
/// Their time is the slot too; the dimension `attempt` tells them apart.
pub fn attempt_rows(result: &ProbeResult) -> Vec<Record> {
    let samples = result
        .samples
        .iter()
        .map(|attempt| (attempt.number.to_string(), attempt));
    let retries = result
        .retry
        .iter()
        .map(|attempt| (format!("r{}", attempt.number), attempt));
    samples
        .chain(retries)
        .map(|(label, attempt)| attempt_row(result, label, attempt))
        .collect()
}

/// Whether a probe began too late for its latency to be used: by more than a tenth of the
/// interval, or more than a second.
pub fn is_late(interval: Duration, start_lag: Duration) -> bool {
    start_lag > (interval / 10).min(Duration::from_secs(1))
}

fn attempt_row(result: &ProbeResult, label: String, attempt: &Attempt) -> Record {
    let mut dimensions = dimensions(&result.key, &result.location, result.kind);
    dimensions.push((dimension::ATTEMPT, label));
    let mut record = Record::new(measure_name::ATTEMPT, result.slot, dimensions);
    let outcome = match attempt.cause() {
        None => Outcome::Ok,
        Some(cause) if cause.counts_against_availability() => Outcome::Fail,
        Some(_) => Outcome::Unknown,
    };
    record.set(measure::OUTCOME, outcome.name());
    set_phases(&mut record, &MeanPhases::of(&attempt.phases));
    set_answer(&mut record, attempt);
    record.set(measure::PHASE_REACHED, attempt.reached.name());
    set_cause(&mut record, attempt.cause());
    record.set(measure::CONN, connection_name(attempt.connection));
    record.set_some(measure::PROBER_LAG_MS, attempt.prober_lag.map(millis));
    record.set(measure::TAINTED, attempt.is_tainted());
    set_network(&mut record, &[attempt]);
    record.set(
        measure::BYTES,
        i64::try_from(attempt.body_bytes).unwrap_or(i64::MAX),
    );
    record
}

fn set_latency(record: &mut Record, summary: &Summary) {
    let Some(latency) = summary.latency else {
        return;
    };
    record.set(measure::LATENCY_MS, millis(latency.mean));
    record.set(measure::LATENCY_MIN_MS, millis(latency.min));
    record.set(measure::LATENCY_MAX_MS, millis(latency.max));
    record.set(measure::LATENCY_MEDIAN_MS, millis(latency.median));
}

/// The attempt that stands for the probe: the first with the summary's cause, else the last
/// success.
pub fn deciding_attempt<'a>(result: &'a ProbeResult, summary: &Summary) -> Option<&'a Attempt> {
    let class = summary.cause.as_ref().map(|cause| cause.class);
    result
        .samples
        .iter()
        .find(|attempt| class.is_some() && attempt.cause().map(|cause| cause.class) == class)
        .or_else(|| result.successes().last())
        .or_else(|| result.samples.last())
}

/// The attempt that learned most about the other side: the deciding one if it had an answer, else
/// one that got through.
pub fn telling_attempt<'a>(result: &'a ProbeResult, summary: &Summary) -> Option<&'a Attempt> {
    let deciding = deciding_attempt(result, summary);
    deciding
        .filter(|attempt| attempt.reached >= PhaseReached::Transfer)
        .or_else(|| result.successes().last())
        .or(deciding)
}

fn set_answer(record: &mut Record, attempt: &Attempt) {
    if let Some(dns) = &attempt.dns {
        record.set(measure::DNS_RCODE, dns.rcode.to_string());
        record.set(measure::DNS_ANSWERS, count(dns.wanted().count()));
        record.set_some(measure::DNS_TTL_S, dns.ttl().map(i64::from));
    }
    record.set_some(measure::STATUS_CODE, attempt.status_code.map(i64::from));
    record.set_some(measure::HTTP_VERSION, attempt.http_version);
    record.set_some(
        measure::REMOTE_ADDR,
        attempt.remote_addr.map(|addr| addr.to_string()),
    );
    record.set_some(
        measure::TLS_RESUMED,
        attempt.tls.as_ref().map(|tls| tls.resumed),
    );
}

fn set_cause(record: &mut Record, cause: Option<&Cause>) {
    let Some(cause) = cause else { return };
    record.set(measure::ERROR_CLASS, cause.class.name());
    record.set(measure::ERROR_OWNER, cause.owner.name());
    record.set(measure::ERROR_TEXT, cause.text.clone());
}

/// Phases in milliseconds, each the mean over the attempts in which it happened.
struct MeanPhases {
    phases: [Option<f64>; 7],
    ttfb: Option<f64>,
    total: f64,
}

impl MeanPhases {
    fn of(phases: &Phases) -> Self {
        MeanPhases {
            phases: phases.named().map(|(_, phase)| phase.map(millis)),
            ttfb: phases.ttfb().map(millis),
            total: millis(phases.total),
        }
    }
}

fn mean_phases(attempts: &[&Attempt]) -> MeanPhases {
    let all: Vec<MeanPhases> = attempts
        .iter()
        .map(|attempt| MeanPhases::of(&attempt.phases))
        .collect();
    let mut phases = [None; 7];
    for (index, phase) in phases.iter_mut().enumerate() {
        *phase = mean(all.iter().filter_map(|one| one.phases[index]));
    }
    MeanPhases {
        phases,
        ttfb: mean(all.iter().filter_map(|one| one.ttfb)),
        total: mean(all.iter().map(|one| one.total)).unwrap_or_default(),
    }
}

fn set_phases(record: &mut Record, phases: &MeanPhases) {
    let names = [
        measure::RESOLVE_MS,
        measure::CONNECT_MS,
        measure::PROXY_MS,
        measure::TLS_MS,
        measure::SEND_MS,
        measure::WAIT_MS,
        measure::TRANSFER_MS,
    ];
    for (name, phase) in names.into_iter().zip(phases.phases) {
        record.set_some(name, phase);
    }
    record.set_some(measure::TTFB_MS, phases.ttfb);
    record.set(measure::TOTAL_MS, phases.total);
}

fn set_network(record: &mut Record, attempts: &[&Attempt]) {
    let rtt = mean(
        attempts
            .iter()
            .filter_map(|attempt| attempt.rtt)
            .map(millis),
    );
    record.set_some(measure::RTT_MS, rtt);
    let server = mean(
        attempts
            .iter()
            .filter_map(|attempt| attempt.server_time())
            .map(millis),
    );
    record.set_some(measure::SERVER_MS, server);
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

fn mean_bytes(successes: &[&Attempt]) -> Option<i64> {
    let count = u64::try_from(successes.len())
        .ok()
        .filter(|count| *count > 0)?;
    let sum: u64 = successes.iter().map(|attempt| attempt.body_bytes).sum();
    i64::try_from(sum / count).ok()
}

fn earliest_certificate(result: &ProbeResult) -> Option<Timestamp> {
    result
        .samples
        .iter()
        .filter_map(|attempt| Some(attempt.tls.as_ref()?.certificate.as_ref()?.not_after))
        .min()
}

fn connections(samples: &[Attempt]) -> Option<&'static str> {
    let first = samples.first()?.connection;
    let alike = samples.iter().all(|attempt| attempt.connection == first);
    Some(if alike {
        connection_name(first)
    } else {
        "mixed"
    })
}

const fn connection_name(connection: Connection) -> &'static str {
    match connection {
        Connection::Fresh => "fresh",
        Connection::Reuse => "reused",
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
