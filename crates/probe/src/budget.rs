//! How much time something has, and what is said when it was not enough.

use std::future::Future;
use std::time::Duration;

use tidewatch_domain::monitor::Timeouts;
use tidewatch_domain::{Cause, ErrorClass};
use tokio::time::{Instant, timeout_at};

/// The instant by which something must be done, and whose limit that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    end: Instant,
    length: Duration,
    limit: Limit,
}

/// Whose limit a budget is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// The timeout of a part of the attempt, by the name that definitions have for it.
    Part(&'static str),
    /// The attempt timeout.
    Attempt,
    /// The time of all attempts together.
    Probe,
}

/// The end of the time that all samples of a probe have together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeEnd {
    end: Instant,
    length: Duration,
}

impl ProbeEnd {
    /// The end of a probe that begins now.
    pub(crate) fn after(length: Duration) -> Self {
        ProbeEnd {
            end: Instant::now() + length,
            length,
        }
    }

    /// What is left.
    pub(crate) fn remaining(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

impl Budget {
    /// The budget of an attempt that begins now. A confirmation retry has no `probe` end: it is
    /// made after the probe's own time.
    pub(crate) fn of_attempt(timeouts: &Timeouts, probe: Option<ProbeEnd>) -> Self {
        let end = Instant::now() + timeouts.attempt;
        match probe {
            Some(probe) if probe.end < end => Budget {
                end: probe.end,
                length: probe.length,
                limit: Limit::Probe,
            },
            _ => Budget {
                end,
                length: timeouts.attempt,
                limit: Limit::Attempt,
            },
        }
    }

    /// This budget, cut to a connect timeout that begins now.
    pub(crate) fn of_connect(self, connect: Duration) -> Self {
        self.of_part("connect", connect)
    }

    /// This budget, cut to a timeout of the TLS handshake that begins now, if there is one.
    pub(crate) fn of_tls(self, tls: Option<Duration>) -> Self {
        tls.map_or(self, |tls| self.of_part("tls", tls))
    }

    /// This budget, cut to a timeout of the answer's header that begins now, if there is one.
    pub(crate) fn of_header(self, header: Option<Duration>) -> Self {
        header.map_or(self, |header| self.of_part("header", header))
    }

    fn of_part(self, name: &'static str, length: Duration) -> Self {
        let end = Instant::now() + length;
        if end < self.end {
            Budget {
                end,
                length,
                limit: Limit::Part(name),
            }
        } else {
            self
        }
    }

    /// Waits for `work`, but not beyond the budget: then the cause is of `class`, or the end of
    /// the probe's time where that was the limit. `doing` completes "… took longer than".
    pub(crate) async fn run<T>(
        self,
        class: ErrorClass,
        doing: impl FnOnce() -> String,
        work: impl Future<Output = T>,
    ) -> Result<T, Cause> {
        timeout_at(self.end, work)
            .await
            .map_err(|_| self.over(class, &doing()))
    }

    /// Waits for `work`, but not beyond the budget; `None` then.
    pub(crate) async fn cut<T>(self, work: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.end, work).await.ok()
    }

    /// The cause of something that was cut off.
    pub(crate) fn over(self, class: ErrorClass, doing: &str) -> Cause {
        let length = shown(self.length);
        match self.limit {
            Limit::Part(name) => Cause::new(
                class,
                format!("{doing} took longer than the {name} timeout of {length}"),
            ),
            Limit::Attempt => Cause::new(
                class,
                format!("{doing} took longer than the attempt timeout of {length}"),
            ),
            Limit::Probe => Cause::new(
                ErrorClass::Deadline,
                format!("the {length} that all attempts have together were over during {doing}"),
            ),
        }
    }
}

/// `3 s`, `250 ms`.
fn shown(length: Duration) -> String {
    if length.subsec_millis() == 0 {
        format!("{} s", length.as_secs())
    } else {
        format!("{} ms", length.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeouts() -> Timeouts {
        Timeouts {
            attempt: Duration::from_millis(5_500),
            ..Timeouts::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_limit_is_the_one_that_is_named() {
        let over = |budget: Budget| {
            budget
                .over(ErrorClass::ConnectTimeout, "connect")
                .to_string()
        };
        let attempt = Budget::of_attempt(&timeouts(), Some(ProbeEnd::after(timeouts().probe)));
        assert_eq!(
            over(attempt),
            "connect_timeout: connect took longer than the attempt timeout of 5500 ms"
        );
        assert_eq!(
            over(attempt.of_connect(timeouts().connect)),
            "connect_timeout: connect took longer than the connect timeout of 3 s"
        );
        assert_eq!(
            over(attempt.of_header(Some(Duration::from_millis(800)))),
            "connect_timeout: connect took longer than the header timeout of 800 ms"
        );
        assert_eq!(over(attempt.of_tls(None)), over(attempt));
        assert_eq!(over(attempt.of_tls(Some(timeouts().probe))), over(attempt));
        let late = Budget::of_attempt(&timeouts(), Some(ProbeEnd::after(Duration::from_secs(1))));
        assert_eq!(
            over(late.of_connect(timeouts().connect)),
            "deadline: the 1 s that all attempts have together were over during connect"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn work_is_cut_off_at_the_end() {
        let begun = Instant::now();
        let result = Budget::of_attempt(&timeouts(), None)
            .run(
                ErrorClass::DnsTimeout,
                || "it".to_owned(),
                std::future::pending::<()>(),
            )
            .await;
        assert_eq!(result.unwrap_err().class, ErrorClass::DnsTimeout);
        assert_eq!(begun.elapsed(), timeouts().attempt);
    }
}
