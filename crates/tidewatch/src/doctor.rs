//! Is this machine fit for monitoring? Each part measures one thing and says what it means.
//!
//! Without a network nothing here fails or hangs: what cannot be measured is a warning that says
//! so, because a machine may well watch only its own network.

mod clock;
mod descriptors;
mod disk;
mod finding;
mod network;
mod ports;
mod roots;
mod spread;
mod timer;

use std::net::SocketAddr;
use std::path::PathBuf;

use tidewatch_domain::Monitor;
use tidewatch_probe::Engine;

pub(crate) use finding::{Finding, Status};

/// What the machine is to be fit for.
#[derive(Debug)]
pub(crate) struct Examination {
    /// Where data will be kept.
    pub(crate) data_dir: PathBuf,
    /// Where the status page will listen.
    pub(crate) listen: SocketAddr,
    /// Where the bridge will listen.
    pub(crate) bridge_listen: SocketAddr,
    /// How many monitors there will be.
    pub(crate) monitors: usize,
    /// The most probes at the same time.
    pub(crate) max_in_flight: usize,
    /// A site that works, to be probed once.
    pub(crate) site: Monitor,
}

/// Examines everything, calling `begun` with the name of each part.
pub(crate) async fn examine(
    examination: &Examination,
    engine: &Engine,
    begun: impl Fn(&'static str),
) -> Vec<Finding> {
    let mut findings = Vec::new();
    begun("timers");
    findings.push(timer::examine().await);
    begun("disk");
    findings.extend(disk::examine(&examination.data_dir));
    begun("descriptors");
    findings.push(descriptors::examine(
        examination.monitors,
        examination.max_in_flight,
    ));
    begun("ports");
    findings.push(ports::status_page(examination.listen).await);
    findings.push(ports::bridge(examination.bridge_listen).await);
    findings.extend(ports::local_range());
    begun("trusted roots");
    findings.push(roots::examine());
    begun("network");
    findings.extend(network::examine(engine, &examination.site).await);
    begun("clock");
    findings.push(clock::examine(&examination.site).await);
    findings
}
