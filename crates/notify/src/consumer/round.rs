//! One round: read and decide, save, send, save.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::{StreamExt, stream};

use super::gather::Work;
use super::plan::Planned;
use super::{Consumer, KEEP_CLOSED, KEEP_OPEN, Report};
use crate::envelope::{Envelope, Source, WakeUp};
use crate::stored::{CaseFile, Outgoing, digest_key};
use crate::table::TableError;

/// How many items are read or written at the same time.
const AT_ONCE: usize = 16;

/// One subject within a round.
#[derive(Debug)]
pub(super) struct Prepared {
    work: Work,
    /// The version that was read.
    version: u64,
    before: CaseFile,
    file: CaseFile,
    /// Dedupe ids of the notices that this round decided on.
    fresh: BTreeSet<String>,
    /// Dedupe ids of the notices that this round sends.
    mine: BTreeSet<String>,
    /// Somebody else is about to send a notice of this subject.
    busy: bool,
}

impl Prepared {
    pub(super) fn key(&self) -> String {
        self.work.subject.to_string()
    }

    pub(super) fn to_send(&self) -> impl Iterator<Item = &Outgoing> {
        self.file
            .outbox
            .iter()
            .filter(|outgoing| self.mine.contains(&outgoing.notice.dedupe_id()))
    }

    pub(super) fn is_fresh(&self, outgoing: &Outgoing) -> bool {
        self.fresh.contains(&outgoing.notice.dedupe_id())
    }

    /// Treats the notices of a digest that was never written down as new.
    pub(super) fn plan_anew(&mut self, digest: &str) {
        for outgoing in &mut self.file.outbox {
            let id = outgoing.notice.dedupe_id();
            if self.mine.contains(&id) && outgoing.digest.as_deref() == Some(digest) {
                outgoing.digest = None;
                self.fresh.insert(id);
            }
        }
    }

    /// Notes in the outbox which message a notice goes out with, and to whom.
    pub(super) fn note_plan(&mut self, planned: &Planned) {
        for (key, id) in &planned.members {
            if *key != self.key() {
                continue;
            }
            for outgoing in &mut self.file.outbox {
                if outgoing.notice.dedupe_id() == *id {
                    outgoing.left = planned.left.iter().cloned().collect();
                    outgoing.digest = planned
                        .digest_version
                        .map(|_| planned.message.dedupe_id().to_owned());
                }
            }
        }
    }
}

impl Consumer {
    /// Takes `works` through a round; those that others changed in between come back.
    pub(super) async fn round(
        &self,
        works: Vec<Work>,
        lease: Duration,
        report: &mut Report,
    ) -> Vec<Work> {
        let mut prepared = self.prepare(works, lease, report).await;
        let planned = match self.plan(&mut prepared).await {
            Ok(planned) => planned,
            Err(error) => {
                for subject in prepared {
                    report.fail(subject.work.envelopes, &error.to_string());
                }
                return Vec::new();
            }
        };
        let (saved, mut planned, again) = self.commit(prepared, planned, report).await;
        self.send(&mut planned, report).await;
        self.mark(&saved, planned, report).await;
        again
    }

    /// Step 1: reads what is known and decides.
    async fn prepare(
        &self,
        works: Vec<Work>,
        lease: Duration,
        report: &mut Report,
    ) -> Vec<Prepared> {
        let results: Vec<(Work, Result<Prepared, TableError>)> = stream::iter(works)
            .map(|work| async move {
                let prepared = self.prepare_one(&work, lease).await;
                (work, prepared)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut prepared = Vec::with_capacity(results.len());
        for (work, result) in results {
            match result {
                Ok(one) => prepared.push(one),
                Err(error) => report.fail(work.envelopes, &error.to_string()),
            }
        }
        prepared
    }

    async fn prepare_one(&self, work: &Work, lease: Duration) -> Result<Prepared, TableError> {
        let key = work.subject.to_string();
        let (version, before) = match self.table.load(&key).await? {
            Some(item) => (
                item.version,
                CaseFile::read(&key, &item.text)
                    .map_err(|error| TableError::Failed(error.to_string()))?,
            ),
            None => (0, CaseFile::new(work.subject.clone())),
        };
        let now = self.clock.now();
        let received = work
            .deliveries
            .iter()
            .map(|delivery| delivery.received)
            .min()
            .unwrap_or(now);
        let claimed_until = now.plus(lease);
        let mut file = before.clone();
        let mut mine = BTreeSet::new();
        let mut busy = false;
        for outgoing in &mut file.outbox {
            if outgoing.claimed_until > now {
                busy = true;
            } else {
                outgoing.claimed_until = claimed_until;
                mine.insert(outgoing.notice.dedupe_id());
            }
        }
        let notices = file
            .case
            .fold(&self.options.policy, work.deliveries.clone(), now);
        let fresh: BTreeSet<String> = notices.iter().map(|notice| notice.dedupe_id()).collect();
        mine.extend(fresh.iter().cloned());
        file.outbox
            .extend(notices.into_iter().map(|notice| Outgoing {
                notice,
                received,
                left: Vec::new(),
                digest: None,
                claimed_until,
            }));
        Ok(Prepared {
            work: work.clone(),
            version,
            before,
            file,
            fresh,
            mine,
            busy,
        })
    }

    /// Step 2: saves what was decided. Returns what was saved, what can be sent, and what others
    /// changed in between.
    async fn commit(
        &self,
        prepared: Vec<Prepared>,
        mut planned: Vec<Planned>,
        report: &mut Report,
    ) -> (Vec<Saved>, Vec<Planned>, Vec<Work>) {
        let results: Vec<(Prepared, Result<(), TableError>)> = stream::iter(prepared)
            .map(|subject| async move {
                let result = self.save_decision(&subject).await;
                (subject, result)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut saved = Vec::new();
        let mut again = Vec::new();
        for (subject, result) in results {
            let key = subject.key();
            match result {
                Ok(()) => {
                    if subject.busy {
                        report.fail(
                            subject.work.envelopes.iter().copied(),
                            &format!("a message about `{key}` is being sent by somebody else"),
                        );
                    }
                    let changed = subject.file != subject.before;
                    saved.push(Saved {
                        key,
                        version: subject.version + u64::from(changed),
                        file: subject.file,
                        envelopes: subject.work.envelopes,
                    });
                    continue;
                }
                Err(TableError::Conflict(_)) => again.push(subject.work),
                Err(error) => report.fail(subject.work.envelopes, &error.to_string()),
            }
            planned = planned
                .into_iter()
                .filter_map(|one| one.without(&key))
                .collect();
        }
        let mut ready = Vec::with_capacity(planned.len());
        for mut one in planned {
            match self.save_digest(&mut one).await {
                Ok(()) => ready.push(one),
                Err(error) => fail_members(&saved, &one, &error.to_string(), report),
            }
        }
        (saved, ready, again)
    }

    async fn save_decision(&self, subject: &Prepared) -> Result<(), TableError> {
        self.arrange_wake_up(subject).await?;
        if subject.file == subject.before {
            return Ok(());
        }
        self.save_case(&subject.key(), subject.version, &subject.file)
            .await
    }

    pub(super) async fn save_case(
        &self,
        key: &str,
        version: u64,
        file: &CaseFile,
    ) -> Result<(), TableError> {
        let keep = if file.case.is_open() || !file.outbox.is_empty() {
            KEEP_OPEN
        } else {
            KEEP_CLOSED
        };
        let expires = self.clock.now().plus(keep);
        self.table
            .save(key, version, &file.to_json(), expires)
            .await
    }

    /// Leaves word for later: before the case is saved, because a word too many does no harm.
    async fn arrange_wake_up(&self, subject: &Prepared) -> Result<(), TableError> {
        let begins = subject.before.case.flapping.is_none();
        let Some(at) = subject
            .file
            .case
            .wake_at(&self.options.policy)
            .filter(|_| begins || subject.work.woken)
        else {
            return Ok(());
        };
        let now = self.clock.now();
        let wake_up = WakeUp {
            subject: subject.key(),
            at,
        };
        let envelope = Envelope::of_payload(Source::Timer, now, &wake_up);
        let delay = at.since(now).max(Duration::from_secs(1));
        self.queue
            .put(&envelope, delay)
            .await
            .map_err(|error| TableError::Failed(error.to_string()))
    }

    /// Writes a digest down before it goes out. A digest that is written down already, by a round
    /// that crashed, stays as it is.
    async fn save_digest(&self, one: &mut Planned) -> Result<(), TableError> {
        if one.digest_version != Some(0) {
            return Ok(());
        }
        let key = digest_key(one.message.dedupe_id());
        let text = one.digest_file().to_json();
        let expires = self.clock.now().plus(KEEP_CLOSED);
        self.table.save(&key, 0, &text, expires).await?;
        one.digest_version = Some(1);
        Ok(())
    }
}

/// A subject whose decision is saved.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) key: String,
    pub(super) version: u64,
    pub(super) file: CaseFile,
    pub(super) envelopes: BTreeSet<usize>,
}

/// The envelopes behind a message have to come again.
pub(super) fn fail_members(saved: &[Saved], one: &Planned, reason: &str, report: &mut Report) {
    for (key, _) in &one.members {
        for subject in saved.iter().filter(|subject| subject.key == *key) {
            report.fail(subject.envelopes.iter().copied(), reason);
        }
    }
}
