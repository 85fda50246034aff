//! How many unrelated targets answered and failed since an instant.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Track;
use crate::time::Timestamp;

/// The least number of monitors that make a majority mean something.
pub(super) const FEWEST: usize = 4;
/// The most probes that are waited for before a majority is believed.
const ENOUGH: usize = 20;

/// Which probes are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Those that began then or later.
    pub(super) since: Timestamp,
    /// A monitor that failed before this is no witness.
    pub(super) trouble_since: Timestamp,
    /// The time up to which probes have ended.
    pub(super) now: Timestamp,
}

/// What the probes of a span say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Families of which some monitor answered.
    answered: usize,
    /// Families of which none answered and some monitor failed.
    failed: usize,
    /// Monitors that failed.
    failed_monitors: usize,
    /// Monitors that spoke.
    votes: usize,
    /// Monitors that must have begun and have not ended yet. A failure takes longer than an
    /// answer, so that some of them are failures to come.
    pending: usize,
    /// Families of reference targets that answered.
    references_answered: usize,
    /// Families of reference targets that failed.
    references_failed: usize,
}

/// What one family says.
#[derive(Clone, Copy, Debug, Default)]
struct Family {
    answered: bool,
    failed: usize,
    votes: usize,
    reference_answered: bool,
    reference_failed: bool,
}

impl Family {
    fn is_lost(&self) -> bool {
        !self.answered && self.failed > 0
    }
}

impl Tally {
    /// Counts the probes of a span.
    ///
    /// A monitor that never answered is only heard while nobody ever has: then the prober may have
    /// started without a network. Otherwise it is a definition that never worked.
    pub(super) fn of<'a>(tracks: impl Iterator<Item = &'a Track> + Clone, span: Span) -> Self {
        let answers = |track: &Track| {
            track.run.is_none() && track.answered_at.is_some_and(|at| at >= span.since)
        };
        let anybody = tracks.clone().any(|track| track.answered_at.is_some());
        let fails = |track: &Track| {
            track.run.is_some_and(|run| {
                run.newest >= span.since
                    && run.since >= span.trouble_since
                    && (track.answered_at.is_some() || !anybody)
            })
        };
        let mut families: BTreeMap<&str, Family> = BTreeMap::new();
        for track in tracks.clone() {
            let (answered, failed) = (answers(track), fails(track));
            if !answered && !failed {
                continue;
            }
            let family = families.entry(&track.family).or_default();
            family.votes += 1;
            family.answered |= answered;
            family.failed += usize::from(failed);
            family.reference_answered |= answered && track.reference;
            family.reference_failed |= failed && track.reference;
        }
        let is_lost = |name: &str| families.get(name).is_some_and(Family::is_lost);
        let others = tracks.filter(|track| !is_lost(&track.family));
        let begun = expected_within(others, span.now.since(span.since));
        let mut tally = Tally::default();
        let mut votes_of_others = 0;
        for family in families.values() {
            tally.votes += family.votes;
            tally.answered += usize::from(family.answered);
            tally.failed += usize::from(family.is_lost());
            tally.failed_monitors += family.failed;
            tally.references_answered += usize::from(family.reference_answered);
            tally.references_failed +=
                usize::from(family.reference_failed && !family.reference_answered);
            if !family.is_lost() {
                votes_of_others += family.votes;
            }
        }
        tally.pending = begun.saturating_sub(votes_of_others);
        tally
    }

    /// Whether these probes show that the location has no network. `expected` is how many probes
    /// begin within the time that a ruling can be waited for.
    pub(super) fn shows_a_loss(&self, expected: usize) -> bool {
        let enough = (expected / 4).clamp(FEWEST, ENOUGH);
        self.references_show_a_loss()
            || (self.failed_monitors >= FEWEST
                && self.failed >= 2
                && self.failed > self.answered
                && self.votes >= enough)
    }

    /// Whether they show that there is a network: at least as many unrelated targets answered as
    /// failed or may still fail.
    pub(super) fn shows_a_network(&self) -> bool {
        self.answered >= (self.failed + self.pending).max(1)
    }

    /// Whether they show that a lost network is back: at least two unrelated targets answered, and
    /// as many as failed or may still fail.
    pub(super) fn shows_a_return(&self) -> bool {
        self.answered >= (self.failed + self.pending).max(2) && !self.references_show_a_loss()
    }

    fn references_show_a_loss(&self) -> bool {
        self.references_failed >= 2 && self.references_answered == 0
    }
}

/// How many of `tracks` are probed within `time`, cut to a whole number.
pub(super) fn expected_within<'a>(
    tracks: impl Iterator<Item = &'a Track>,
    time: Duration,
) -> usize {
    let share = |track: &Track| {
        (time.as_secs_f64() / track.interval.as_secs_f64().max(f64::MIN_POSITIVE)).min(1.0)
    };
    tracks.map(share).sum::<f64>() as usize
}
