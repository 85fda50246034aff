//! Long work that gives way to whatever else the process does.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::StoreError;

/// How nice the work is to others, as in nice(1): with 10, a busy thread beside it gets nine times
/// as much of a core.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Runs `work` on a thread of its own with a low priority, and waits for it.
///
/// A flush merges millions of rows for seconds. On the runtime's threads, or beside them as an
/// equal, it would take a core from probes that have a slot to keep. The thread ends with the
/// work: a process without privileges cannot raise a priority again. A panic of the work goes on
/// in the caller.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (done, outcome) = oneshot::channel();
    let runtime = Handle::current();
    std::thread::Builder::new()
        .name("tidewatch-flush".to_owned())
        .spawn(move || {
            give_way();
            // A merge waits for streams, which it asks the runtime for.
            let _context = runtime.enter();
            // Nobody may wait any more; the work is done all the same.
            let _ = done.send(catch_unwind(AssertUnwindSafe(work)));
        })
        .map_err(|source| StoreError::Engine {
            action: "start a thread for a flush",
            source: Box::new(source),
        })?;
    match outcome.await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_dropped) => Err(StoreError::Closed),
    }
}

/// Lowers the priority of this thread. Where that cannot be done, the work is as any other.
fn give_way() {
    // On Linux a priority belongs to a thread (setpriority(2), "C library/kernel differences").
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "the flush keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_result_comes_back_and_a_panic_goes_on() {
        assert_eq!(run(|| Ok(7)).await.unwrap(), 7);
        let refused: Result<(), _> = run(|| Err(StoreError::Closed)).await;
        assert!(matches!(refused, Err(StoreError::Closed)));
        let panicked = tokio::spawn(run(|| -> Result<(), StoreError> { panic!("on purpose") }));
        assert!(panicked.await.unwrap_err().is_panic());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_priority_is_that_threads_alone() {
        let of_this_thread = || rustix::process::getpriority_process(None).unwrap();
        let before = of_this_thread();
        let there = run(move || Ok(of_this_thread())).await.unwrap();
        assert!(there >= NICENESS, "{there}");
        assert_eq!(of_this_thread(), before);
    }
}
