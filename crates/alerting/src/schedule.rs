//! When groups of rules are evaluated.

use std::time::Duration;

use tidewatch_domain::Timestamp;

use crate::fingerprint::Fnv1;
use crate::rule::Group;

/// The scheduler's beat: every evaluation is at a multiple of it, as in Grafana.
pub const BEAT: Duration = Duration::from_secs(10);

/// The first evaluation of `group` after `after`.
///
/// Instants are aligned: a group with an interval of a minute is evaluated at the same second of
/// every minute, whenever the process was started. Groups are spread over the beats of their
/// interval by a hash of organisation, folder and name, so that they do not all ask at once
/// (Grafana spreads by group too, `pkg/services/ngalert/schedule/jitter.go`, by a hash that holds
/// the folder's random identity).
pub fn next(group: &Group, after: Timestamp) -> Timestamp {
    let interval = group.interval.max(BEAT);
    let nanos = i64::try_from(interval.as_nanos()).unwrap_or(i64::MAX);
    let offset = i64::try_from(offset(group, interval).as_nanos()).unwrap_or(0);
    let passed = after.as_nanos().saturating_sub(offset).rem_euclid(nanos);
    Timestamp::from_nanos(after.as_nanos().saturating_add(nanos - passed))
}

fn offset(group: &Group, interval: Duration) -> Duration {
    let mut hash = Fnv1::new();
    hash.part(&group.org_id.to_be_bytes());
    hash.part(group.folder.as_bytes());
    hash.part(group.name.as_bytes());
    let beats = (interval.as_secs() / BEAT.as_secs()).max(1);
    BEAT.saturating_mul(u32::try_from(hash.sum() % beats).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(name: &str, seconds: u64) -> Group {
        Group {
            org_id: 1,
            name: name.to_owned(),
            folder: "Tidewatch".to_owned(),
            interval: Duration::from_secs(seconds),
            rules: Vec::new(),
        }
    }

    #[test]
    fn groups_are_spread_over_their_interval() {
        let start = Timestamp::from_secs(1_795_330_800);
        let seconds: std::collections::BTreeSet<_> = (0..40)
            .map(|number| next(&group(&format!("group-{number}"), 60), start).as_secs() % 60)
            .collect();
        assert_eq!(seconds, [0, 10, 20, 30, 40, 50].into());
    }

    proptest! {
        #[test]
        fn instants_are_aligned_regular_and_after(
            name in "[a-z]{1,8}",
            beats in 1_u64..400,
            nanos in 0_i64..2_000_000_000_000_000_000,
        ) {
            let group = group(&name, beats * 10);
            let after = Timestamp::from_nanos(nanos);
            let first = next(&group, after);
            prop_assert!(first > after && first <= after.plus(group.interval));
            prop_assert_eq!(first.as_nanos() % 10_000_000_000, 0);
            prop_assert_eq!(next(&group, first), first.plus(group.interval));
            let middle = first.plus(Duration::from_secs(1));
            prop_assert_eq!(next(&group, middle), first.plus(group.interval));
        }
    }
}
