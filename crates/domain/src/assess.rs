//! The use case at the centre: a probe has finished; what does it mean, and which rows does it
//! leave? Local mode and the writer Lambda both go through here.

use crate::judge::{Evidence, History, Observed, Rules, Verdict};
use crate::monitor::Monitor;
use crate::ports::Destination;
use crate::probe::ProbeResult;
use crate::record::Record;
use crate::rows::{self, Overlays};
use crate::summary::Summary;

/// Which attempts leave rows of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptRows {
    /// All.
    All,
    /// Those that failed.
    Failures,
    /// None.
    Off,
}

/// What a finished probe means.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The outcome of the probe itself.
    pub summary: Summary,
    /// The rows to write.
    pub rows: Vec<(Destination, Record)>,
    /// The verdict before and after, where it changed.
    pub change: Option<(Verdict, Verdict)>,
}

/// Judges a finished probe against the history of its monitor, which takes it in.
///
/// A repeat of a slot gives the same rows again and changes no state, so that the use case may
/// run any number of times for one probe.
pub fn assess(
    monitor: &Monitor,
    history: &mut History,
    result: &ProbeResult,
    attempt_rows: AttemptRows,
) -> Assessment {
    let summary = Summary::of(monitor, result);
    let mut rows = vec![(
        Destination::Main,
        rows::probe_row(monitor, result, &summary),
    )];
    let attempts = match attempt_rows {
        AttemptRows::Off => Vec::new(),
        AttemptRows::All => rows::attempt_rows(result),
        AttemptRows::Failures => rows::attempt_rows(&only_failures(result)),
    };
    rows.extend(attempts.into_iter().map(|row| (Destination::Attempts, row)));
    let evidence = Evidence::of(result, &summary);
    let decided_at = evidence.decided_at;
    let change = match history.observe(&Rules::of(monitor), evidence) {
        Observed::Changed { before, after } => {
            let overlays = Overlays::of(monitor, decided_at);
            let row = rows::state_row(monitor, &after, overlays, decided_at);
            rows.push((Destination::Main, row));
            Some((*before, *after))
        }
        Observed::Unchanged | Observed::TooLate => None,
    };
    Assessment {
        summary,
        rows,
        change,
    }
}

fn only_failures(result: &ProbeResult) -> ProbeResult {
    let mut result = result.clone();
    result.samples.retain(|attempt| !attempt.succeeded());
    result.retry = result.retry.filter(|attempt| !attempt.succeeded());
    result
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cause::ErrorClass;
    use crate::judge::State;
    use crate::record::Value;
    use crate::schema::{measure, measure_name};
    use crate::summary::tests::{attempt, failed, monitor, result};

    #[test]
    fn a_confirmed_failure_leaves_a_probe_row_attempt_rows_and_a_state_row() {
        let monitor = monitor();
        let mut history = History::new();
        let good = result(vec![attempt(1, 10)]);
        let first = assess(&monitor, &mut history, &good, AttemptRows::All);
        assert_eq!(first.change.unwrap().1.state, State::Up);

        let mut bad = result(vec![
            attempt(1, 10),
            failed(2, 3, ErrorClass::ConnectRefused),
        ]);
        bad.samples.push(failed(3, 3, ErrorClass::ConnectRefused));
        bad.retry = Some(failed(1, 3, ErrorClass::ConnectRefused));
        bad.slot = bad.slot.plus(Duration::from_secs(60));
        let second = assess(&monitor, &mut history, &bad, AttemptRows::Failures);
        assert_eq!(second.change.as_ref().unwrap().1.state, State::Down);
        let names: Vec<_> = second
            .rows
            .iter()
            .map(|(_, row)| row.measure_name)
            .collect();
        assert_eq!(
            names,
            [
                measure_name::PROBE,
                measure_name::ATTEMPT,
                measure_name::ATTEMPT,
                measure_name::ATTEMPT,
                measure_name::STATE,
            ]
        );
        let state = &second.rows[4].1;
        assert_eq!(state.measure(measure::STATE), Some(&Value::from("down")));
        assert_eq!(state.measure(measure::EPOCH), Some(&Value::Bigint(1)));

        let again = assess(&monitor, &mut history, &bad, AttemptRows::Off);
        assert_eq!(again.change, None);
        assert_eq!(again.rows, second.rows[..1]);
    }
}
