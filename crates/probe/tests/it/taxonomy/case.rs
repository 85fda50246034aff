//! A row of the table: what is done to the engine, and what has to come out.

use std::pin::Pin;
use std::sync::Arc;

use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, ErrorClass, ErrorOwner};
use tidewatch_probe::Engine;
use tidewatch_testkit::{Authority, MonitorBuilder};
use tokio::sync::Semaphore;

use crate::support::{attempt, trusting};

/// Class, owner, and the phase in which it ended.
pub(super) type Wanted = (ErrorClass, ErrorOwner, PhaseReached);

/// How many rows run at once: the timeouts of some are shorter than what all need together.
const AT_ONCE: usize = 8;

/// What the rows share.
pub(super) struct World {
    /// Trusted by the engine.
    pub(super) root: Authority,
    pub(super) engine: Arc<Engine>,
}

impl World {
    pub(super) fn new() -> Self {
        let root = Authority::root();
        let engine = Arc::new(trusting(&root));
        World { root, engine }
    }
}

/// What came out, by names, as a child process can tell it too.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) class: String,
    pub(super) owner: String,
    pub(super) phase: String,
    pub(super) text: String,
}

impl Found {
    pub(super) fn of(attempt: &Attempt) -> Self {
        let (class, owner, text) = attempt.cause().map_or(("none", "none", ""), |cause| {
            (cause.class.name(), cause.owner.name(), cause.text.as_str())
        });
        Found {
            class: class.to_owned(),
            owner: owner.to_owned(),
            phase: attempt.reached.name().to_owned(),
            text: text.to_owned(),
        }
    }
}

/// A row.
pub(super) struct Case {
    name: String,
    pub(super) wanted: Wanted,
    /// A part of the text.
    says: String,
    run: Pin<Box<dyn Future<Output = Found> + Send>>,
}

impl Case {
    /// Probes `monitor`, and keeps `server` until that is done.
    pub(super) fn new<S: Send + 'static>(
        name: impl Into<String>,
        wanted: Wanted,
        says: impl Into<String>,
        engine: &Arc<Engine>,
        monitor: MonitorBuilder,
        server: S,
    ) -> Self {
        let engine = engine.clone();
        Case::of(name, wanted, says, async move {
            let found = attempt(&engine, &monitor.build()).await;
            drop(server);
            Found::of(&found)
        })
    }

    /// Does whatever `run` does.
    pub(super) fn of(
        name: impl Into<String>,
        wanted: Wanted,
        says: impl Into<String>,
        run: impl Future<Output = Found> + Send + 'static,
    ) -> Self {
        Case {
            name: name.into(),
            wanted,
            says: says.into(),
            run: Box::pin(run),
        }
    }

    /// What is wrong, if anything is.
    fn check(&self, found: &Found) -> Option<String> {
        let (class, owner, phase) = self.wanted;
        let wanted = (class.name(), owner.name(), phase.name());
        let came_out = (
            found.class.as_str(),
            found.owner.as_str(),
            found.phase.as_str(),
        );
        if wanted != came_out {
            let text = &found.text;
            return Some(format!(
                "{}: wanted {wanted:?}, got {came_out:?} ({text})",
                self.name
            ));
        }
        (!found.text.contains(&self.says))
            .then(|| format!("{}: no `{}` in `{}`", self.name, self.says, found.text))
    }
}

/// Runs all rows and tells which are wrong, so that one run shows everything.
pub(super) async fn run(cases: Vec<Case>) -> Vec<String> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    // Each is a task of its own: what one of them does to its thread is nothing to the others.
    let tasks: Vec<_> = cases
        .into_iter()
        .map(|mut case| {
            let places = places.clone();
            tokio::spawn(async move {
                let _place = places.acquire().await.unwrap();
                let found = case.run.as_mut().await;
                case.check(&found)
            })
        })
        .collect();
    let mut wrong = Vec::new();
    for task in tasks {
        wrong.extend(task.await.unwrap());
    }
    wrong
}
