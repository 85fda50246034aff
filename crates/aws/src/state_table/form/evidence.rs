//! The evidence of one monitor from one location, in columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidewatch_domain::judge::{Evidence, Ruling};
use tidewatch_domain::summary::Outcome;
use tidewatch_domain::{Location, Timestamp};

use super::Unreadable;
use super::time::TimeForm;
use super::verdict::CauseForm;

/// The evidence of one location, sorted by slot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct EvidenceForm {
    /// Slots, each counted from the one before.
    s: Vec<TimeForm>,
    /// Starts of the deciding attempts, counted from the slot.
    d: Vec<TimeForm>,
    /// Outcomes, one letter each.
    o: String,
    /// What guards made of it, one letter each, where they made anything of one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    r: String,
    /// Whether retries failed, one letter each, where there was one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    y: String,
    /// Causes, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    c: BTreeMap<usize, CauseForm>,
}

const OUTCOMES: [(char, Outcome); 5] = [
    ('k', Outcome::Ok),
    ('d', Outcome::Degraded),
    ('f', Outcome::Fail),
    ('u', Outcome::Unknown),
    ('m', Outcome::Missed),
];
const RULINGS: [(char, Ruling); 3] = [
    ('c', Ruling::Credible),
    ('d', Ruling::Doubted),
    ('n', Ruling::NetworkLost),
];
const RETRIES: [(char, Option<bool>); 3] = [('-', None), ('x', Some(true)), ('k', Some(false))];

/// The columns of each location.
pub(super) fn of(evidence: &[Evidence]) -> BTreeMap<String, EvidenceForm> {
    let mut places: BTreeMap<String, Vec<&Evidence>> = BTreeMap::new();
    for one in evidence {
        places
            .entry(one.location.to_string())
            .or_default()
            .push(one);
    }
    places
        .into_iter()
        .map(|(name, evidence)| (name, EvidenceForm::of(&evidence)))
        .collect()
}

impl EvidenceForm {
    fn of(evidence: &[&Evidence]) -> Self {
        let mut form = EvidenceForm::default();
        let mut before = Timestamp::EPOCH;
        for (index, one) in evidence.iter().enumerate() {
            form.s.push(TimeForm::between(before, one.slot));
            form.d.push(TimeForm::between(one.slot, one.decided_at));
            form.o.push(letter(&OUTCOMES, one.outcome));
            form.r.push(letter(&RULINGS, one.ruling));
            form.y.push(letter(&RETRIES, one.retry_failed));
            if let Some(cause) = &one.cause {
                form.c.insert(index, CauseForm::of(cause));
            }
            before = one.slot;
        }
        leave_out_if_usual(&mut form.r, 'c');
        leave_out_if_usual(&mut form.y, '-');
        form
    }

    /// The evidence of `location`, sorted by slot.
    pub(super) fn read(&self, location: &Location) -> Result<Vec<Evidence>, Unreadable> {
        let mut evidence = Vec::with_capacity(self.s.len());
        let mut before = Timestamp::EPOCH;
        let (mut outcomes, mut rulings, mut retries) =
            (self.o.chars(), self.r.chars(), self.y.chars());
        for (index, slot) in self.s.iter().enumerate() {
            let slot = slot.read_from(before)?;
            let decided = self.d.get(index);
            let decided = decided.ok_or_else(|| Unreadable::new("the evidence", index))?;
            evidence.push(Evidence {
                slot,
                location: location.clone(),
                outcome: value(&OUTCOMES, outcomes.next(), None)?,
                cause: self.c.get(&index).map(CauseForm::read).transpose()?,
                decided_at: decided.read_from(slot)?,
                retry_failed: value(&RETRIES, retries.next(), Some(None))?,
                ruling: value(&RULINGS, rulings.next(), Some(Ruling::Credible))?,
            });
            before = slot;
        }
        Ok(evidence)
    }
}

fn letter<T: PartialEq>(letters: &[(char, T)], value: T) -> char {
    let found = letters.iter().find(|(_, known)| *known == value);
    found.map_or('?', |(letter, _)| *letter)
}

/// The value of a letter, or `usual` where the column was left out.
fn value<T: Copy>(
    letters: &[(char, T)],
    letter: Option<char>,
    usual: Option<T>,
) -> Result<T, Unreadable> {
    let known = |letter| {
        let found = letters.iter().find(|(known, _)| *known == letter);
        found.map(|(_, value)| *value)
    };
    match letter {
        Some(letter) => known(letter).ok_or_else(|| Unreadable::new("the letter", letter)),
        None => usual.ok_or_else(|| Unreadable::new("the column of outcomes", "")),
    }
}

fn leave_out_if_usual(column: &mut String, usual: char) {
    if column.chars().all(|letter| letter == usual) {
        column.clear();
    }
}
