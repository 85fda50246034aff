//! The alerts of one subject, and what people know of them.

mod conclude;

use std::collections::BTreeMap;

use super::alert::{Alert, Status, Subject};
use super::notice::Notice;
use super::policy::Policy;
use crate::time::Timestamp;

/// The most ended alerts that a case remembers.
const MOST_ENDED: usize = 64;

/// Everything that is known of the alerts of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What they are about.
    pub subject: Subject,
    /// The newest episode of each alert, by fingerprint.
    pub alerts: BTreeMap<String, Tracked>,
    /// When the latest outages began, the oldest first.
    pub outages: Vec<Timestamp>,
    /// Whether it is flapping.
    pub flapping: Option<Flapping>,
    /// When people last heard of this subject.
    pub told_at: Option<Timestamp>,
    /// Reminders since the trouble began.
    pub reminders: u32,
}

/// One alert and what people know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracked {
    /// As it was delivered last.
    pub alert: Alert,
    /// When that was.
    pub received: Timestamp,
    /// What people know of this episode.
    pub told: Option<Status>,
}

impl Tracked {
    /// Whether people do not know yet how it stands.
    fn is_news(&self) -> bool {
        self.told != Some(self.alert.status)
    }

    fn fires(&self) -> bool {
        self.alert.status == Status::Firing
    }
}

/// A monitor that has too many outages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// When an outage last began or ended.
    pub changed: Timestamp,
}

/// One alert as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The alert.
    pub alert: Alert,
    /// When it arrived.
    pub received: Timestamp,
}

/// What a round of deliveries brought.
#[derive(Debug, Default)]
struct Heard {
    /// When an outage that people know of was last repeated.
    outage_repeated: Option<Timestamp>,
    /// When another alert that people know of was last repeated.
    other_repeated: Option<Timestamp>,
    /// An outage began or ended.
    outage_changed: bool,
}

impl Case {
    /// The case of a subject that nothing is known of.
    pub fn new(subject: Subject) -> Self {
        Case {
            subject,
            alerts: BTreeMap::new(),
            outages: Vec::new(),
            flapping: None,
            told_at: None,
            reminders: 0,
        }
    }

    /// Takes deliveries in, all about this subject, and says what people have to be told now.
    /// The order of the deliveries does not matter, and repeats do no harm. Without deliveries it
    /// looks whether the time has come to say something that was held back.
    pub fn fold(
        &mut self,
        policy: &Policy,
        deliveries: Vec<Delivery>,
        now: Timestamp,
    ) -> Vec<Notice> {
        let heard = self.take_in(deliveries);
        let notices = self.conclude(policy, &heard, now);
        self.forget(policy, now);
        notices
    }

    /// When to look again even if nothing arrives.
    pub fn wake_at(&self, policy: &Policy) -> Option<Timestamp> {
        self.flapping
            .map(|flapping| flapping.changed.plus(policy.settled_after))
    }

    /// Whether anything goes on.
    pub fn is_open(&self) -> bool {
        self.flapping.is_some() || self.alerts.values().any(Tracked::fires)
    }

    fn take_in(&mut self, mut deliveries: Vec<Delivery>) -> Heard {
        deliveries.sort_by(|one, other| {
            let key = |delivery: &Delivery| {
                let alert = &delivery.alert;
                (alert.starts_at, alert.status, delivery.received)
            };
            key(one)
                .cmp(&key(other))
                .then_with(|| one.alert.fingerprint.cmp(&other.alert.fingerprint))
        });
        let mut heard = Heard::default();
        for delivery in deliveries {
            self.take_one(delivery, &mut heard);
        }
        self.end_outages_that_were_followed();
        heard
    }

    fn take_one(&mut self, Delivery { alert, received }: Delivery, heard: &mut Heard) {
        let is_outage = alert.outage().is_some();
        let is_told = self.is_told_by_another(&alert);
        let Some(known) = self.alerts.get_mut(&alert.fingerprint) else {
            if is_outage && !is_told {
                heard.outage_changed = true;
                self.outages.push(alert.starts_at);
            }
            let tracked = Tracked {
                received,
                told: is_told.then_some(Status::Firing),
                alert,
            };
            self.alerts
                .insert(tracked.alert.fingerprint.clone(), tracked);
            return;
        };
        if alert.starts_at < known.alert.starts_at {
            return;
        }
        let same_episode = alert.starts_at == known.alert.starts_at;
        let mut alert = alert;
        if same_episode {
            // Grafana makes annotations anew each time: the end of an outage does not say any more
            // since when it lasted.
            let told = [known.alert.since, alert.since];
            alert.since = told.into_iter().flatten().min();
            known.alert.since = alert.since;
        }
        match (same_episode, known.alert.status, alert.status) {
            // An end is the last word on an episode.
            (true, Status::Resolved, _) => return,
            (true, Status::Firing, Status::Firing) => {
                if known.told == Some(Status::Firing) {
                    let repeated = if is_outage {
                        &mut heard.outage_repeated
                    } else {
                        &mut heard.other_repeated
                    };
                    *repeated = (*repeated).max(Some(received));
                }
                if received < known.received {
                    return;
                }
            }
            // Everybody who tries the way wants to hear of it.
            (false, Status::Firing, Status::Firing) if alert.is_test() => known.told = None,
            (true, Status::Firing, Status::Resolved) | (false, Status::Firing, _) => {
                // Who knows that it fires has learnt nothing new from a new beginning whose end
                // before it was lost; who sends it may only have started anew.
                heard.outage_changed |= is_outage && alert.status == Status::Resolved;
            }
            (false, Status::Resolved, _) => {
                if known.told == Some(Status::Resolved) {
                    known.told = None;
                }
                if is_outage {
                    heard.outage_changed = true;
                    self.outages.push(alert.starts_at);
                }
            }
        }
        known.received = known.received.max(received);
        known.alert = alert;
    }

    /// Whether people have heard from another sender that this outage goes on. Two that evaluate the
    /// same monitor, such as the writer and a Grafana, may give it other labels; its number is one.
    fn is_told_by_another(&self, alert: &Alert) -> bool {
        let Some(epoch) = alert.outage().filter(|epoch| *epoch != 0) else {
            return false;
        };
        self.alerts.values().any(|tracked| {
            tracked.alert.outage() == Some(epoch)
                && tracked.alert.fingerprint != alert.fingerprint
                && tracked.fires()
                && tracked.told == Some(Status::Firing)
        })
    }

    /// A monitor has one outage at a time: where a later one began, the one before is over, even
    /// if its end is still under way or was lost. A number that starts again at 1, as after the
    /// loss of all rows, is told apart by its time.
    fn end_outages_that_were_followed(&mut self) {
        let begun: Vec<(u64, Timestamp)> = self
            .alerts
            .values()
            .filter_map(|tracked| Some((tracked.alert.outage()?, tracked.alert.starts_at)))
            .collect();
        for tracked in self.alerts.values_mut().filter(|tracked| tracked.fires()) {
            let Some(epoch) = tracked.alert.outage() else {
                continue;
            };
            let starts_at = tracked.alert.starts_at;
            let followed_at = begun
                .iter()
                .filter(|(other, at)| *other > epoch && *at >= starts_at)
                .map(|(_, at)| *at)
                .min();
            if let Some(at) = followed_at {
                tracked.alert.status = Status::Resolved;
                tracked.alert.ends_at = Some(at);
            }
        }
    }

    /// Forgets what nobody will ask for again.
    fn forget(&mut self, policy: &Policy, now: Timestamp) {
        let edge = now.minus(policy.memory);
        let is_done = |tracked: &Tracked| !tracked.fires() && !tracked.is_news();
        self.alerts
            .retain(|_, tracked| !is_done(tracked) || tracked.received >= edge);
        let mut ended: Vec<(Timestamp, String)> = self
            .alerts
            .iter()
            .filter(|(_, tracked)| is_done(tracked))
            .map(|(fingerprint, tracked)| (tracked.received, fingerprint.clone()))
            .collect();
        ended.sort_unstable();
        let surplus = ended.len().saturating_sub(MOST_ENDED);
        for (_, fingerprint) in ended.into_iter().take(surplus) {
            self.alerts.remove(&fingerprint);
        }
        let oldest = now.minus(policy.flap_window);
        self.outages.sort_unstable();
        self.outages.retain(|begun| *begun >= oldest);
    }
}
