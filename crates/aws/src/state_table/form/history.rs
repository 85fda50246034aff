//! The history of one monitor.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidewatch_domain::MonitorId;
use tidewatch_domain::judge::snapshot::{Flaps, Folded, HistorySnapshot, Standing, Suppression};

use super::evidence::{self, EvidenceForm};
use super::time::{self, TimeForm};
use super::verdict::{CauseForm, VerdictForm};
use super::{Unreadable, location};

/// A history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HistoryForm {
    /// Before the evidence.
    b: FoldedForm,
    /// The evidence by location.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    e: BTreeMap<String, EvidenceForm>,
    /// With the evidence, where it does not follow from the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<FoldedForm>,
    /// The number of the outage whose call was decided on, and who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<(u64, Option<String>)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct FoldedForm {
    v: VerdictForm,
    /// Standings by location.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    p: BTreeMap<String, StandingForm>,
    /// Locations without a network, with the slot.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    n: BTreeMap<String, TimeForm>,
    /// First slot, newest slot, heard, failed.
    t: [Option<TimeForm>; 4],
    f: FlapsForm,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StandingForm {
    /// The slot of the last report.
    s: TimeForm,
    /// Failing, degraded.
    o: (bool, bool),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<CauseForm>,
    /// Failures and successes in a row.
    n: (u32, u32),
    /// When the failures began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<TimeForm>,
    /// The last probes, where a share of failures is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    l: Vec<Option<TimeForm>>,
    f: FlapsForm,
    v: VerdictForm,
}

/// Changes, round and outcome of the newest evaluation, outcome of the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FlapsForm(u32, Option<(i64, bool)>, Option<bool>);

impl HistoryForm {
    pub(super) fn of(history: &HistorySnapshot) -> Self {
        HistoryForm {
            b: FoldedForm::of(&history.before),
            e: evidence::of(&history.evidence),
            c: history.current.as_ref().map(FoldedForm::of),
            u: match &history.suppression {
                Suppression::Open => None,
                Suppression::Held { epoch, by } => Some((*epoch, Some(by.to_string()))),
                Suppression::Over { epoch } => Some((*epoch, None)),
            },
        }
    }

    pub(super) fn read(&self) -> Result<HistorySnapshot, Unreadable> {
        let mut evidence = Vec::new();
        for (name, form) in &self.e {
            evidence.extend(form.read(&location(name)?)?);
        }
        evidence
            .sort_by(|one, other| (one.slot, &one.location).cmp(&(other.slot, &other.location)));
        let suppression = match &self.u {
            None => Suppression::Open,
            Some((epoch, None)) => Suppression::Over { epoch: *epoch },
            Some((epoch, Some(by))) => Suppression::Held {
                epoch: *epoch,
                by: MonitorId::try_new(by.as_str())
                    .map_err(|_| Unreadable::new("the monitor above", by))?,
            },
        };
        Ok(HistorySnapshot {
            before: self.b.read()?,
            evidence,
            current: self.c.as_ref().map(FoldedForm::read).transpose()?,
            suppression,
        })
    }
}

impl FoldedForm {
    fn of(folded: &Folded) -> Self {
        FoldedForm {
            v: VerdictForm::of(&folded.verdict),
            p: folded
                .locations
                .iter()
                .map(|(location, standing)| (location.to_string(), StandingForm::of(standing)))
                .collect(),
            n: folded
                .lost
                .iter()
                .map(|(location, slot)| (location.to_string(), TimeForm::of(*slot)))
                .collect(),
            t: [folded.first, folded.newest, folded.heard, folded.failed].map(time::some),
            f: FlapsForm::of(&folded.flaps),
        }
    }

    fn read(&self) -> Result<Folded, Unreadable> {
        let mut locations = BTreeMap::new();
        for (name, standing) in &self.p {
            locations.insert(location(name)?, standing.read()?);
        }
        let mut lost = BTreeMap::new();
        for (name, slot) in &self.n {
            lost.insert(location(name)?, slot.read()?);
        }
        let [first, newest, heard, failed] = &self.t;
        Ok(Folded {
            verdict: self.v.read()?,
            locations,
            lost,
            first: time::read_some(first.as_ref())?,
            newest: time::read_some(newest.as_ref())?,
            flaps: self.f.read(),
            heard: time::read_some(heard.as_ref())?,
            failed: time::read_some(failed.as_ref())?,
        })
    }
}

impl StandingForm {
    fn of(standing: &Standing) -> Self {
        StandingForm {
            s: TimeForm::of(standing.slot),
            o: (standing.failing, standing.degraded),
            c: standing.cause.as_ref().map(CauseForm::of),
            n: (standing.failures, standing.successes),
            r: time::some(standing.run_began),
            l: standing.recent.iter().copied().map(time::some).collect(),
            f: FlapsForm::of(&standing.flaps),
            v: VerdictForm::of(&standing.verdict),
        }
    }

    fn read(&self) -> Result<Standing, Unreadable> {
        Ok(Standing {
            slot: self.s.read()?,
            failing: self.o.0,
            degraded: self.o.1,
            cause: self.c.as_ref().map(CauseForm::read).transpose()?,
            failures: self.n.0,
            successes: self.n.1,
            run_began: time::read_some(self.r.as_ref())?,
            recent: self
                .l
                .iter()
                .map(|at| time::read_some(at.as_ref()))
                .collect::<Result<_, _>>()?,
            flaps: self.f.read(),
            verdict: self.v.read()?,
        })
    }
}

impl FlapsForm {
    fn of(flaps: &Flaps) -> Self {
        FlapsForm(flaps.changes, flaps.newest, flaps.before)
    }

    fn read(&self) -> Flaps {
        Flaps {
            changes: self.0,
            newest: self.1,
            before: self.2,
        }
    }
}
