//! Many notices at once are one message.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::notice::{Notice, hexadecimal};
use super::policy::Policy;
use crate::monitor::Severity;

/// The most notices of one digest: it has to fit into one item of a table, and no person reads
/// more.
const MOST: usize = 100;

/// What goes out as one message: one notice, or a digest of several for the same people.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatch {
    notices: Vec<Notice>,
}

impl Dispatch {
    /// One notice, as a message of its own.
    pub fn single(notice: Notice) -> Self {
        Dispatch {
            notices: vec![notice],
        }
    }

    /// Several notices as one message; `None` without any. They must be for the same people, as
    /// those of a group of [`dispatches`] are.
    pub fn of(notices: Vec<Notice>) -> Option<Self> {
        (!notices.is_empty()).then_some(Dispatch { notices })
    }

    /// What it says, at least one.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The notice, where there is only one.
    pub fn only(&self) -> Option<&Notice> {
        match self.notices.as_slice() {
            [notice] => Some(notice),
            _ => None,
        }
    }

    /// The first notice, which has the tenant, team and severity of all.
    pub fn first(&self) -> &Notice {
        self.notices
            .first()
            .expect("a dispatch has at least one notice")
    }

    /// What it says in one word, as written in rows and attributes.
    pub fn kind(&self) -> &'static str {
        self.only().map_or("digest", |notice| notice.kind.name())
    }

    /// Whether somebody has to do something about any of it.
    pub fn is_firing(&self) -> bool {
        self.notices.iter().any(|notice| notice.kind.is_firing())
    }

    /// The same for every attempt to say this: of a single notice its own, of a digest SHA-256
    /// over those of its notices.
    pub fn dedupe_id(&self) -> String {
        if let Some(notice) = self.only() {
            return notice.dedupe_id();
        }
        let mut ids: Vec<String> = self.notices.iter().map(Notice::dedupe_id).collect();
        ids.sort_unstable();
        hexadecimal(&Sha256::digest(ids.join("\n")))
    }
}

/// Puts notices together for those who get them. Never two tenants, teams or severities in one
/// message: it could not be sent to the right people.
pub fn dispatches(policy: &Policy, notices: Vec<Notice>) -> Vec<Dispatch> {
    let mut routes: BTreeMap<(Severity, Option<String>, Option<String>), Vec<Notice>> =
        BTreeMap::new();
    for notice in notices {
        let route = (
            notice.severity(),
            notice.tenant().map(str::to_owned),
            notice.team().map(str::to_owned),
        );
        routes.entry(route).or_default().push(notice);
    }
    let mut dispatches = Vec::new();
    // The worst first: if time runs out, it ran out on the least.
    for (_, notices) in routes.into_iter().rev() {
        if notices.len() > policy.digest_above {
            let digests = notices.chunks(MOST).map(|notices| Dispatch {
                notices: notices.to_vec(),
            });
            dispatches.extend(digests);
        } else {
            dispatches.extend(notices.into_iter().map(Dispatch::single));
        }
    }
    dispatches
}
