//! What this machine can give and what the definitions ask of it: descriptors, local ports,
//! probes in flight. Known at start, so that it is said then and not found out at night.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tidewatch_domain::Monitor;
use tidewatch_domain::monitor::Connection;

/// Descriptors for everything but probes: the store's files, the servers' connections, the log.
const FOR_OTHERS: u64 = 64;
/// A probe may need a socket for its connection and one for name resolution at once.
const PER_PROBE: u64 = 2;
/// The engine's pause between two attempts of a probe.
const ATTEMPT_GAP: Duration = Duration::from_millis(100);
const PORT_RANGE_FILE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// Linux's default range, where the file cannot be read.
const PORTS: u64 = 28_232;
/// Destinations that are named in a warning.
const NAMED: usize = 3;

/// The host that a monitor's probes go to; empty for those that ask the prober's own name server.
pub(super) fn host(monitor: &Monitor) -> String {
    let host = monitor.check.host();
    host.map(|host| host.to_string()).unwrap_or_default()
}

/// What the machine gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capacity {
    /// Probes that may run at the same time.
    pub(super) in_flight: u32,
    /// Connections to one host within the minute for which the kernel keeps the port of one that
    /// was closed.
    ports: u64,
}

impl Capacity {
    /// Raises this process's soft limit of descriptors to the hard one, and takes `wanted` probes
    /// in flight or as many as then fit, and the range of local ports as it is.
    pub(super) fn of_machine(wanted: u32) -> Self {
        let range = std::fs::read_to_string(PORT_RANGE_FILE).ok();
        Capacity {
            in_flight: in_flight(wanted, raised_descriptor_limit()),
            ports: range.as_deref().and_then(ports).unwrap_or(PORTS),
        }
    }

    /// Sentences about what `monitors` need beyond it, each with its remedy.
    pub(super) fn shortages<'m>(
        &self,
        wanted: u32,
        monitors: impl Iterator<Item = &'m Monitor> + Clone,
    ) -> Vec<String> {
        let monitors = monitors.filter(|monitor| monitor.enabled);
        let mut shortages = Vec::new();
        if self.in_flight < wanted {
            shortages.push(format!(
                "only {} probes can run at the same time, not {wanted}: the limit of open files \
                 is too low; have the hard limit raised (ulimit -Hn) to {}",
                self.in_flight,
                u64::from(wanted) * PER_PROBE + FOR_OTHERS
            ));
        }
        let busy: f64 = monitors.clone().map(least_in_flight).sum();
        if busy > f64::from(self.in_flight) {
            shortages.push(format!(
                "the monitors need {busy:.0} probes at the same time even if every target answers \
                 at once, and {} may run: slots will be missed; raise --max-in-flight, or the \
                 intervals",
                self.in_flight
            ));
        }
        shortages.extend(self.short_of_ports(monitors));
        shortages
    }

    fn short_of_ports<'m>(&self, monitors: impl Iterator<Item = &'m Monitor>) -> Option<String> {
        let mut per_minute: BTreeMap<String, f64> = BTreeMap::new();
        for monitor in monitors {
            *per_minute.entry(host(monitor)).or_default() += connections(monitor);
        }
        let ports = u32::try_from(self.ports).map_or(f64::INFINITY, f64::from);
        let mut short: Vec<_> = per_minute
            .into_iter()
            .filter(|(_, connections)| *connections > ports)
            .collect();
        short.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let named: Vec<String> = short
            .iter()
            .take(NAMED)
            .map(|(host, connections)| format!("{host} ({connections:.0})"))
            .collect();
        (!short.is_empty()).then(|| {
            format!(
                "more connections a minute to one host than there are local ports ({}): {}{}; \
                 probe it less often, with fewer attempts or `connection: reuse`, or widen \
                 net.ipv4.ip_local_port_range",
                self.ports,
                named.join(", "),
                if short.len() > NAMED {
                    format!(" and {} more", short.len() - NAMED)
                } else {
                    String::new()
                }
            )
        })
    }
}

/// The mean number of probes of a monitor that run at any time if its target answers at once.
fn least_in_flight(monitor: &Monitor) -> f64 {
    let pauses = ATTEMPT_GAP * u32::from(monitor.attempts.saturating_sub(1));
    pauses.as_secs_f64() / monitor.interval.as_secs_f64()
}

/// The connections that a monitor opens in a minute.
fn connections(monitor: &Monitor) -> f64 {
    let each = match monitor.connection {
        Connection::Fresh => f64::from(monitor.attempts),
        Connection::Reuse => 1.0,
    };
    each * 60.0 / monitor.interval.as_secs_f64()
}

/// As many of the `wanted` probes as `limit` descriptors allow; `None` is no limit.
fn in_flight(wanted: u32, limit: Option<u64>) -> u32 {
    let fit = limit.map_or(u64::MAX, |limit| {
        limit.saturating_sub(FOR_OTHERS) / PER_PROBE
    });
    wanted.min(u32::try_from(fit).unwrap_or(u32::MAX)).max(1)
}

fn raised_descriptor_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// How many ports a range like `32768 60999` has.
fn ports(range: &str) -> Option<u64> {
    let mut ends = range.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    Some((last + 1).saturating_sub(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewatch_testkit::a_monitor;

    const ROOMY: Capacity = Capacity {
        in_flight: 4_096,
        ports: PORTS,
    };

    fn monitors(count: u16, seconds: u64) -> Vec<Monitor> {
        let one = |number: u16| {
            let mut monitor = a_monitor(&format!("http://host-{}.example/", number % 500)).build();
            monitor.interval = Duration::from_secs(seconds);
            monitor.attempts = 5;
            monitor
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn ten_thousand_monitors_fit_and_too_many_are_named_with_the_remedy() {
        let many = monitors(10_000, 10);
        assert_eq!(ROOMY.shortages(4_096, many.iter()), [""; 0]);
        let tight = Capacity {
            in_flight: 256,
            ports: PORTS,
        };
        let told = tight.shortages(256, many.iter());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("need 400 probes"), "{told:?}");
        assert!(tight.shortages(512, many.iter())[0].contains("(ulimit -Hn) to 1088"));
    }

    #[test]
    fn a_destination_that_would_use_up_the_ports_is_named() {
        let mut all: Vec<Monitor> = monitors(1_000, 1);
        for monitor in &mut all {
            monitor.check = a_monitor("https://one.example/").build().check;
        }
        let told = ROOMY.shortages(4_096, all.iter());
        assert!(told[0].contains("one.example (300000)"), "{told:?}");
        for monitor in &mut all {
            monitor.enabled = false;
        }
        assert!(ROOMY.shortages(4_096, all.iter()).is_empty());
    }

    #[test]
    fn descriptors_bound_the_probes_in_flight() {
        assert_eq!(in_flight(4_096, None), 4_096);
        assert_eq!(in_flight(4_096, Some(1_024)), 480);
        assert_eq!(in_flight(4_096, Some(10)), 1);
        assert_eq!(ports("32768\t60999\n"), Some(28_232));
        assert_eq!(ports("x"), None);
    }
}
