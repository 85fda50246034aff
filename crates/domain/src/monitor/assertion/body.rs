//! The digest of a body.

use std::fmt;

use sha2::{Digest, Sha256};

use super::facts::Facts;
use super::result::Found;

/// A SHA-256 digest, written in lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256Digest([u8; 32]);

impl Sha256Digest {
    /// Reads 64 hexadecimal digits of either case, also in pairs separated by colons, as tools
    /// print fingerprints; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = if text.contains(':') {
            let pairs: Vec<&str> = text.split(':').collect();
            if pairs.iter().any(|pair| pair.len() != 2) {
                return None;
            }
            pairs.concat().into_bytes()
        } else {
            text.as_bytes().to_vec()
        };
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Sha256Digest(bytes))
    }

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Sha256Digest(Sha256::digest(bytes).into())
    }

    pub(super) fn found(&self, facts: Facts<'_>) -> Found {
        let Some(response) = facts.response else {
            return Found::absent();
        };
        if facts.attempt.body_cut {
            let read = response.body.bytes().len();
            return Found {
                actual: format!("(the body goes on beyond the {read} bytes that were read)"),
                passed: false,
            };
        }
        let digest = Sha256Digest::of(response.body.bytes());
        Found {
            actual: digest.to_string(),
            passed: digest == *self,
        }
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}
