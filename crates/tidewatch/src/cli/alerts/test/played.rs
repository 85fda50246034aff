//! Plays the tests of a file, and what became of them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use tidewatch_alerting::rule::Group;
use tidewatch_alerting::unit::{self, Mismatch, Options, Test};

use super::load::Suite;
use super::stage::BridgeStage;
use crate::cli::exit::Complaint;

/// What became of a test with one set of rules.
#[derive(Debug)]
pub(super) struct Played {
    /// The test file.
    pub(super) file: PathBuf,
    /// The test.
    pub(super) name: String,
    /// Where it is written.
    pub(super) line: Option<u64>,
    /// The rules, where they are not those that the file names.
    pub(super) rules: Option<PathBuf>,
    /// How many checks there were.
    pub(super) checks: usize,
    /// Those that do not hold.
    pub(super) mismatches: Vec<Mismatch>,
    /// Why it could not be played.
    pub(super) trouble: Option<String>,
    /// How long it took, together with other rules that were played at the same time.
    pub(super) took: Duration,
}

impl Played {
    /// Whether everything is as expected.
    pub(super) fn has_passed(&self) -> bool {
        self.mismatches.is_empty() && self.trouble.is_none()
    }
}

/// Which tests are played, and how.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    filter: Option<&'a str>,
    fail_fast: bool,
}

impl<'a> Selection<'a> {
    pub(super) fn new(filter: Option<&'a str>, fail_fast: bool) -> Self {
        Selection { filter, fail_fast }
    }

    fn has(&self, test: &Test) -> bool {
        self.filter.is_none_or(|filter| test.name.contains(filter))
    }
}

/// Plays the tests of a file on a database of its own.
pub(super) async fn play(
    suite: &Suite,
    selection: &Selection<'_>,
) -> Result<Vec<Played>, Complaint> {
    let file = &suite.file;
    let stage = BridgeStage::open(file.start).await?;
    let options = Options {
        stop_at_first: selection.fail_fast,
    };
    let mut all = Vec::new();
    let mut has_failed = vec![false; suite.sets.len()];
    for test in file.tests.iter().filter(|test| selection.has(test)) {
        let begun = Instant::now();
        let playing: Vec<usize> = (0..suite.sets.len())
            .filter(|set| !(selection.fail_fast && has_failed[*set]))
            .collect();
        let groups: Vec<&[Group]> = playing
            .iter()
            .map(|set| suite.sets[*set].groups.as_slice())
            .collect();
        let outcomes = unit::run(file, test, &groups, &stage, options).await;
        let took = begun.elapsed();
        let (mut outcomes, trouble) = match outcomes {
            Ok(outcomes) => (outcomes, None),
            Err(trouble) => (Vec::new(), Some(trouble)),
        };
        outcomes.resize_with(playing.len(), unit::Outcome::default);
        for (set, outcome) in playing.into_iter().zip(outcomes) {
            let played = Played {
                file: file.file.clone(),
                name: test.name.clone(),
                line: test.line,
                rules: suite.sets[set].origin.clone(),
                checks: outcome.checks,
                mismatches: outcome.mismatches,
                trouble: trouble.clone(),
                took,
            };
            has_failed[set] |= !played.has_passed();
            all.push(played);
        }
    }
    stage.close().await;
    Ok(all)
}
