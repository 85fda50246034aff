//! Plays tests: rows are written as time goes on, rules evaluated at the interval of their group
//! from time 0 on, and states, groups and notifications kept as a running program keeps them.

mod memo;
mod rollups;
mod troupe;

use std::collections::BTreeSet;
use std::time::Duration;

use tidewatch_domain::Timestamp;

use super::compare::Mismatch;
use super::file::{Test, TestFile};
use super::row::Row;
use super::stage::Stage;
use crate::rule::Group;
use memo::Memo;
use rollups::Rollups;
use troupe::Troupe;

/// What became of a test with one set of rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// How many checks there were: those of rules that the set has.
    pub checks: usize,
    /// Those that do not hold.
    pub mismatches: Vec<Mismatch>,
}

/// How tests are run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// A set of rules is left alone after its first check that does not hold.
    pub stop_at_first: bool,
}

/// Plays `test` of `file` once for all of `sets`, each a set of rules with states of its own; so
/// that rows are written and statements answered once, however many sets there are. Checks of
/// rules that a set does not have are passed over.
///
/// Errors: what the stage could not do.
pub async fn run(
    file: &TestFile,
    test: &Test,
    sets: &[&[Group]],
    stage: &dyn Stage,
    options: Options,
) -> Result<Vec<Outcome>, String> {
    stage.begin(&file.table, file.schema, file.start).await?;
    let mut troupes: Vec<Troupe<'_>> = sets
        .iter()
        .map(|groups| Troupe::new(file, test, groups))
        .collect();
    let mut rows = Rows::new(test);
    let mut rollups = test.rolls_up.then(|| Rollups::new(file));
    let instants = instants(file.start, test, &troupes);
    for (position, at) in instants.iter().enumerate() {
        let next = instants.get(position + 1).copied();
        stage.set_clock(*at);
        let written = rows.until(*at);
        if !written.is_empty() {
            stage.write(written).await?;
        }
        if let Some(rollups) = &mut rollups {
            rollups.catch_up(stage, *at).await?;
        }
        let memo = Memo::new(stage, test, *at);
        for troupe in &mut troupes {
            if options.stop_at_first && troupe.has_failed() {
                continue;
            }
            troupe.play(*at, next, &memo).await;
        }
    }
    Ok(troupes.into_iter().map(Troupe::finish).collect())
}

/// Every instant at which a rule is evaluated, and the first at which one could be.
fn instants(start: Timestamp, test: &Test, troupes: &[Troupe<'_>]) -> Vec<Timestamp> {
    let intervals: BTreeSet<Duration> = troupes.iter().flat_map(Troupe::intervals).collect();
    let (first, length) = (test.evaluate_from, test.length());
    let mut instants = BTreeSet::from([start.plus(first)]);
    for interval in intervals {
        let mut after = Duration::ZERO;
        while after <= length {
            if after >= first {
                instants.insert(start.plus(after));
            }
            after += interval;
        }
    }
    instants.into_iter().collect()
}

/// The rows of a test that are not written yet.
struct Rows<'a> {
    rows: &'a [Row],
}

impl<'a> Rows<'a> {
    fn new(test: &'a Test) -> Self {
        Rows { rows: &test.rows }
    }

    /// The next rows that can be read at `at`.
    fn until(&mut self, at: Timestamp) -> Vec<Row> {
        let end = self.rows.partition_point(|row| row.known_at <= at);
        let (due, rest) = self.rows.split_at(end);
        self.rows = rest;
        due.to_vec()
    }
}
