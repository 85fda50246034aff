//! What people have to be told, given what is known and what they know.

use super::{Case, Flapping, Heard, Tracked};
use crate::incident::alert::Alert;
use crate::incident::notice::{Notice, NoticeKind};
use crate::incident::policy::Policy;
use crate::time::Timestamp;

impl Case {
    pub(super) fn conclude(
        &mut self,
        policy: &Policy,
        heard: &Heard,
        now: Timestamp,
    ) -> Vec<Notice> {
        let is_due = |repeated: Option<Timestamp>| {
            repeated.is_some_and(|repeated| {
                self.told_at
                    .is_none_or(|told| repeated >= told.plus(policy.remind_after))
            })
        };
        let reminder_due = is_due(heard.outage_repeated);
        let other_reminder_due = is_due(heard.other_repeated);
        let settled = match &mut self.flapping {
            Some(flapping) => {
                if heard.outage_changed {
                    flapping.changed = flapping.changed.max(now);
                }
                if now < flapping.changed.plus(policy.settled_after) {
                    return self.while_flapping(reminder_due, now);
                }
                self.flapping = None;
                true
            }
            None => false,
        };
        let notices = match self.current_outage() {
            Some(outage) if self.is_news(&outage) => {
                let flapping = self.begins_to_flap(policy, &outage, now, settled);
                if flapping.is_some() {
                    self.flapping = Some(Flapping { changed: now });
                }
                vec![self.of_outage(NoticeKind::Opened, outage, flapping, now)]
            }
            Some(outage) if settled || reminder_due => {
                vec![self.of_outage(NoticeKind::Reminder, outage, None, now)]
            }
            Some(_) => Vec::new(),
            None => match self.latest_ended_outage() {
                Some(outage) => {
                    let kind = self.kind_of_end(&outage);
                    vec![self.of_outage(kind, outage, None, now)]
                }
                None => self.of_others(other_reminder_due, now),
            },
        };
        if !self.alerts.values().any(Tracked::fires) && self.flapping.is_none() {
            self.reminders = 0;
        }
        notices
    }

    /// Held back, but for reminders that it still goes on.
    fn while_flapping(&mut self, reminder_due: bool, now: Timestamp) -> Vec<Notice> {
        let latest = self
            .current_outage()
            .or_else(|| self.newest_outage(|tracked| tracked.told.is_some()));
        match latest {
            Some(outage) if reminder_due => {
                let count = Some(self.outages.len().max(1));
                vec![self.of_outage(NoticeKind::Reminder, outage, count, now)]
            }
            _ => Vec::new(),
        }
    }

    /// The number of recent outages, where the one that begins makes the monitor flapping.
    fn begins_to_flap(
        &self,
        policy: &Policy,
        outage: &str,
        now: Timestamp,
        settled: bool,
    ) -> Option<usize> {
        if settled {
            return None;
        }
        let oldest = now.minus(policy.flap_window);
        let count = self
            .outages
            .iter()
            .filter(|begun| **begun >= oldest)
            .count();
        let judged = self
            .alerts
            .get(outage)
            .is_some_and(|tracked| tracked.alert.says_flapping());
        (judged || count >= policy.flap_outages).then_some(count.max(1))
    }

    /// The outage that goes on.
    fn current_outage(&self) -> Option<String> {
        self.newest_outage(Tracked::fires)
    }

    /// The latest outage that is over without people knowing.
    fn latest_ended_outage(&self) -> Option<String> {
        self.newest_outage(|tracked| !tracked.fires() && tracked.is_news())
    }

    fn newest_outage(&self, which: impl Fn(&Tracked) -> bool) -> Option<String> {
        self.alerts
            .values()
            .filter(|tracked| which(tracked))
            .filter_map(|tracked| Some((tracked.alert.outage()?, &tracked.alert)))
            .max_by_key(|(epoch, alert)| (alert.starts_at, *epoch, &alert.fingerprint))
            .map(|(_, alert)| alert.fingerprint.clone())
    }

    fn is_news(&self, fingerprint: &str) -> bool {
        self.alerts.get(fingerprint).is_some_and(Tracked::is_news)
    }

    fn kind_of_end(&self, fingerprint: &str) -> NoticeKind {
        let because = self
            .alerts
            .get(fingerprint)
            .and_then(|tracked| tracked.alert.ended_because());
        match because {
            Some(_) => NoticeKind::StoppedReporting,
            None => NoticeKind::Resolved,
        }
    }

    /// A notice about an outage, with everything else that goes on.
    fn of_outage(
        &mut self,
        kind: NoticeKind,
        outage: String,
        flapping: Option<usize>,
        now: Timestamp,
    ) -> Notice {
        let alerts = self.tell(|tracked| tracked.alert.fingerprint == outage);
        let earlier = self.tell(|tracked| tracked.is_news() && tracked.alert.outage().is_some());
        let attached = self.tell(|tracked| {
            tracked.alert.outage().is_none() && (tracked.is_news() || tracked.fires())
        });
        self.notice(kind, alerts, now, |notice| {
            notice.earlier = earlier;
            notice.attached = attached;
            notice.flapping = flapping;
        })
    }

    /// Notices about alerts that are no outage, while there is none.
    fn of_others(&mut self, reminder_due: bool, now: Timestamp) -> Vec<Notice> {
        // The end of a test is nobody's concern.
        self.tell(|tracked| tracked.alert.is_test() && !tracked.fires());
        let tests = self.tell(|tracked| tracked.alert.is_test() && tracked.is_news());
        let opened = self.tell(|tracked| tracked.fires() && tracked.is_news());
        let stopped =
            self.tell(|tracked| tracked.is_news() && tracked.alert.ended_because().is_some());
        let resolved = self.tell(Tracked::is_news);
        let mut notices = Vec::new();
        for (kind, alerts) in [
            (NoticeKind::Test, tests),
            (NoticeKind::Opened, opened),
            (NoticeKind::StoppedReporting, stopped),
            (NoticeKind::Resolved, resolved),
        ] {
            if !alerts.is_empty() {
                notices.push(self.notice(kind, alerts, now, |_| {}));
            }
        }
        if notices.is_empty() && reminder_due {
            let going_on = self.tell(|tracked| tracked.fires() && !tracked.alert.is_test());
            if !going_on.is_empty() {
                notices.push(self.notice(NoticeKind::Reminder, going_on, now, |_| {}));
            }
        }
        notices
    }

    /// Takes alerts into a notice: from now on people know how they stand.
    fn tell(&mut self, which: impl Fn(&Tracked) -> bool) -> Vec<Alert> {
        self.alerts
            .values_mut()
            .filter(|tracked| which(tracked))
            .map(|tracked| {
                tracked.told = Some(tracked.alert.status);
                tracked.alert.clone()
            })
            .collect()
    }

    fn notice(
        &mut self,
        kind: NoticeKind,
        alerts: Vec<Alert>,
        now: Timestamp,
        complete: impl FnOnce(&mut Notice),
    ) -> Notice {
        self.told_at = Some(now);
        let number = match kind {
            NoticeKind::Reminder => {
                self.reminders += 1;
                self.reminders
            }
            _ => 0,
        };
        let mut notice = Notice {
            subject: self.subject.clone(),
            kind,
            number,
            alerts,
            attached: Vec::new(),
            earlier: Vec::new(),
            flapping: None,
            at: now,
        };
        complete(&mut notice);
        notice
    }
}
