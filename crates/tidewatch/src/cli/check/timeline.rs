//! The phases of attempts as bars on a time axis.

use std::time::Duration;

use tidewatch_domain::Attempt;
use tidewatch_domain::probe::{PhaseReached, Phases};

use crate::terminal::{Bar, Tone, Waterfall};

/// One attempt. The phase in which it ended, if it did not get through, comes last and open.
pub(super) fn of_attempt(attempt: &Attempt) -> Waterfall {
    of_phases(&attempt.phases, Some(attempt.reached))
}

/// The mean over attempts that got through; `None` without any.
///
/// A phase that only some of them had counts as nothing in the others, so that the bars add up to
/// the mean total.
pub(super) fn of_mean(attempts: &[&Attempt]) -> Option<Waterfall> {
    let count = u32::try_from(attempts.len())
        .ok()
        .filter(|count| *count > 0)?;
    let mean = |phase: fn(&Phases) -> Option<Duration>| {
        let times: Vec<Duration> = attempts
            .iter()
            .filter_map(|attempt| phase(&attempt.phases))
            .collect();
        (!times.is_empty()).then(|| times.iter().sum::<Duration>() / count)
    };
    let phases = Phases {
        resolve: mean(|phases| phases.resolve),
        connect: mean(|phases| phases.connect),
        proxy: mean(|phases| phases.proxy),
        tls: mean(|phases| phases.tls),
        send: mean(|phases| phases.send),
        wait: mean(|phases| phases.wait),
        transfer: mean(|phases| phases.transfer),
        total: mean(|phases| Some(phases.total))?,
    };
    Some(of_phases(&phases, None))
}

fn of_phases(phases: &Phases, reached: Option<PhaseReached>) -> Waterfall {
    let mut bars = Vec::new();
    let mut start = Duration::ZERO;
    for (position, (name, length)) in phases.named().into_iter().enumerate() {
        if let Some(length) = length {
            let tone = Tone::Phase(position);
            bars.push(Bar {
                name,
                tone,
                start,
                length,
                ended: true,
            });
            start += length;
        }
    }
    let open = phases.unfinished();
    if let Some(reached) = reached.filter(|_| !open.is_zero()) {
        bars.push(Bar {
            name: reached.name(),
            tone: Tone::Bad,
            start,
            length: open,
            ended: false,
        });
    }
    Waterfall {
        bars,
        total: phases.total,
    }
}
