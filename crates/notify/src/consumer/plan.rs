//! What was decided, put together into messages.

use std::collections::{BTreeMap, BTreeSet};

use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::{Dispatch, Notice, dispatches};

use super::Consumer;
use super::round::Prepared;
use crate::message::Message;
use crate::stored::{DigestFile, Outgoing, digest_key};
use crate::table::TableError;

/// A message on its way, and who waits for it.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) message: Message,
    /// Channels that have not taken it.
    pub(super) left: BTreeSet<String>,
    /// Why a channel did not take it.
    pub(super) problem: Option<String>,
    /// The version of the digest's item; `None` for a message of one notice.
    pub(super) digest_version: Option<u64>,
    /// Subjects, as keys of the table, and the dedupe ids of their notices.
    pub(super) members: Vec<(String, String)>,
}

impl Consumer {
    /// Decides which of the notices to send go out together, and notes that in their outboxes.
    ///
    /// Outgoing notices that `prepared` has to send are: new ones, which are planned here; those
    /// that an earlier round left, which go out as that round meant them to.
    pub(super) async fn plan(&self, prepared: &mut [Prepared]) -> Result<Vec<Planned>, TableError> {
        let mut planned = self.earlier_digests(prepared).await?;
        let mut fresh = Vec::new();
        for subject in prepared.iter() {
            for outgoing in subject.to_send() {
                if outgoing.digest.is_some() {
                    continue;
                }
                if subject.is_fresh(outgoing) {
                    fresh.push((outgoing.notice.clone(), outgoing.received));
                } else {
                    planned.push(self.as_before(outgoing));
                }
            }
        }
        let received: BTreeMap<String, Timestamp> = fresh
            .iter()
            .map(|(notice, received)| (notice.dedupe_id(), *received))
            .collect();
        let notices = fresh.into_iter().map(|(notice, _)| notice).collect();
        for dispatch in dispatches(&self.options.policy, notices) {
            let oldest = dispatch
                .notices()
                .iter()
                .filter_map(|notice| received.get(&notice.dedupe_id()))
                .min()
                .copied()
                .unwrap_or_else(|| self.clock.now());
            let one = self.planned(dispatch, oldest);
            for subject in prepared.iter_mut() {
                subject.note_plan(&one);
            }
            planned.push(one);
        }
        Ok(planned)
    }

    /// A new message for everybody whom it concerns.
    fn planned(&self, dispatch: Dispatch, received: Timestamp) -> Planned {
        let id = dispatch.dedupe_id();
        let is_digest = dispatch.only().is_none();
        let members = members(dispatch.notices());
        let message = self.message(dispatch, id, received);
        let left = self
            .subscriptions
            .iter()
            .filter(|subscription| subscription.includes(&message))
            .map(|subscription| subscription.channel.name().to_owned())
            .collect();
        Planned {
            message,
            left,
            problem: None,
            digest_version: is_digest.then_some(0),
            members,
        }
    }

    /// A message that an earlier round did not get through.
    fn as_before(&self, outgoing: &Outgoing) -> Planned {
        let dispatch = Dispatch::single(outgoing.notice.clone());
        let id = dispatch.dedupe_id();
        Planned {
            members: members(dispatch.notices()),
            message: self.message(dispatch, id, outgoing.received),
            left: outgoing.left.iter().cloned().collect(),
            problem: None,
            digest_version: None,
        }
    }

    /// Digests that an earlier round wrote down and did not get through. A digest that was never
    /// written down was never sent: its notices are planned anew.
    async fn earlier_digests(&self, prepared: &mut [Prepared]) -> Result<Vec<Planned>, TableError> {
        let ids: BTreeSet<String> = prepared
            .iter()
            .flat_map(|subject| subject.to_send())
            .filter_map(|outgoing| outgoing.digest.clone())
            .collect();
        let mut planned = Vec::new();
        for id in ids {
            let key = digest_key(&id);
            let Some(item) = self.table.load(&key).await? else {
                for subject in prepared.iter_mut() {
                    subject.plan_anew(&id);
                }
                continue;
            };
            let file = DigestFile::read(&key, &item.text)
                .map_err(|error| TableError::Failed(error.to_string()))?;
            let waiting = prepared
                .iter()
                .flat_map(|subject| {
                    let key = subject.key();
                    subject
                        .to_send()
                        .filter(|outgoing| outgoing.digest.as_deref() == Some(id.as_str()))
                        .map(move |outgoing| (key.clone(), outgoing.notice.dedupe_id()))
                })
                .collect();
            let dispatch = Dispatch::of(file.notices)
                .ok_or_else(|| TableError::Failed(format!("`{key}` has no notices")))?;
            planned.push(Planned {
                message: self.message(dispatch, id, file.received),
                left: file.left.into_iter().collect(),
                problem: None,
                digest_version: Some(item.version),
                members: waiting,
            });
        }
        Ok(planned)
    }

    fn message(&self, dispatch: Dispatch, id: String, received: Timestamp) -> Message {
        Message::new(dispatch, id, self.options.surroundings.clone(), received)
    }
}

impl Planned {
    /// The digest's item, as it has to be saved.
    pub(super) fn digest_file(&self) -> DigestFile {
        DigestFile {
            notices: self.message.dispatch().notices().to_vec(),
            received: self.message.received,
            left: self.left.iter().cloned().collect(),
        }
    }

    /// Leaves out the notices of a subject that somebody else changed in between. `None` where
    /// nothing remains. The dedupe id stays: it is in the outboxes of the others.
    pub(super) fn without(mut self, key: &str) -> Option<Self> {
        let out: BTreeSet<String> = self
            .members
            .iter()
            .filter(|(member, _)| member == key)
            .map(|(_, id)| id.clone())
            .collect();
        if out.is_empty() {
            return Some(self);
        }
        self.members.retain(|(member, _)| member != key);
        if self.digest_version.is_some_and(|version| version > 0) {
            // It is written down as it is, and goes out for the others as a whole.
            return (!self.members.is_empty()).then_some(self);
        }
        let kept: Vec<Notice> = self
            .message
            .dispatch()
            .notices()
            .iter()
            .filter(|notice| !out.contains(&notice.dedupe_id()))
            .cloned()
            .collect();
        self.message = self.message.with(Dispatch::of(kept)?);
        Some(self)
    }
}

fn members(notices: &[Notice]) -> Vec<(String, String)> {
    notices
        .iter()
        .map(|notice| (notice.subject.to_string(), notice.dedupe_id()))
        .collect()
}
