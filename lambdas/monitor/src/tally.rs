//! What the function did, as rows about itself.
//!
//! With a rule for each monitor an environment has an invocation every few seconds, and a row for
//! each would cost as much as the results. What invocations did is added up and told once a
//! minute; what the last ones did before the environment ends is not told.

use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_aws::message::Row;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::function_row;
use tidewatch_domain::schema::measure;
use tidewatch_domain::{Location, Tenant, Timestamp, Value};

/// The time between two rows.
const EVERY: Duration = Duration::from_secs(60);

/// What was done since the last row.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    figures: Figures,
    last_row: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Figures {
    probes: usize,
    missed: usize,
    longest_lag: Duration,
    retries: usize,
    refused: usize,
}

impl Tally {
    /// Adds what an invocation did.
    pub(crate) fn add(&self, probes: usize, missed: usize, longest_lag: Duration) {
        let figures = &mut self.state.lock().figures;
        figures.probes += probes;
        figures.missed += missed;
        figures.longest_lag = figures.longest_lag.max(longest_lag);
    }

    /// Adds what was sent again, and what nobody took.
    pub(crate) fn add_sent(&self, retries: usize, refused: usize) {
        let figures = &mut self.state.lock().figures;
        figures.retries += retries;
        figures.refused += refused;
    }

    /// The row that is due, if one is. It tells all that was added before.
    pub(crate) fn row(&self, location: &Location, now: Timestamp) -> Option<Row> {
        let mut state = self.state.lock();
        if state.last_row.is_some_and(|last| now.since(last) < EVERY) {
            return None;
        }
        state.last_row = Some(now);
        let figures = std::mem::take(&mut state.figures);
        let count = |count: usize| Value::Bigint(i64::try_from(count).unwrap_or(i64::MAX));
        let lag = figures.longest_lag.as_secs_f64() * 1e3;
        let figures = [
            (measure::PROBES, count(figures.probes)),
            (measure::MISSED, count(figures.missed)),
            (measure::START_LAG_MAX_MS, Value::Double(lag)),
            (measure::WRITE_RETRIES, count(figures.retries)),
            (measure::ROWS_REJECTED, count(figures.refused)),
        ];
        Some(Row {
            destination: Destination::Main,
            tenant: Tenant::system(),
            record: function_row("monitor", location, figures, now),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_one_row_with_all_that_was_done() {
        let here = Location::try_new("eu-west-1").unwrap();
        let tally = Tally::default();
        let begin = Timestamp::from_secs(1_000);
        let at = |seconds| begin.plus(Duration::from_secs(seconds));
        tally.add(1, 0, Duration::from_millis(5));
        assert!(tally.row(&here, at(0)).is_some());
        tally.add(2, 1, Duration::from_millis(30));
        assert_eq!(tally.row(&here, at(59)), None);
        tally.add(3, 0, Duration::from_millis(20));
        let record = tally.row(&here, at(60)).unwrap().record;
        assert_eq!(record.measure(measure::PROBES), Some(&Value::Bigint(5)));
        assert_eq!(record.measure(measure::MISSED), Some(&Value::Bigint(1)));
        assert_eq!(
            record.measure(measure::START_LAG_MAX_MS),
            Some(&Value::Double(30.0))
        );
    }
}
