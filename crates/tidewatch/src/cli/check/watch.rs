//! `tidewatch check --watch`: the same probe on a fixed grid, with statistics over all attempts.

mod output;
mod panel;
mod percentile;
mod tally;

use std::future::Future;

use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_domain::{Monitor, Outcome};
use tokio::time::{Duration, Instant, sleep_until};

use super::{CheckArgs, Findings, exit};
use crate::cli::exit::{Complaint, Exit};
use crate::local::SystemClock;
use crate::terminal::Terminal;
use output::Output;
use tally::Tally;

/// How the repetition goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// The probes to make; `None` for no end.
    count: Option<u64>,
    /// Whether programs read the result.
    json: bool,
}

impl Options {
    /// What the arguments say; `None` when nothing is repeated.
    pub(super) fn of(arguments: &CheckArgs) -> Option<Self> {
        arguments.watch.watch.then_some(Options {
            count: arguments.watch.count,
            json: arguments.json,
        })
    }
}

/// Repeats the probe until there were enough or Ctrl-C, and tells each result and their sum.
pub(super) async fn run(
    monitor: &Monitor,
    options: &Options,
    prober: &dyn Prober,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let mut output = Output::choose(options.json, monitor, terminal);
    let mut tally = Tally::new(monitor.interval);
    output.begin(&tally)?;
    // Where signals cannot be had, Ctrl-C ends the process without a summary.
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let watch = Watch {
        monitor,
        prober,
        clock: &SystemClock,
        count: options.count,
    };
    let last = watch
        .repeat(interrupted, &mut tally, &mut |seen, tally| {
            output.show(seen, tally)
        })
        .await?;
    output.end(&tally)?;
    Ok(last.map_or(Exit::Bad, exit))
}

/// What happened in the repetition.
enum Seen<'a> {
    /// A probe has ended; the number counts from 1.
    Probe(u64, &'a Findings<'a>),
    /// So many slots passed while the probe before them still ran.
    Missed(u64),
}

/// A probe that is repeated.
struct Watch<'a> {
    monitor: &'a Monitor,
    prober: &'a dyn Prober,
    clock: &'a dyn Clock,
    count: Option<u64>,
}

impl Watch<'_> {
    /// Probes at every slot of the grid that begins now. A slot that passes while a probe still
    /// runs is missed, never made up for. Returns the last outcome.
    ///
    /// Errors: those of `tell`.
    async fn repeat<E>(
        &self,
        interrupted: impl Future<Output = ()>,
        tally: &mut Tally,
        tell: &mut impl FnMut(Seen<'_>, &Tally) -> Result<(), E>,
    ) -> Result<Option<Outcome>, E> {
        let mut interrupted = std::pin::pin!(interrupted);
        let (begin, begin_slot) = (Instant::now(), self.clock.now());
        let (mut slot, mut probes, mut last) = (0_u32, 0, None);
        while self.count.is_none_or(|count| probes < count) {
            let offset = self.monitor.interval * slot;
            let probing = async {
                sleep_until(begin + offset).await;
                self.prober
                    .probe(self.monitor, begin_slot.plus(offset))
                    .await
            };
            let result = tokio::select! {
                () = &mut interrupted => break,
                result = probing => result,
            };
            probes += 1;
            let findings = Findings::of(self.monitor, result, self.clock.now());
            last = Some(findings.summary.outcome);
            tally.add(&findings);
            tell(Seen::Probe(probes, &findings), tally)?;
            let next = next_slot(slot, begin.elapsed(), self.monitor.interval);
            let missed = u64::from(next - slot - 1);
            if missed > 0 && self.count.is_none_or(|count| probes < count) {
                tally.miss(missed);
                tell(Seen::Missed(missed), tally)?;
            }
            slot = next;
        }
        Ok(last)
    }
}

/// The first slot after `slot` that is not over yet.
fn next_slot(slot: u32, elapsed: Duration, interval: Duration) -> u32 {
    let reached = elapsed.as_nanos().div_ceil(interval.as_nanos().max(1));
    u32::try_from(reached).unwrap_or(u32::MAX).max(slot + 1)
}

#[cfg(test)]
mod tests;
