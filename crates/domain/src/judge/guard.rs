//! Is it me? One guard for each location decides whether it has lost its network.
//!
//! A prober that loses its network sees everything fail. Before a failure that a lost network
//! would explain may end in an outage, the guard wants to know whether others are reached:
//!
//! - as soon as at least as many unrelated targets answered as failed since (or may still fail,
//!   because their probes have not ended), the failure is credible;
//! - when two unrelated reference targets failed and none answered, or at least four monitors at
//!   two unrelated targets failed and most unrelated targets with them, the network is lost, and
//!   every failure of that kind says nothing until it is back;
//! - until then a failure is doubted, for one interval of its monitor at the longest.
//!
//! Targets are unrelated when their registered names or addresses differ. Those in the prober's
//! own surroundings (private addresses, loopback) take no part. Where too few monitors exist to
//! tell, every failure is credible at once.

mod kinship;
mod report;
mod snapshot;
mod tally;

pub use report::{Reading, Report};
pub use snapshot::GuardSnapshot;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::evidence::Ruling;
use crate::name::MonitorKey;
use crate::time::Timestamp;
use tally::{FEWEST, Span, Tally, expected_within};

/// What a location knows about its own network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard {
    tracks: HashMap<MonitorKey, Track>,
    /// Monitors whose reports say nothing about the network.
    silent: HashSet<MonitorKey>,
    /// How many monitors may report.
    known: usize,
    /// When the first report began.
    first: Option<Timestamp>,
    /// Doubted failures, the one that began first in front.
    doubted: Vec<DoubtedReport>,
    /// When the network was lost, while it is.
    lost: Option<Loss>,
    /// The last loss that is over: from its beginning to its end.
    over: Option<(Timestamp, Timestamp)>,
    now: Option<Timestamp>,
}

/// What the probes of one monitor say.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// What hosts that belong together have in common.
    pub family: String,
    /// Whether the definition calls it a reference target.
    pub reference: bool,
    /// How often it is probed.
    pub interval: Duration,
    /// When its last report ended.
    pub ended: Timestamp,
    /// When the newest probe began that was answered.
    pub answered_at: Option<Timestamp>,
    /// The failures in a row that a lost network would explain.
    pub run: Option<Run>,
}

/// Failures in a row that a lost network would explain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// When the first of them began.
    pub since: Timestamp,
    /// When the newest of them began.
    pub newest: Timestamp,
    /// Whether the guard has found the first of them credible.
    pub credible: bool,
}

/// A failure that is neither believed nor discarded yet.
#[derive(Clone, Debug, PartialEq)]
pub struct DoubtedReport {
    /// Whose probe it was.
    pub key: MonitorKey,
    /// Its slot.
    pub slot: Timestamp,
    /// When the failures in a row began that it belongs to.
    pub since: Timestamp,
    /// When it is believed for want of better knowledge.
    pub deadline: Timestamp,
    /// How often the monitor is probed.
    pub interval: Duration,
}

/// A loss of the network that goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// When the first failure began that it explains.
    pub since: Timestamp,
    /// When the first probe began that was answered again.
    pub first_answer: Option<Timestamp>,
}

/// What a report leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulings {
    /// The ruling on the report itself.
    pub own: Ruling,
    /// Earlier reports that were doubted and are not any more.
    pub settled: Vec<Settled>,
}

/// A report that was doubted and is not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Whose probe it was.
    pub key: MonitorKey,
    /// Its slot.
    pub slot: Timestamp,
    /// Credible, or from a time without a network.
    pub ruling: Ruling,
}

impl Guard {
    /// A guard that knows nothing yet.
    pub fn new() -> Self {
        Guard::default()
    }

    /// Since when the location has no network; `None` while it has one.
    pub fn lost_since(&self) -> Option<Timestamp> {
        self.lost.map(|loss| loss.since)
    }

    /// Says how many monitors there are, so that the first ones to report know of the others.
    pub fn expect(&mut self, monitors: usize) {
        self.known = monitors;
    }

    /// Forgets a monitor that is gone. What was doubted of it stays so.
    pub fn forget(&mut self, key: &MonitorKey) {
        self.tracks.remove(key);
        self.silent.remove(key);
        self.doubted.retain(|doubted| doubted.key != *key);
    }

    /// Takes in the report of a finished probe, in the order in which they finish.
    pub fn take(&mut self, report: &Report) -> Rulings {
        self.now = self.now.max(Some(report.ended));
        self.first.get_or_insert(report.began);
        self.track(report);
        let own = match report.reading {
            Reading::Lost(failed_at) => self.rule(report, failed_at),
            Reading::Answered => {
                self.watch_for_a_return(report.began);
                Ruling::Credible
            }
            Reading::Silent => Ruling::Credible,
        };
        let mut settled = self.settle();
        let is_own = |one: &Settled| one.key == report.key && one.slot == report.slot;
        match settled.iter().position(is_own) {
            Some(index) => Rulings {
                own: settled.remove(index).ruling,
                settled,
            },
            None => Rulings { own, settled },
        }
    }

    fn track(&mut self, report: &Report) {
        if report.reading == Reading::Silent {
            if !self.tracks.contains_key(&report.key) {
                self.silent.insert(report.key.clone());
            }
            return;
        }
        self.silent.remove(&report.key);
        let track = self
            .tracks
            .entry(report.key.clone())
            .or_insert_with(|| Track {
                family: String::new(),
                reference: false,
                interval: report.interval,
                ended: report.ended,
                answered_at: None,
                run: None,
            });
        track.family.clone_from(&report.family);
        track.reference = report.reference;
        track.interval = report.interval;
        track.ended = track.ended.max(report.ended);
        match report.reading {
            Reading::Answered => {
                track.answered_at = track.answered_at.max(Some(report.began));
                // Reports may come late: an answer ends only the failures before it.
                track.run = track.run.filter(|run| report.began < run.newest);
                if let Some(run) = track.run.as_mut().filter(|run| report.began > run.since) {
                    run.since = run.newest;
                }
            }
            Reading::Lost(failed_at) if track.answered_at <= Some(failed_at) => {
                let run = track.run.get_or_insert(Run {
                    since: failed_at,
                    newest: failed_at,
                    credible: false,
                });
                run.since = run.since.min(failed_at);
                run.newest = run.newest.max(failed_at);
            }
            Reading::Lost(_) | Reading::Silent => {}
        }
    }

    /// Whether the location had no network when the probe of `report` failed, as far as that is
    /// known by now. For a report that comes too late to be taken in.
    pub fn explains(&self, report: &Report) -> bool {
        match report.reading {
            Reading::Lost(failed_at) => {
                self.is_within_the_last_loss(failed_at)
                    || self.lost.is_some_and(|loss| failed_at >= loss.since)
            }
            Reading::Answered | Reading::Silent => false,
        }
    }

    fn is_within_the_last_loss(&self, failed_at: Timestamp) -> bool {
        self.over
            .is_some_and(|(from, until)| failed_at >= from && failed_at < until)
    }

    /// The first ruling on a failure that a lost network would explain.
    fn rule(&mut self, report: &Report, failed_at: Timestamp) -> Ruling {
        let began_with_it = |loss: Loss| failed_at >= loss.since.minus(report.interval);
        if self.lost.is_some_and(began_with_it) || self.is_within_the_last_loss(failed_at) {
            return Ruling::NetworkLost;
        }
        let Some(run) = self.tracks.get(&report.key).and_then(|track| track.run) else {
            return Ruling::Credible;
        };
        if run.credible {
            return Ruling::Credible;
        }
        if !self.can_tell(report) {
            self.believe(&report.key);
            return Ruling::Credible;
        }
        let repeats = |one: &DoubtedReport| one.key == report.key && one.slot == report.slot;
        if !self.doubted.iter().any(repeats) {
            let doubted = DoubtedReport {
                key: report.key.clone(),
                slot: report.slot,
                since: run.since,
                deadline: report.ended.plus(report.interval),
                interval: report.interval,
            };
            let place = self
                .doubted
                .partition_point(|other| other.since <= doubted.since);
            self.doubted.insert(place, doubted);
        }
        Ruling::Doubted
    }

    /// Whether there are enough monitors for a failure to be doubted at all. In the first round
    /// those count that have not reported yet.
    fn can_tell(&self, report: &Report) -> bool {
        let age = self.now().since(self.first.unwrap_or(report.began));
        let unheard = if age <= report.interval.saturating_mul(2) {
            self.known
                .saturating_sub(self.tracks.len() + self.silent.len())
        } else {
            0
        };
        differ(self.present().filter(|track| track.reference))
            || (self.present().count() + unheard >= FEWEST
                && (unheard > 0 || differ(self.present())))
    }

    /// The monitors that report regularly.
    fn present(&self) -> impl Iterator<Item = &Track> + Clone {
        let now = self.now();
        self.tracks
            .values()
            .filter(move |track| now.since(track.ended) <= track.interval.saturating_mul(2))
    }

    /// Rules on what was doubted, as far as that is possible by now.
    fn settle(&mut self) -> Vec<Settled> {
        let mut settled = Vec::new();
        while let Some(&DoubtedReport {
            since, interval, ..
        }) = self.doubted.first()
        {
            let tally = Tally::of(self.present(), self.span(since, since));
            if tally.shows_a_loss(expected_within(self.present(), interval)) {
                self.lost = Some(Loss {
                    since,
                    first_answer: None,
                });
                let all = self.doubted.drain(..);
                settled.extend(all.map(|one| one.settled(Ruling::NetworkLost)));
            } else if tally.shows_a_network() {
                self.release(0, &mut settled);
            } else {
                break;
            }
        }
        let now = self.now();
        while let Some(overdue) = self.doubted.iter().position(|one| one.deadline <= now) {
            self.release(overdue, &mut settled);
        }
        settled
    }

    /// Believes a doubted failure, and with it all of its monitor.
    fn release(&mut self, index: usize, settled: &mut Vec<Settled>) {
        let key = self.doubted[index].key.clone();
        self.believe(&key);
        let released = self.doubted.extract_if(.., |one| one.key == key);
        settled.extend(released.map(|one| one.settled(Ruling::Credible)));
    }

    /// A probe that began at `began` was answered: is a lost network back?
    fn watch_for_a_return(&mut self, began: Timestamp) {
        let Some(loss) = self.lost.as_mut().filter(|loss| began >= loss.since) else {
            return;
        };
        let first_answer = loss
            .first_answer
            .map_or(began, |earlier| earlier.min(began));
        loss.first_answer = Some(first_answer);
        let since = loss.since;
        if !Tally::of(self.present(), self.span(first_answer, since)).shows_a_return() {
            return;
        }
        self.lost = None;
        self.over = Some((since, first_answer));
        // What failed meanwhile is no witness of the next loss.
        for track in self.tracks.values_mut() {
            track.run = track.run.filter(|run| run.credible);
        }
    }

    fn span(&self, since: Timestamp, trouble_since: Timestamp) -> Span {
        Span {
            since,
            trouble_since,
            now: self.now(),
        }
    }

    fn now(&self) -> Timestamp {
        self.now.unwrap_or(Timestamp::EPOCH)
    }

    fn believe(&mut self, key: &MonitorKey) {
        if let Some(run) = self
            .tracks
            .get_mut(key)
            .and_then(|track| track.run.as_mut())
        {
            run.credible = true;
        }
    }
}

impl DoubtedReport {
    fn settled(self, ruling: Ruling) -> Settled {
        Settled {
            key: self.key,
            slot: self.slot,
            ruling,
        }
    }
}

/// Whether there are two families among the tracks.
fn differ<'a>(mut tracks: impl Iterator<Item = &'a Track>) -> bool {
    let Some(first) = tracks.next() else {
        return false;
    };
    tracks.any(|track| track.family != first.family)
}
