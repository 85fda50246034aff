//! Names and the way out, measured with the check engine itself: one probe of a site that works.

use std::time::Duration;

use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, ErrorOwner, Monitor, ProbeResult};
use tidewatch_probe::Engine;

use super::finding::Finding;
use crate::local::SystemClock;
use crate::terminal::millis;

const NAMES: &str = "name resolution";
const WAY_OUT: &str = "outbound HTTPS";
const SLOW_NAMES: Duration = Duration::from_millis(200);

/// Probes `site` once.
pub(super) async fn examine(engine: &Engine, site: &Monitor) -> Vec<Finding> {
    let result = engine.probe(site, SystemClock.now()).await;
    judge(&site.public_target(), &result)
}

fn judge(site: &str, result: &ProbeResult) -> Vec<Finding> {
    match result.samples.last() {
        Some(attempt) => vec![names(site, attempt), way_out(site, attempt)],
        None => vec![Finding::warn(
            WAY_OUT,
            "nothing was measured",
            "run this again",
        )],
    }
}

fn names(site: &str, attempt: &Attempt) -> Finding {
    match (attempt.phases.resolve, attempt.cause()) {
        (Some(resolve), _) => {
            let measured = format!("the name of {site} was resolved in {}", millis(resolve));
            if resolve <= SLOW_NAMES {
                return Finding::ok(NAMES, measured);
            }
            let remedy = "use a nearer resolver: this is part of every latency measured";
            Finding::warn(NAMES, measured, remedy)
        }
        (None, Some(cause)) => Finding::warn(
            NAMES,
            format!("the name of {site} was not resolved: {}", cause.text),
            "check /etc/resolv.conf; without a resolver only addresses can be watched",
        ),
        (None, None) => Finding::ok(NAMES, "not needed"),
    }
}

fn way_out(site: &str, attempt: &Attempt) -> Finding {
    let Some(cause) = attempt.cause() else {
        return Finding::ok(
            WAY_OUT,
            format!("{site} answered in {}", millis(attempt.phases.total)),
        );
    };
    let measured = format!("{site}: {}", cause.text);
    if cause.owner == ErrorOwner::Prober {
        return Finding::fail(WAY_OUT, measured, "free resources on this machine");
    }
    let remedy = match attempt.reached {
        PhaseReached::Resolve => "without names nothing outside can be watched; see above",
        PhaseReached::Tls => "look for a proxy that inspects TLS, and trust its certificate",
        _ => "check firewall and routes, or name a site that can be reached with --site",
    };
    Finding::warn(WAY_OUT, measured, remedy)
}

#[cfg(test)]
mod tests;
