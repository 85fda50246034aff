//! How the time of an invocation is shared out.

use std::time::Duration;

use tidewatch_domain::Timestamp;
use tokio::time::Instant;

/// The most that is kept for handing on what was found.
const SENDING: Duration = Duration::from_secs(10);
/// What is kept for the answer, so that Lambda does not end the process in the middle of it.
const ANSWERING: Duration = Duration::from_millis(500);

/// Until when an invocation may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Until when it may probe.
    pub(crate) probing: Instant,
    /// Until when it may hand on what was found.
    pub(crate) sending: Instant,
}

impl Allowance {
    /// For an invocation that Lambda ends at `deadline`: a quarter of the time that is left is
    /// for handing on, ten seconds at most.
    pub(crate) fn until(deadline: Timestamp, now: Timestamp) -> Self {
        let left = deadline.since(now);
        let end = Instant::now() + left;
        Allowance {
            probing: end - (left / 4).min(SENDING),
            sending: end - (left / 20).min(ANSWERING),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn some_time_is_always_left_for_sending() {
        let begun = Instant::now();
        let now = Timestamp::from_secs(1_000);
        for (seconds, probing, sending) in [(60, 50_000, 59_500), (8, 6_000, 7_600), (0, 0, 0)] {
            let allowance = Allowance::until(now.plus(Duration::from_secs(seconds)), now);
            let millis = |at: Instant| at.duration_since(begun).as_millis();
            assert_eq!(
                (millis(allowance.probing), millis(allowance.sending)),
                (probing, sending)
            );
        }
    }
}
