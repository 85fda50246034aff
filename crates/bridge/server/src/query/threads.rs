//! The threads that statements work on.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// Threads of their own for statements, so that one which computes for long without a pause never
/// keeps a call from being answered: neither a write, nor the cancelling of that very statement.
#[derive(Debug)]
pub(crate) struct QueryThreads {
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl QueryThreads {
    pub(crate) fn start(threads: usize) -> io::Result<QueryThreads> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name("query")
            .enable_all()
            .build()?;
        Ok(QueryThreads {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(crate) fn spawn(&self, statement: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(statement);
    }
}

impl Drop for QueryThreads {
    fn drop(&mut self) {
        // Waiting for the threads would block the caller, which may be a thread of another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
