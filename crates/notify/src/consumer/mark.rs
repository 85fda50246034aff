//! Step 4: notes which channels took what.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;

use super::plan::Planned;
use super::round::{Saved, fail_members};
use super::{Consumer, KEEP_CLOSED, Report};
use crate::stored::{CaseFile, digest_key};
use crate::table::TableError;

/// How often a mark is tried when others change the item at the same time.
const MOST_TRIES: usize = 8;

impl Consumer {
    pub(super) async fn mark(&self, saved: &[Saved], planned: Vec<Planned>, report: &mut Report) {
        // What is left of each notice, by subject and dedupe id.
        let mut left: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for one in &planned {
            if let Err(error) = self.mark_digest(one).await {
                // The outboxes stay as they are: the digest is sent again.
                fail_members(saved, one, &error.to_string(), report);
                continue;
            }
            if let Some(problem) = &one.problem {
                fail_members(saved, one, problem, report);
            }
            for (key, id) in &one.members {
                left.entry(key.clone())
                    .or_default()
                    .insert(id.clone(), one.left.iter().cloned().collect());
            }
        }
        for subject in saved {
            let Some(left) = left.get(&subject.key) else {
                continue;
            };
            if let Err(error) = self.mark_case(subject, left).await {
                report.fail(subject.envelopes.iter().copied(), &error.to_string());
            }
        }
    }

    async fn mark_digest(&self, one: &Planned) -> Result<(), TableError> {
        let Some(version) = one.digest_version else {
            return Ok(());
        };
        let key = digest_key(one.message.dedupe_id());
        let expires = self.clock.now().plus(KEEP_CLOSED);
        let text = one.digest_file().to_json();
        match self.table.save(&key, version, &text, expires).await {
            // Another round sent it too, after a crash; either mark is true enough.
            Err(TableError::Conflict(_)) => Ok(()),
            other => other,
        }
    }

    /// Takes notices out of the outbox that everybody has, and gives the others free.
    async fn mark_case(
        &self,
        subject: &Saved,
        left: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), TableError> {
        let now = self.clock.now();
        let mut version = subject.version;
        let mut file = subject.file.clone();
        for _ in 0..MOST_TRIES {
            settle(&mut file, left, now);
            match self.save_case(&subject.key, version, &file).await {
                Err(TableError::Conflict(_)) => {}
                other => return other,
            }
            let Some(item) = self.table.load(&subject.key).await? else {
                return Ok(());
            };
            version = item.version;
            file = CaseFile::read(&subject.key, &item.text)
                .map_err(|error| TableError::Failed(error.to_string()))?;
        }
        Err(TableError::Conflict(subject.key.clone()))
    }
}

fn settle(file: &mut CaseFile, left: &BTreeMap<String, Vec<String>>, now: Timestamp) {
    file.outbox
        .retain_mut(|outgoing| match left.get(&outgoing.notice.dedupe_id()) {
            None => true,
            Some(left) if left.is_empty() => false,
            Some(left) => {
                outgoing.left.clone_from(left);
                outgoing.claimed_until = now;
                true
            }
        });
}
