//! Talking to the committer's thread.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use crate::commit::{Command, Committer};
use crate::error::StoreError;
use crate::log::Log;
use crate::shared::Shared;

/// The committer's thread. Stops it when dropped.
#[derive(Debug)]
pub(crate) struct CommitterHandle {
    commands: Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The committer does not take commands any more.
#[derive(Debug)]
pub(crate) struct Stopped;

impl CommitterHandle {
    pub(crate) fn start(shared: Arc<Shared>, log: Log) -> io::Result<CommitterHandle> {
        let (commands, inbox) = channel();
        let committer = Committer::new(shared, log);
        let thread = std::thread::Builder::new()
            .name("tidewatch-committer".to_owned())
            .spawn(move || committer.run(&inbox))?;
        Ok(CommitterHandle {
            commands,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn send(&self, command: Command) -> Result<(), Stopped> {
        self.commands.send(command).map_err(|_command| Stopped)
    }

    /// Runs something on the committer's thread, between two groups, and waits for it.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Committer) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = channel();
        let run = move |committer: &mut Committer| {
            // Nobody waits for it any more only if their thread panicked.
            let _ = answer.send(run(committer));
        };
        self.send(Command::Run(Box::new(run)))
            .map_err(|_stopped| StoreError::Closed)?;
        result.recv().map_err(|_stopped| StoreError::Closed)
    }

    /// Lets it finish what was sent so far, and waits for that.
    pub(crate) fn stop(&self) {
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            let _ = self.send(Command::Stop);
            if thread.join().is_err() {
                tracing::error!("the committer panicked");
            }
        }
    }
}

impl Drop for CommitterHandle {
    fn drop(&mut self) {
        self.stop();
    }
}
