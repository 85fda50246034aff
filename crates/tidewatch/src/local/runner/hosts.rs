//! A cap on the probes that run against one host at the same time, so that a site with many
//! monitors is not hit by all of them at once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tidewatch_domain::Monitor;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::local::capacity;

/// Above so many remembered hosts, those that nobody waits for are forgotten.
const REMEMBERED: usize = 4_096;

/// The caps of all hosts.
#[derive(Debug)]
pub(super) struct HostLimits {
    per_host: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl HostLimits {
    /// At most `per_host` probes at each host.
    pub(super) fn new(per_host: usize) -> Self {
        HostLimits {
            per_host,
            hosts: Mutex::default(),
        }
    }

    /// Waits for room at the monitor's host.
    pub(super) async fn acquire(
        &self,
        monitor: &Monitor,
    ) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.semaphore(&capacity::host(monitor))
            .acquire_owned()
            .await
    }

    fn semaphore(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock();
        if let Some(semaphore) = hosts.get(host) {
            return Arc::clone(semaphore);
        }
        if hosts.len() >= REMEMBERED {
            hosts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let semaphore = Arc::new(Semaphore::new(self.per_host));
        hosts.insert(host.to_owned(), Arc::clone(&semaphore));
        semaphore
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_nobody_waits_for_are_forgotten_and_others_keep_their_cap() {
        let limits = HostLimits::new(2);
        let held = limits.semaphore("busy").try_acquire_owned().unwrap();
        for number in 0..2 * REMEMBERED {
            limits.semaphore(&number.to_string());
        }
        assert!(limits.hosts.lock().len() <= REMEMBERED);
        assert_eq!(limits.semaphore("busy").available_permits(), 1);
        drop(held);
    }
}
