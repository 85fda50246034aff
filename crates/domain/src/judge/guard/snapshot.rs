//! A guard as plain data.

use super::{DoubtedReport, Guard, Loss, Track};
use crate::name::MonitorKey;
use crate::time::Timestamp;

/// A [`Guard`] as plain data: rebuilt from it, a guard goes on exactly as the first one would have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GuardSnapshot {
    /// What the probes of each monitor say, sorted by monitor.
    pub tracks: Vec<(MonitorKey, Track)>,
    /// Monitors whose reports say nothing about the network, sorted.
    pub silent: Vec<MonitorKey>,
    /// How many monitors may report.
    pub known: usize,
    /// When the first report began.
    pub first: Option<Timestamp>,
    /// Doubted failures, the one that began first in front.
    pub doubted: Vec<DoubtedReport>,
    /// When the network was lost, while it is.
    pub lost: Option<Loss>,
    /// The last loss that is over: from its beginning to its end.
    pub over: Option<(Timestamp, Timestamp)>,
    /// Up to when probes have ended.
    pub now: Option<Timestamp>,
}

impl Guard {
    /// This guard as plain data.
    pub fn snapshot(&self) -> GuardSnapshot {
        let mut tracks: Vec<_> = self
            .tracks
            .iter()
            .map(|(key, track)| (key.clone(), track.clone()))
            .collect();
        tracks.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut silent: Vec<_> = self.silent.iter().cloned().collect();
        silent.sort();
        GuardSnapshot {
            tracks,
            silent,
            known: self.known,
            first: self.first,
            doubted: self.doubted.clone(),
            lost: self.lost,
            over: self.over,
            now: self.now,
        }
    }

    /// The guard that `snapshot` was taken of.
    pub fn of_snapshot(snapshot: GuardSnapshot) -> Self {
        Guard {
            tracks: snapshot.tracks.into_iter().collect(),
            silent: snapshot.silent.into_iter().collect(),
            known: snapshot.known,
            first: snapshot.first,
            doubted: snapshot.doubted,
            lost: snapshot.lost,
            over: snapshot.over,
            now: snapshot.now,
        }
    }
}
