//! How late timers fire: the prober's own delay ends up in what it measures.

use std::time::{Duration, Instant};

use super::finding::Finding;
use super::spread::Spread;
use crate::terminal::millis;

const NAME: &str = "timers";
const SLEEPS: usize = 200;
const SLEEP: Duration = Duration::from_millis(1);
/// The runtime's timers have a resolution of a millisecond, so a healthy machine shows 1 to 2 ms.
const GOOD: Duration = Duration::from_millis(5);

/// Sleeps for a millisecond many times and sees how long that takes.
pub(super) async fn examine() -> Finding {
    let mut overshoots = Vec::with_capacity(SLEEPS);
    for _ in 0..SLEEPS {
        let begun = Instant::now();
        tokio::time::sleep(SLEEP).await;
        overshoots.push(begun.elapsed().saturating_sub(SLEEP));
    }
    judge(Spread::of(overshoots))
}

fn judge(overshoot: Option<Spread>) -> Finding {
    let Some(Spread { p50, p99 }) = overshoot else {
        return Finding::warn(NAME, "no sleep ended", "run this again");
    };
    let measured = format!(
        "sleeps of 1 ms end late by {} (median), {} (p99)",
        millis(p50),
        millis(p99)
    );
    if p99 <= GOOD {
        return Finding::ok(NAME, measured);
    }
    let remedy = "give this machine more processor time: latencies below this are its own delay";
    Finding::warn(NAME, measured, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[test]
    fn late_timers_are_a_warning_with_figures() {
        let spread = |p99| {
            Some(Spread {
                p50: Duration::from_millis(1),
                p99: Duration::from_millis(p99),
            })
        };
        assert_eq!(judge(spread(2)).status, Status::Ok);
        let late = judge(spread(40));
        assert_eq!(late.status, Status::Warn);
        assert_eq!(
            late.measured,
            "sleeps of 1 ms end late by 1.0 ms (median), 40.0 ms (p99)"
        );
    }
}
