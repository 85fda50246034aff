//! Certificate chains that were verified before.
//!
//! A server presents the same certificates for months, and what was verified of them stays true:
//! the same bytes lead to the same trusted root by the same signatures. Only the time can end it.
//! So the path of a chain is built once, and later only the period is looked at in which all of
//! its certificates are valid; outside of it the chain is verified anew. The name is compared and
//! the server's own signature is verified in every handshake.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls_pki_types::{CertificateDer, UnixTime};
use sha2::{Digest, Sha256};
use tidewatch_domain::Timestamp;
use tidewatch_domain::probe::CertificateFacts;

/// More chains than a machine's worth of monitors present; beyond, all are forgotten.
const MOST: usize = 16_384;

/// By which a chain is known: SHA-256 over its certificates with their lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ChainId([u8; 32]);

impl ChainId {
    /// The identity of a chain as it was presented.
    pub(super) fn of(end_entity: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Self {
        let mut digest = Sha256::new();
        for certificate in std::iter::once(end_entity).chain(others) {
            digest.update(certificate.len().to_le_bytes());
            digest.update(certificate);
        }
        ChainId(digest.finalize().into())
    }
}

/// What is known of a chain that leads to a trusted root.
#[derive(Debug)]
pub(super) struct Verified {
    /// When the last of the certificates on the path begins to be valid.
    pub(super) from: Timestamp,
    /// What there is to say about it; with the end of the first validity on the path.
    pub(super) facts: CertificateFacts,
}

impl Verified {
    fn holds_at(&self, now: UnixTime) -> bool {
        i64::try_from(now.as_secs()).is_ok_and(|seconds| {
            let now = Timestamp::from_secs(seconds);
            self.from <= now && now <= self.facts.not_after
        })
    }
}

/// The chains that were verified with one set of roots.
#[derive(Debug, Default)]
pub(super) struct KnownChains(Mutex<HashMap<ChainId, Arc<Verified>>>);

impl KnownChains {
    /// What is known of a chain, if it still holds at `now`.
    pub(super) fn get(&self, chain: ChainId, now: UnixTime) -> Option<Arc<Verified>> {
        let known = self.0.lock().get(&chain)?.clone();
        known.holds_at(now).then_some(known)
    }

    /// Keeps what was found out about a chain.
    pub(super) fn insert(&self, chain: ChainId, verified: Verified) {
        let mut known = self.0.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(chain, Arc::new(verified));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn verified() -> Verified {
        Verified {
            from: Timestamp::from_secs(100),
            facts: CertificateFacts {
                not_after: Timestamp::from_secs(200),
                not_before: Timestamp::from_secs(50),
                leaf_not_after: Timestamp::from_secs(300),
                subject: String::new(),
                issuer: String::new(),
                names: Vec::new(),
                fingerprint: String::new(),
                presented: 1,
                verified: true,
                chain: Vec::new(),
            },
        }
    }

    fn id(chain: &[&[u8]]) -> ChainId {
        let chain: Vec<_> = chain
            .iter()
            .map(|der| CertificateDer::from(der.to_vec()))
            .collect();
        ChainId::of(&chain[0], &chain[1..])
    }

    #[test]
    fn a_chain_holds_while_all_of_it_is_valid() {
        let known = KnownChains::default();
        known.insert(id(&[b"a"]), verified());
        let holds = [99, 100, 200, 201].map(|seconds| {
            let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            known.get(id(&[b"a"]), now).is_some()
        });
        assert_eq!(holds, [false, true, true, false]);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(150));
        assert!(known.get(id(&[b"b"]), now).is_none());
    }

    #[test]
    fn chains_differ_by_order_and_by_where_certificates_end() {
        let ids = [
            id(&[b"ab", b"c"]),
            id(&[b"a", b"bc"]),
            id(&[b"c", b"ab"]),
            id(&[b"abc"]),
        ];
        for (index, one) in ids.iter().enumerate() {
            assert!(!ids[index + 1..].contains(one), "{index}");
        }
        assert_eq!(ids[0], id(&[b"ab", b"c"]));
    }

    #[test]
    fn there_are_never_more_than_the_limit() {
        let known = KnownChains::default();
        for number in 0..=MOST {
            known.insert(id(&[&number.to_le_bytes()]), verified());
        }
        assert_eq!(known.0.lock().len(), 1);
    }
}
