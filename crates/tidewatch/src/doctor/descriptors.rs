//! The limit of open files.

use rustix::process::{Resource, getrlimit};

use super::finding::Finding;

const NAME: &str = "open files";
/// A probe may need a socket for its connection and one for name resolution at once.
const PER_PROBE: u64 = 2;
/// The store's files, the servers' connections, the log.
const FOR_OTHERS: u64 = 128;

/// Compares the limit with what `monitors` need, of which at most `max_in_flight` are probed at
/// the same time.
pub(super) fn examine(monitors: usize, max_in_flight: usize) -> Finding {
    let limit = getrlimit(Resource::Nofile);
    judge(limit.current, limit.maximum, monitors, max_in_flight)
}

/// A limit of `None` is none.
fn judge(
    current: Option<u64>,
    maximum: Option<u64>,
    monitors: usize,
    max_in_flight: usize,
) -> Finding {
    let probes = u64::try_from(monitors.min(max_in_flight)).unwrap_or(u64::MAX);
    let needed = probes.saturating_mul(PER_PROBE).saturating_add(FOR_OTHERS);
    let Some(current) = current else {
        return Finding::ok(
            NAME,
            format!("no limit; {monitors} monitors need {needed} at most"),
        );
    };
    let measured = format!("the limit is {current}; {monitors} monitors need {needed} at most");
    if current >= needed {
        return Finding::ok(NAME, measured);
    }
    let remedy = if maximum.is_none_or(|maximum| maximum >= needed) {
        format!("raise it before starting: ulimit -n {needed}")
    } else {
        format!("have the hard limit raised to {needed}, or set a smaller --max-in-flight")
    };
    if current < FOR_OTHERS {
        Finding::fail(NAME, measured, remedy)
    } else {
        Finding::warn(NAME, measured, remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[test]
    fn the_limit_is_held_against_what_is_needed() {
        assert_eq!(judge(Some(1_024), None, 10_000, 256).status, Status::Ok);
        assert_eq!(judge(None, None, 10_000, 10_000).status, Status::Ok);
        assert_eq!(judge(Some(64), Some(64), 1, 256).status, Status::Fail);
        let tight = judge(Some(256), Some(4_096), 200, 256);
        assert_eq!(tight.status, Status::Warn);
        assert_eq!(
            tight.measured,
            "the limit is 256; 200 monitors need 528 at most"
        );
        assert_eq!(
            tight.remedy.unwrap(),
            "raise it before starting: ulimit -n 528"
        );
        let hard = judge(Some(256), Some(256), 200, 256).remedy.unwrap();
        assert!(
            hard.starts_with("have the hard limit raised to 528"),
            "{hard}"
        );
    }
}
