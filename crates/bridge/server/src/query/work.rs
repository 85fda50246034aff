//! The working time of one statement.

use std::time::Duration;

use tidewatch_sql::Stop;
use tidewatch_wire::{ApiError, ErrorCode};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// Lets a statement work step by step: each step in its turn among all statements, and all of them
/// within a time. What computes without a pause is told by [`Work::stop`] that the time is up, or
/// that nobody wants its result any more.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    turns: &'a Semaphore,
    whole: Duration,
    left: Duration,
    stop: Stop,
}

impl Work<'_> {
    /// Work of a statement that may take `whole`, and may wait as long for each turn.
    pub(crate) fn new(turns: &Semaphore, whole: Duration) -> Work<'_> {
        Work {
            turns,
            whole,
            left: whole,
            stop: Stop::default(),
        }
    }

    /// What the steps look at.
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Waits for a turn, and then works within the time that is left.
    pub(crate) async fn turn<T>(
        &mut self,
        step: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let Ok(Ok(_permit)) = timeout(self.whole, self.turns.acquire()).await else {
            return Err(ApiError::new(
                ErrorCode::Throttling,
                format!(
                    "Other queries kept the server busy for {} s; send this one again later.",
                    self.whole.as_secs()
                ),
            ));
        };
        let begin = Instant::now();
        self.stop.after(self.left);
        let result = match timeout(self.left, step).await {
            // It noticed before the timer did.
            Ok(Err(_)) if self.stop.is_due() => return Err(self.too_long()),
            Ok(result) => result,
            Err(_elapsed) => return Err(self.too_long()),
        };
        self.left = self.left.saturating_sub(begin.elapsed());
        result
    }

    fn too_long(&self) -> ApiError {
        ApiError::new(
            ErrorCode::QueryExecution,
            format!(
                "The query was stopped after {} s of work; narrow its time range.",
                self.whole.as_secs()
            ),
        )
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.stop.now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    const MINUTE: Duration = Duration::from_secs(60);

    async fn step(seconds: u64) -> Result<(), ApiError> {
        sleep(Duration::from_secs(seconds)).await;
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn the_steps_share_the_time() {
        let turns = Semaphore::new(1);
        let mut work = Work::new(&turns, MINUTE);
        assert_eq!(work.turn(step(35)).await, Ok(()));
        sleep(MINUTE).await;
        assert_eq!(
            work.turn(step(24)).await,
            Ok(()),
            "the time between steps does not count"
        );
        let stopped = work.turn(step(2)).await.unwrap_err();
        assert_eq!(stopped.code, ErrorCode::QueryExecution);
        assert_eq!(
            stopped.message,
            "The query was stopped after 60 s of work; narrow its time range."
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_waited_for_but_not_for_ever() {
        let turns = Semaphore::new(1);
        let taken = turns.acquire().await.unwrap();
        let mut work = Work::new(&turns, MINUTE);
        let refused = work.turn(step(0)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Throttling);
        let (done, ()) = tokio::join!(work.turn(step(50)), async {
            sleep(Duration::from_secs(50)).await;
            drop(taken);
        });
        assert_eq!(done, Ok(()), "waiting does not count as work");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_dropped_or_late_is_told_to_stop() {
        let turns = Semaphore::new(1);
        let mut work = Work::new(&turns, MINUTE);
        let stop = work.stop().clone();
        assert_eq!(work.turn(step(1)).await, Ok(()));
        assert!(!stop.is_due());
        drop(work);
        assert!(stop.is_due());

        let mut work = Work::new(&turns, Duration::ZERO);
        let noticed = async { Err::<(), _>(ApiError::internal()) };
        let stopped = work.turn(noticed).await.unwrap_err();
        assert_eq!(stopped.code, ErrorCode::QueryExecution);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_that_fails_gives_its_turn_back() {
        let turns = Semaphore::new(1);
        let mut work = Work::new(&turns, MINUTE);
        let failure = ApiError::new(ErrorCode::QueryExecution, "Division by zero");
        assert_eq!(
            work.turn(async { Err::<(), _>(failure.clone()) }).await,
            Err(failure)
        );
        assert_eq!(turns.available_permits(), 1);
    }
}
