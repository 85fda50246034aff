//! Buckets: the groups in which monitors are judged and, in one layout, scheduled.

use sha2::{Digest, Sha256};

use crate::monitor::Monitor;
use crate::name::MonitorKey;

/// How many buckets there are: a power of two, so that doubling it moves every second monitor and
/// leaves the others where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets(u32);

/// A number of buckets that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no power of two from 1 to {max}", max = Buckets::MOST)]
pub struct BucketsError(pub u32);

/// Sixteen: enough to spread the judging of some thousand monitors.
impl Default for Buckets {
    fn default() -> Self {
        Buckets(16)
    }
}

impl Buckets {
    /// The most buckets.
    pub const MOST: u32 = 4_096;

    /// Accepts a power of two up to [`Buckets::MOST`].
    pub fn try_new(count: u32) -> Result<Self, BucketsError> {
        if count.is_power_of_two() && count <= Self::MOST {
            Ok(Buckets(count))
        } else {
            Err(BucketsError(count))
        }
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.0
    }

    /// The bucket of a monitor.
    ///
    /// `parent` tells what the entry of a key names as its parent. A monitor is in the bucket of
    /// its topmost ancestor, so that whoever judges a bucket sees what suppresses what. An
    /// ancestor counts by its name alone: whether its entry exists or is valid moves nobody.
    pub fn of(self, key: &MonitorKey, parent: impl Fn(&MonitorKey) -> Option<MonitorKey>) -> u32 {
        let root = root(key, parent);
        let digest: [u8; 32] = Sha256::digest(root.to_string()).into();
        let [a, b, c, d, ..] = digest;
        u32::from_be_bytes([a, b, c, d]) % self.0
    }
}

/// Follows the parents up to the topmost. On a circle, which the validator refuses anyway, the
/// smallest key stands for all.
fn root(key: &MonitorKey, parent: impl Fn(&MonitorKey) -> Option<MonitorKey>) -> MonitorKey {
    let mut way = vec![key.clone()];
    let mut at = key.clone();
    while let Some(next) = parent(&at) {
        if let Some(begin) = way.iter().position(|met| *met == next) {
            return way[begin..].iter().min().cloned().unwrap_or(next);
        }
        way.push(next.clone());
        at = next;
    }
    at
}

/// The name of the group of monitors that one tick probes together: `60#7`, the interval in
/// seconds and the bucket.
pub fn schedule_bucket(monitor: &Monitor, bucket: u32) -> String {
    format!("{}#{bucket}", monitor.interval.as_secs())
}
