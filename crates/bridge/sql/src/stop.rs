//! Stopping a statement from outside, also while it computes without a pause.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use datafusion::common::config::{ConfigEntry, ConfigExtension, ExtensionOptions};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DataFusionError, Result, not_impl_err};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// Tells a statement when to stop. Clones are one; the default never stops anything.
///
/// A future that is dropped or timed out only stops at its next pause, and planning has none. So
/// planning looks here between its steps, and every function before it computes.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Moment>);

#[derive(Debug)]
struct Moment {
    begin: Instant,
    /// In nanoseconds after `begin`.
    due: AtomicU64,
}

impl Default for Moment {
    fn default() -> Self {
        Moment {
            begin: Instant::now(),
            due: AtomicU64::new(u64::MAX),
        }
    }
}

impl Stop {
    /// Stops the statement once so much time from now has passed, whatever was said before.
    pub fn after(&self, time: Duration) {
        let due = self.0.begin.elapsed().saturating_add(time).as_nanos();
        let due = u64::try_from(due).unwrap_or(u64::MAX);
        self.0.due.store(due, Ordering::Relaxed);
    }

    /// Stops the statement.
    pub fn now(&self) {
        self.0.due.store(0, Ordering::Relaxed);
    }

    /// Whether it is time to stop.
    pub fn is_due(&self) -> bool {
        let due = self.0.due.load(Ordering::Relaxed);
        due != u64::MAX && self.0.begin.elapsed().as_nanos() >= u128::from(due)
    }

    /// An error when it is time to stop the statement that has these options.
    pub(crate) fn check(options: &ConfigOptions) -> Result<()> {
        match options.extensions.get::<Stop>() {
            Some(stop) if stop.is_due() => Err(DataFusionError::External(Box::new(Stopped))),
            _ => Ok(()),
        }
    }
}

/// Why a statement that was stopped has no result.
#[derive(Debug, thiserror::Error)]
#[error("the statement was stopped")]
pub(crate) struct Stopped;

/// So a statement's moment comes to every place that knows its options.
impl ConfigExtension for Stop {
    const PREFIX: &'static str = "stop";
}

impl ExtensionOptions for Stop {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _: &str) -> Result<()> {
        not_impl_err!("there is no setting `{key}`")
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        vec![]
    }
}

/// Stands between the rules of the optimizer and changes nothing.
#[derive(Debug)]
pub(crate) struct Checkpoint;

impl OptimizerRule for Checkpoint {
    fn name(&self) -> &str {
        "Checkpoint"
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        Stop::check(&config.options())?;
        Ok(Transformed::no(plan))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_when_told_and_not_before() {
        let stop = Stop::default();
        assert!(!stop.is_due());
        stop.after(Duration::from_secs(3600));
        assert!(!stop.is_due());
        let other = stop.clone();
        other.after(Duration::ZERO);
        assert!(stop.is_due());
        stop.after(Duration::MAX);
        assert!(!stop.is_due());
        stop.now();
        assert!(other.is_due());
    }

    #[test]
    fn options_without_one_never_stop() {
        let mut options = ConfigOptions::new();
        Stop::check(&options).unwrap();
        let stop = Stop::default();
        options.extensions.insert(stop.clone());
        Stop::check(&options).unwrap();
        stop.now();
        assert!(Stop::check(&options.clone()).is_err());
    }
}
