//! How often, how many times, and for how long.

use std::time::Duration;

use tidewatch_domain::monitor::{Connection, Timeouts, limits};
use tidewatch_domain::plan::ticks;

use crate::cron;
use crate::fields::Fields;
use crate::load::Mode;
use crate::node::Node;
use crate::quantity::{self, written};
use crate::report::Report;
use crate::tree::Value;

const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
const DEFAULT_ATTEMPTS: u8 = 5;
/// The pause before the confirmation retry at all but the shortest intervals.
const RETRY_PAUSE: Duration = Duration::from_secs(5);
/// From this interval on a probe with default timeouts and its retry fit whole.
const RETRY_FITS: Duration = Duration::from_secs(20);

/// The fields about time.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) interval: Duration,
    pub(super) attempts: u8,
    pub(super) connection: Connection,
    pub(super) timeouts: Timeouts,
}

/// Interval, attempts, connection and timeouts.
pub(super) fn schedule(fields: &mut Fields<'_>, mode: Mode, report: &mut Report) -> Schedule {
    let interval = match fields.get("interval") {
        Some(node) => interval(&node, mode, report),
        None => Some(DEFAULT_INTERVAL),
    };
    let attempts = fields
        .get("attempts")
        .and_then(|node| node.whole(1..=u64::from(limits::ATTEMPTS), report))
        .and_then(|number| u8::try_from(number).ok())
        .unwrap_or(DEFAULT_ATTEMPTS);
    let choices = [("fresh", Connection::Fresh), ("reuse", Connection::Reuse)];
    let connection = fields
        .get("connection")
        .and_then(|node| node.choice(&choices, report))
        .unwrap_or(Connection::Fresh);
    let timeouts = timeouts(fields, interval, report);
    Schedule {
        interval: interval.unwrap_or(DEFAULT_INTERVAL),
        attempts,
        connection,
        timeouts,
    }
}

fn interval(node: &Node<'_>, mode: Mode, report: &mut Report) -> Option<Duration> {
    let expression = match &node.tree.value {
        Value::Text(text) => quantity::rate(text).or_else(|| cron::interval(text)),
        _ => None,
    };
    let interval = match expression {
        Some(Ok(interval)) => interval,
        Some(Err(refusal)) => {
            report.fault(node, refusal.problem, refusal.remedy);
            return None;
        }
        None => node.duration(report)?,
    };
    let (shortest, place) = match mode {
        Mode::Local => (limits::SHORTEST_INTERVAL, ""),
        Mode::Aws | Mode::AwsInner => (limits::SHORTEST_INTERVAL_AWS, " in AWS"),
    };
    if interval < shortest {
        let shortest = written(shortest);
        let problem = format!("is shorter than {shortest}{place}");
        report.fault(node, problem, format!("use {shortest} or longer"));
        return None;
    }
    if interval > limits::LONGEST_INTERVAL {
        let longest = written(limits::LONGEST_INTERVAL);
        report.fault(
            node,
            format!("is longer than {longest}"),
            format!("use {longest} or shorter"),
        );
        return None;
    }
    if mode != Mode::Local && ticks(interval).is_err() {
        let problem = "is no interval of schedule rules in AWS";
        let remedy = "use 10s, 12s, 15s, 20s, 30s or whole minutes";
        report.fault(node, problem, remedy);
        return None;
    }
    Some(interval)
}

/// The timeouts. What is not given follows from the interval and from what is given, so that the
/// parts always fit; what is given and does not fit is reported.
fn timeouts(fields: &mut Fields<'_>, interval: Option<Duration>, report: &mut Report) -> Timeouts {
    let mut given = Given::default();
    if let Some(node) = fields.get("timeouts")
        && let Some(mut inner) = node.fields(
            "write a map with connect, tls, header, attempt and probe, like `{probe: 10s}`",
            report,
        )
    {
        given.connect = Given::read(&mut inner, "connect", report);
        given.tls = Given::read(&mut inner, "tls", report);
        given.header = Given::read(&mut inner, "header", report);
        given.attempt = Given::read(&mut inner, "attempt", report);
        given.probe = Given::read(&mut inner, "probe", report);
        inner.finish(
            &[
                ("total", "probe"),
                ("request", "attempt"),
                ("handshake", "tls"),
                ("response", "header"),
            ],
            report,
        );
    }
    let longest = interval.map_or(Duration::MAX, |interval| interval.mul_f64(0.8));
    let timeouts = given.complete(longest);
    given.check(timeouts, interval, longest, report);
    timeouts
}

/// The timeouts that the definition names, with their places.
#[derive(Default)]
struct Given<'t> {
    connect: Option<(Node<'t>, Duration)>,
    tls: Option<(Node<'t>, Duration)>,
    header: Option<(Node<'t>, Duration)>,
    attempt: Option<(Node<'t>, Duration)>,
    probe: Option<(Node<'t>, Duration)>,
}

impl<'t> Given<'t> {
    fn read(
        fields: &mut Fields<'t>,
        name: &'static str,
        report: &mut Report,
    ) -> Option<(Node<'t>, Duration)> {
        let node = fields.get(name)?;
        let duration = node.duration(report)?;
        if duration.is_zero() {
            report.fault(&node, "is zero", "use 1ms or longer");
            return None;
        }
        Some((node, duration))
    }

    fn complete(&self, longest: Duration) -> Timeouts {
        let defaults = Timeouts::default();
        let value = |given: &Option<(Node<'t>, Duration)>| given.as_ref().map(|(_, value)| *value);
        let (connect, attempt, probe) = (
            value(&self.connect),
            value(&self.attempt),
            value(&self.probe),
        );
        let (tls, header) = (value(&self.tls), value(&self.header));
        // Whatever is named must fit into what is not.
        let part = connect.max(tls).max(header);
        let named = attempt.max(part).unwrap_or_default();
        let probe = probe.unwrap_or_else(|| millis(defaults.probe.max(named).min(longest)));
        let attempt = attempt.unwrap_or_else(|| {
            millis(defaults.attempt.min(probe * 5 / 8)).max(part.unwrap_or_default())
        });
        let connect = connect.unwrap_or_else(|| millis(defaults.connect.min(attempt * 3 / 5)));
        Timeouts {
            connect,
            tls,
            header,
            attempt,
            probe,
        }
    }

    fn check(
        &self,
        timeouts: Timeouts,
        interval: Option<Duration>,
        longest: Duration,
        report: &mut Report,
    ) {
        let Timeouts { attempt, probe, .. } = timeouts;
        let parts = [
            ("connect", &self.connect),
            ("tls", &self.tls),
            ("header", &self.header),
        ];
        let mut too_long = false;
        for (name, part) in parts {
            if let Some((node, part)) = part
                && *part > attempt
            {
                let problem = format!("is longer than the attempt's {}", written(attempt));
                let remedy = format!("shorten `{name}` or lengthen `attempt`");
                report.fault(node, problem, remedy);
                too_long = true;
            }
        }
        if too_long {
            return;
        }
        let [given_attempt, given_probe] =
            [&self.attempt, &self.probe].map(|given| given.as_ref().map(|(node, _)| node));
        let given_part = parts
            .into_iter()
            .find_map(|(_, part)| part.as_ref().map(|(node, _)| node));
        if let Some(node) = given_attempt.or(given_probe).or(given_part)
            && attempt > probe
        {
            let problem = format!(
                "lets an attempt take {} of a probe's {}",
                written(attempt),
                written(probe)
            );
            report.fault(
                node,
                problem,
                "shorten `attempt`, or lengthen `probe` or the interval",
            );
            return;
        }
        let Some(interval) = interval else { return };
        let every = written(interval);
        if let Some(node) = given_probe.filter(|_| probe > longest) {
            let problem = format!("does not fit into 80 % of the interval of {every}");
            let remedy = format!(
                "use {} or shorter, or a longer interval",
                written(millis(longest))
            );
            report.fault(node, problem, remedy);
        } else if let Some(node) = given_probe.or(given_attempt).or(given_part)
            && interval >= RETRY_FITS
            && probe + RETRY_PAUSE + attempt > interval
        {
            let sum = written(probe + RETRY_PAUSE + attempt);
            let problem = format!("makes a probe, a pause of 5s and a retry take {sum}");
            let remedy = format!("use shorter timeouts, or an interval longer than {every}");
            report.fault(node, problem, remedy);
        }
    }
}

/// Cut to whole milliseconds, at least one.
fn millis(duration: Duration) -> Duration {
    Duration::from_millis(
        u64::try_from(duration.as_millis())
            .unwrap_or(u64::MAX)
            .max(1),
    )
}
