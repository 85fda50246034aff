//! Verdicts and their causes.

use serde::{Deserialize, Serialize};
use tidewatch_domain::judge::{State, Verdict};
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner, MonitorId};

use super::time::TimeForm;
use super::{Unreadable, location};

/// A cause: class, text, and the owner where it is not the one of the class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CauseForm(String, String, Option<String>);

impl CauseForm {
    pub(super) fn of(cause: &Cause) -> Self {
        let usual = Cause::new(cause.class, "").owner;
        let owner = (cause.owner != usual).then(|| cause.owner.name().to_owned());
        CauseForm(cause.class.name().to_owned(), cause.text.clone(), owner)
    }

    pub(super) fn read(&self) -> Result<Cause, Unreadable> {
        let CauseForm(class, text, owner) = self;
        let known = ErrorClass::ALL.iter().find(|known| known.name() == class);
        let class = known.ok_or_else(|| Unreadable::new("the error class", class))?;
        let mut cause = Cause::new(*class, text.as_str());
        if let Some(name) = owner {
            let known = ErrorOwner::ALL.iter().find(|known| known.name() == name);
            cause.owner = *known.ok_or_else(|| Unreadable::new("the error owner", name))?;
        }
        Ok(cause)
    }
}

/// A verdict.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct VerdictForm {
    /// The state.
    s: String,
    /// Since when.
    i: TimeForm,
    /// When it was decided, counted from since when.
    #[serde(default = "zero", skip_serializing_if = "is_zero")]
    d: TimeForm,
    /// The number of the latest outage.
    #[serde(default, skip_serializing_if = "is_none")]
    e: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<CauseForm>,
    /// Failing locations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    f: Vec<String>,
    /// Degraded, flapping, without a network.
    #[serde(default, skip_serializing_if = "all_false")]
    o: (bool, bool, bool),
    /// The bits of the flap score's number, which has to come back to the last of them.
    #[serde(default, skip_serializing_if = "is_none")]
    x: u64,
    /// The flap history.
    #[serde(default, skip_serializing_if = "is_none")]
    h: u64,
    /// The monitor above that holds the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<String>,
}

fn zero() -> TimeForm {
    TimeForm::Millis(0)
}

fn is_zero(form: &TimeForm) -> bool {
    *form == zero()
}

fn is_none(number: &u64) -> bool {
    *number == 0
}

fn all_false(flags: &(bool, bool, bool)) -> bool {
    *flags == (false, false, false)
}

impl VerdictForm {
    pub(super) fn of(verdict: &Verdict) -> Self {
        VerdictForm {
            s: verdict.state.name().to_owned(),
            i: TimeForm::of(verdict.since),
            d: TimeForm::between(verdict.since, verdict.decided_at),
            e: verdict.epoch,
            c: verdict.cause.as_ref().map(CauseForm::of),
            f: verdict.failing.iter().map(ToString::to_string).collect(),
            o: (verdict.degraded, verdict.flapping, verdict.network_lost),
            x: verdict.flap_score.to_bits(),
            h: verdict.flap_history.into(),
            p: verdict.suppressed_by.as_ref().map(ToString::to_string),
        }
    }

    pub(super) fn read(&self) -> Result<Verdict, Unreadable> {
        let state = State::from_name(&self.s);
        let since = self.i.read()?;
        let (degraded, flapping, network_lost) = self.o;
        Ok(Verdict {
            state: state.ok_or_else(|| Unreadable::new("the state", &self.s))?,
            since,
            decided_at: self.d.read_from(since)?,
            epoch: self.e,
            cause: self.c.as_ref().map(CauseForm::read).transpose()?,
            failing: self
                .f
                .iter()
                .map(|name| location(name))
                .collect::<Result<_, _>>()?,
            degraded,
            flapping,
            flap_score: f64::from_bits(self.x),
            flap_history: u32::try_from(self.h)
                .map_err(|_| Unreadable::new("the flap history", self.h))?,
            suppressed_by: self
                .p
                .as_ref()
                .map(|name| {
                    MonitorId::try_new(name.as_str())
                        .map_err(|_| Unreadable::new("the monitor above", name))
                })
                .transpose()?,
            network_lost,
        })
    }
}
