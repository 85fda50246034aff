//! What a location knows about its own network.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidewatch_domain::MonitorKey;
use tidewatch_domain::judge::snapshot::{DoubtedReport, GuardSnapshot, Loss, Run, Track};

use super::time::{self, TimeForm};
use super::{Unreadable, monitor_key};

/// Tenant and monitor id.
type KeyForm = (String, String);

/// A guard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct GuardForm {
    /// Tracks.
    t: Vec<TrackForm>,
    /// Silent monitors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    s: Vec<KeyForm>,
    /// How many monitors may report.
    k: usize,
    /// First report, and up to when reports have ended.
    f: [Option<TimeForm>; 2],
    /// Doubted failures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    d: Vec<DoubtedForm>,
    /// The loss that goes on: since when, first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<(TimeForm, Option<TimeForm>)>,
    /// The last loss that is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<(TimeForm, TimeForm)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct TrackForm {
    k: KeyForm,
    /// What related hosts have in common.
    f: String,
    /// A reference target.
    #[serde(default, skip_serializing_if = "is_false")]
    r: bool,
    /// The interval in nanoseconds.
    i: u64,
    /// When the last report ended.
    e: TimeForm,
    /// When the newest answered probe began, counted from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    a: Option<TimeForm>,
    /// Failures in a row: since when, the newest, whether they are believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<(TimeForm, TimeForm, bool)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct DoubtedForm {
    k: KeyForm,
    /// Slot, since when, deadline.
    t: [TimeForm; 3],
    /// The interval in nanoseconds.
    i: u64,
}

impl GuardForm {
    pub(super) fn of(guard: &GuardSnapshot) -> Self {
        GuardForm {
            t: guard
                .tracks
                .iter()
                .map(|(key, track)| TrackForm::of(key, track))
                .collect(),
            s: guard.silent.iter().map(key_form).collect(),
            k: guard.known,
            f: [guard.first, guard.now].map(time::some),
            d: guard.doubted.iter().map(DoubtedForm::of).collect(),
            l: guard
                .lost
                .map(|loss| (TimeForm::of(loss.since), time::some(loss.first_answer))),
            o: guard
                .over
                .map(|(from, until)| (TimeForm::of(from), TimeForm::of(until))),
        }
    }

    pub(super) fn read(&self) -> Result<GuardSnapshot, Unreadable> {
        let loss = |(since, answer): &(TimeForm, Option<TimeForm>)| {
            Ok(Loss {
                since: since.read()?,
                first_answer: time::read_some(answer.as_ref())?,
            })
        };
        let over = |(from, until): &(TimeForm, TimeForm)| Ok((from.read()?, until.read()?));
        Ok(GuardSnapshot {
            tracks: self
                .t
                .iter()
                .map(TrackForm::read)
                .collect::<Result<_, _>>()?,
            silent: self.s.iter().map(read_key).collect::<Result<_, _>>()?,
            known: self.k,
            first: time::read_some(self.f[0].as_ref())?,
            doubted: self
                .d
                .iter()
                .map(DoubtedForm::read)
                .collect::<Result<_, _>>()?,
            lost: self.l.as_ref().map(loss).transpose()?,
            over: self.o.as_ref().map(over).transpose()?,
            now: time::read_some(self.f[1].as_ref())?,
        })
    }
}

impl TrackForm {
    fn of(key: &MonitorKey, track: &Track) -> Self {
        TrackForm {
            k: key_form(key),
            f: track.family.clone(),
            r: track.reference,
            i: nanos(track.interval),
            e: TimeForm::of(track.ended),
            a: track
                .answered_at
                .map(|at| TimeForm::between(track.ended, at)),
            x: track.run.map(|run| {
                (
                    TimeForm::of(run.since),
                    TimeForm::of(run.newest),
                    run.credible,
                )
            }),
        }
    }

    fn read(&self) -> Result<(MonitorKey, Track), Unreadable> {
        let ended = self.e.read()?;
        let run = |(since, newest, credible): &(TimeForm, TimeForm, bool)| {
            Ok(Run {
                since: since.read()?,
                newest: newest.read()?,
                credible: *credible,
            })
        };
        let track = Track {
            family: self.f.clone(),
            reference: self.r,
            interval: Duration::from_nanos(self.i),
            ended,
            answered_at: self.a.as_ref().map(|at| at.read_from(ended)).transpose()?,
            run: self.x.as_ref().map(run).transpose()?,
        };
        Ok((read_key(&self.k)?, track))
    }
}

impl DoubtedForm {
    fn of(doubted: &DoubtedReport) -> Self {
        DoubtedForm {
            k: key_form(&doubted.key),
            t: [doubted.slot, doubted.since, doubted.deadline].map(TimeForm::of),
            i: nanos(doubted.interval),
        }
    }

    fn read(&self) -> Result<DoubtedReport, Unreadable> {
        let [slot, since, deadline] = &self.t;
        Ok(DoubtedReport {
            key: read_key(&self.k)?,
            slot: slot.read()?,
            since: since.read()?,
            deadline: deadline.read()?,
            interval: Duration::from_nanos(self.i),
        })
    }
}

fn key_form(key: &MonitorKey) -> KeyForm {
    (key.tenant.to_string(), key.monitor_id.to_string())
}

fn read_key((tenant, monitor_id): &KeyForm) -> Result<MonitorKey, Unreadable> {
    monitor_key(tenant, monitor_id)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn is_false(flag: &bool) -> bool {
    !flag
}
