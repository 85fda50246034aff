//! `ClientToken`: a call that is sent again after its answer was lost.
//!
//! Statements change nothing, so a repeated call whose result was one page simply runs again. A
//! result with pages left is kept anyway, and a repeated call gets its first page once more instead
//! of a second copy of the work.

use std::collections::HashMap;
use std::time::Duration;

use aws_lc_rs::digest;
use parking_lot::Mutex;
use tidewatch_wire::ApiError;

use crate::auth::Caller;

/// For how long a token stands for its first call: what the service's model says.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// The most tokens that are kept; one more forgets the oldest.
const CAPACITY: usize = 4096;

/// What a call asks for: statement and size of pages.
pub(crate) type Fingerprint = [u8; 32];

/// The tokens of the last minutes.
#[derive(Debug, Default)]
pub(crate) struct ClientTokens {
    /// By caller and token.
    seen: Mutex<HashMap<(Option<String>, String), Seen>>,
}

#[derive(Debug)]
struct Seen {
    call: Fingerprint,
    /// Of the first call's result, when it has pages left.
    query_id: Option<String>,
    /// In nanoseconds since the Unix epoch.
    at: i64,
}

/// The fingerprint of a call.
pub(crate) fn fingerprint(statement: &str, max_rows: usize) -> Fingerprint {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&max_rows.to_le_bytes());
    context.update(statement.as_bytes());
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

impl ClientTokens {
    /// Notes a call. Gives the query id of its first sending, when that has pages left. Fails when
    /// the token was used for another call.
    pub(crate) fn note(
        &self,
        caller: &Caller,
        token: &str,
        call: Fingerprint,
        now: i64,
    ) -> Result<Option<String>, ApiError> {
        let mut seen = self.seen.lock();
        let key = key(caller, token);
        if let Some(earlier) = seen.get(&key).filter(|earlier| earlier.is_valid(now)) {
            return match earlier.call == call {
                true => Ok(earlier.query_id.clone()),
                false => Err(ApiError::validation(
                    "The ClientToken was used for another query; every new query needs a token of its own.",
                )),
            };
        }
        if seen.len() >= CAPACITY {
            seen.retain(|_, earlier| earlier.is_valid(now));
        }
        if seen.len() >= CAPACITY {
            let oldest = seen.iter().min_by_key(|(_, earlier)| earlier.at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                seen.remove(&oldest);
            }
        }
        seen.insert(
            key,
            Seen {
                call,
                query_id: None,
                at: now,
            },
        );
        Ok(None)
    }

    /// Notes that the result of the call with this token has pages left.
    pub(crate) fn keep(&self, caller: &Caller, token: &str, query_id: &str) {
        if let Some(seen) = self.seen.lock().get_mut(&key(caller, token)) {
            seen.query_id = Some(query_id.to_owned());
        }
    }
}

impl Seen {
    fn is_valid(&self, now: i64) -> bool {
        u128::from(now.abs_diff(self.at)) <= LIFETIME.as_nanos()
    }
}

fn key(caller: &Caller, token: &str) -> (Option<String>, String) {
    (caller.key_id().map(str::to_owned), token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * 1_000_000_000;

    #[test]
    fn a_token_stands_for_one_call() {
        let tokens = ClientTokens::default();
        let note = |text, rows, now| tokens.note(&Caller::Owner, "t", fingerprint(text, rows), now);
        assert_eq!(note("SELECT 1", 10, 0), Ok(None));
        assert_eq!(note("SELECT 1", 10, MINUTE), Ok(None));
        tokens.keep(&Caller::Owner, "t", "AEQUERY");
        assert_eq!(note("SELECT 1", 10, MINUTE), Ok(Some("AEQUERY".to_owned())));
        assert!(note("SELECT 2", 10, MINUTE).is_err());
        assert!(note("SELECT 1", 11, MINUTE).is_err());
        assert_eq!(
            note("SELECT 2", 10, 6 * MINUTE),
            Ok(None),
            "after five minutes it is new"
        );
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let tokens = ClientTokens::default();
        for n in 0..=CAPACITY {
            let at = i64::try_from(n).unwrap();
            let noted = tokens.note(&Caller::Owner, &n.to_string(), fingerprint("a", 1), at);
            assert_eq!(noted, Ok(None));
        }
        let now = MINUTE;
        assert_eq!(
            tokens.note(&Caller::Owner, "0", fingerprint("b", 1), now),
            Ok(None)
        );
        let last = CAPACITY.to_string();
        assert!(
            tokens
                .note(&Caller::Owner, &last, fingerprint("b", 1), now)
                .is_err()
        );
    }
}
