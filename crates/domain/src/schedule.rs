//! When a monitor is due: a fixed grid, so that the same slots come up on every prober and after
//! every restart.

use std::time::Duration;

use crate::name::{Location, MonitorKey};
use crate::time::Timestamp;

/// The grid of slots of one monitor at one location.
///
/// Slots are `phase + n * interval` since the epoch. The phase is a stable hash of monitor and
/// location, so that monitors spread over the interval and locations take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    interval: i64,
    phase: i64,
}

impl Grid {
    /// The grid for a monitor probed every `interval` (at least a millisecond) at `location`.
    pub fn new(key: &MonitorKey, location: &Location, interval: Duration) -> Self {
        let interval = i64::try_from(interval.as_millis())
            .unwrap_or(i64::MAX / 2)
            .max(1);
        let mut hash = Fnv::new();
        for part in [
            key.tenant.as_str(),
            key.monitor_id.as_str(),
            location.as_str(),
        ] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        let phase = i64::try_from(hash.finish() % interval.unsigned_abs()).unwrap_or(0);
        Grid { interval, phase }
    }

    /// By how much the grid is shifted: at least nothing, less than the interval.
    pub fn phase(&self) -> Duration {
        Duration::from_millis(self.phase.unsigned_abs())
    }

    /// The first slot after `after`.
    pub fn next(&self, after: Timestamp) -> Timestamp {
        let since_phase = after.as_millis() - self.phase;
        let index = since_phase.div_euclid(self.interval) + 1;
        Timestamp::from_millis(self.phase + index * self.interval)
    }

    /// How many slots lie in `(after, until]`.
    pub fn slots_between(&self, after: Timestamp, until: Timestamp) -> u64 {
        let index = |at: Timestamp| (at.as_millis() - self.phase).div_euclid(self.interval);
        u64::try_from(index(until) - index(after)).unwrap_or(0)
    }
}

/// FNV-1a with 64 bits and a final mix (MurmurHash3's), because neighbouring names should not get
/// neighbouring slots. Stable for ever: slots must not move with a compiler's hasher.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(self) -> u64 {
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        mixed ^ (mixed >> 33)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{MonitorId, Tenant};
    use proptest::prelude::*;

    fn key(monitor_id: &str) -> MonitorKey {
        MonitorKey {
            tenant: Tenant::try_new("demo").unwrap(),
            monitor_id: MonitorId::try_new(monitor_id).unwrap(),
        }
    }

    fn grid(monitor_id: &str, seconds: u64) -> Grid {
        let location = Location::try_new("local").unwrap();
        Grid::new(&key(monitor_id), &location, Duration::from_secs(seconds))
    }

    #[test]
    fn slots_are_stable_across_releases() {
        let first = grid("shop", 60).next(Timestamp::from_secs(1_795_330_800));
        // Worked out apart from this code, from the published constants of both hashes.
        assert_eq!(first, Timestamp::from_millis(1_795_330_815_039));
    }

    #[test]
    fn a_thousand_monitors_spread_over_the_interval() {
        let mut per_second = [0_u32; 60];
        for number in 0..1_000 {
            let slot = grid(&format!("monitor-{number}"), 60).next(Timestamp::EPOCH);
            per_second[usize::try_from(slot.as_secs().rem_euclid(60)).unwrap()] += 1;
        }
        let most = per_second.iter().max().unwrap();
        assert!(*most <= 40, "{per_second:?}");
    }

    proptest! {
        #[test]
        fn the_next_slot_is_later_and_at_most_an_interval_away(
            id in "[a-z]{1,8}", seconds in 1_u64..100_000, at in 0_i64..4_000_000_000_000,
        ) {
            let grid = grid(&id, seconds);
            let at = Timestamp::from_millis(at);
            let next = grid.next(at);
            prop_assert!(next > at);
            prop_assert!(next.since(at) <= Duration::from_secs(seconds));
            prop_assert!(grid.phase() < Duration::from_secs(seconds));
            prop_assert_eq!(grid.slots_between(at, next), 1);
            prop_assert_eq!(grid.next(next).since(next), Duration::from_secs(seconds));
        }
    }
}
