//! DataFusion's settings and resources.

use std::sync::Arc;

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::SessionConfig;

use super::cooperation::Cooperation;
use super::correlated::Correlated;
use crate::stop::Checkpoint;
use crate::{Limits, SqlError};

/// After how many rules of the optimizer a statement is asked whether it is to stop.
const RULES_AT_A_TIME: usize = 4;

/// The state that all statements of an engine share.
pub(super) fn state(limits: &Limits) -> Result<SessionState, SqlError> {
    let disk = match &limits.spill_dir {
        Some(dir) => DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![dir.clone()]))
            .with_max_temp_directory_size(limits.spill_bytes),
        None => DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled),
    };
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
        .with_disk_manager_builder(disk)
        .build_arc()
        .map_err(|error| {
            let dir = limits
                .spill_dir
                .as_ref()
                .map(|dir| dir.display().to_string());
            SqlError::Internal(format!(
                "cannot spill into `{}`: {error}",
                dir.unwrap_or_default()
            ))
        })?;
    let mut config = SessionConfig::new()
        .with_target_partitions(limits.parallelism.max(1))
        .with_batch_size(limits.batch_rows.max(1))
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(false);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.collect_spans = true;
    options.sql_parser.default_null_ordering = "nulls_last".to_owned();
    // A table gives as many streams as are wanted by itself, cut where its files can be cut.
    options.optimizer.repartition_file_scans = false;
    // What a sort keeps back for merging; DataFusion's 10 MiB would be all of a small pool.
    let share = limits.memory_bytes / (16 * limits.parallelism.max(1));
    options.execution.sort_spill_reservation_bytes = share.min(10 * 1024 * 1024);
    // A rule that fails is a fault to be seen, not to be skipped.
    options.optimizer.skip_failed_rules = false;
    let mut logical: Vec<Arc<dyn OptimizerRule + Send + Sync>> = vec![Arc::new(Correlated)];
    for some in Optimizer::new().rules.chunks(RULES_AT_A_TIME) {
        logical.push(Arc::new(Checkpoint));
        logical.extend_from_slice(some);
    }
    let mut rules = PhysicalOptimizer::new().rules;
    rules.push(Arc::new(Cooperation));
    Ok(SessionStateBuilder::new()
        .with_optimizer_rules(logical)
        .with_physical_optimizer_rules(rules)
        .with_config(config)
        .with_runtime_env(runtime)
        .build())
}
