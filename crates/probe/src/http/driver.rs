//! What keeps connections going.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use hyper::rt::Executor;
use parking_lot::Mutex;
use tokio::time::sleep;

/// What keeps a connection going.
///
/// It is polled by whoever waits for something from the connection, within the same task. So
/// nothing runs on after an attempt was given up, and no other task's turn is in the timings.
pub(super) struct Driver {
    main: Option<BoxFuture<'static, ()>>,
    tasks: Tasks,
    running: FuturesUnordered<BoxFuture<'static, ()>>,
}

impl Driver {
    pub(super) fn new(
        connection: impl Future<Output = hyper::Result<()>> + Send + 'static,
        tasks: Tasks,
    ) -> Self {
        // An error of the connection reaches whoever waits for the response as well.
        let main = Box::pin(async move {
            let _ = connection.await;
        });
        Driver {
            main: Some(main),
            tasks,
            running: FuturesUnordered::new(),
        }
    }

    /// Waits for `work`, which waits for this connection.
    pub(super) async fn drive<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(result) = work.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            self.poll(context);
            // What the connection just did is often what the work waits for.
            work.as_mut().poll(context)
        })
        .await
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) {
        if let Some(main) = &mut self.main
            && main.as_mut().poll(context).is_ready()
        {
            self.main = None;
        }
        loop {
            self.running.extend(self.tasks.0.lock().drain(..));
            match self.running.poll_next_unpin(context) {
                Poll::Ready(Some(())) => {}
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        // A task may have begun others.
        if !self.tasks.0.lock().is_empty() {
            context.waker().wake_by_ref();
        }
    }
}

/// The tasks that an HTTP/2 connection wants to have run.
#[derive(Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, task: F) {
        self.0.lock().push(Box::pin(task));
    }
}

/// Keeps connections going for the length of `pause`; without one, lets them catch up with what
/// came for them.
pub(super) async fn idle<'a>(drivers: impl Iterator<Item = &'a mut Driver>, pause: Duration) {
    let mut drivers: Vec<&mut Driver> = drivers.collect();
    let none = pause.is_zero();
    let mut pause = pin!(sleep(pause));
    poll_fn(|context| {
        for driver in &mut drivers {
            driver.poll(context);
        }
        // A timer of no length would still take until the next tick of the timers.
        if none {
            Poll::Ready(())
        } else {
            pause.as_mut().poll(context)
        }
    })
    .await;
}
