//! A cap on the probes that run against one host at the same time, so that a site with many
//! monitors is not hit by all of them at once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tidewatch_domain::Monitor;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Probes against one host at the same time.
const PER_HOST: usize = 16;
/// Above so many remembered hosts, those that nobody waits for are forgotten.
const REMEMBERED: usize = 1_024;

/// The caps of all hosts.
#[derive(Debug, Default)]
pub(super) struct HostLimits {
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl HostLimits {
    /// Waits for room at the monitor's host.
    pub(super) async fn acquire(
        &self,
        monitor: &Monitor,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.semaphore(&host_of(monitor)).acquire_owned().await
    }

    fn semaphore(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock();
        if hosts.len() > REMEMBERED {
            hosts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let semaphore = hosts
            .entry(host.to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(PER_HOST)));
        Arc::clone(semaphore)
    }
}

/// What the cap is for; monitors that ask the prober's own name server share one.
fn host_of(monitor: &Monitor) -> String {
    let host = monitor.check.host();
    host.map(|host| host.to_string()).unwrap_or_default()
}
