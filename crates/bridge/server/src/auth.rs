//! Who calls, and what they may do.
//!
//! Without keys whoever reaches the server may do everything; it then listens on loopback only,
//! and a request must name the machine in its `Host` header. With keys every request is signed by
//! one of them, and the key says what it may do with which databases and tables.

mod basic;
mod caller;
mod host;
mod key;
mod keys;
mod scope;
mod signature;
mod target;

pub use keys::{Keys, KeysError};

pub(crate) use caller::Caller;
pub(crate) use host::of as host_of;
pub(crate) use target::{Guarded, Target};

use std::sync::Arc;

use http::request::Parts;
use tidewatch_wire::{ApiError, ErrorCode};

use crate::Bridge;
use key::Key;
use signature::Claim;

/// What is known of a caller before the body of the request is there.
#[derive(Debug)]
pub(crate) enum Visitor {
    /// Whoever reaches the server is its owner.
    Owner,
    /// Somebody who claims to have a key.
    Claiming(Claim, Arc<Key>),
}

impl Bridge {
    /// Looks at the head of a request, so that nothing is read from those who have no key.
    pub(crate) fn receive(&self, parts: &Parts) -> Result<Visitor, ApiError> {
        let Some(keys) = self.keys() else {
            host::check(parts, self.settings())?;
            return Ok(Visitor::Owner);
        };
        let claim = Claim::read(parts, self.shared.clock.now())?;
        match keys.get(claim.access_key_id()) {
            Some(key) => Ok(Visitor::Claiming(claim, key)),
            None => Err(ApiError::new(
                ErrorCode::UnrecognizedClient,
                "The security token included in the request is invalid. This server has no such access key.",
            )),
        }
    }

    /// The one who asks for measurements of the server itself: as in any call, or by name and
    /// secret of a key (HTTP Basic), because Prometheus does not sign what it scrapes.
    pub(crate) fn receive_scrape(&self, parts: &Parts) -> Result<Caller, ApiError> {
        if let Some(keys) = self.keys()
            && let Some(key) = basic::key(parts, &keys, self.settings())?
        {
            return Ok(Caller::Key(key));
        }
        self.receive(parts)?.identify(parts, b"")
    }
}

impl Visitor {
    /// Checks the signature against the whole request.
    pub(crate) fn identify(self, parts: &Parts, body: &[u8]) -> Result<Caller, ApiError> {
        match self {
            Visitor::Owner => Ok(Caller::Owner),
            Visitor::Claiming(claim, key) => {
                claim.verify(&key, parts, body)?;
                Ok(Caller::Key(key))
            }
        }
    }
}

#[cfg(test)]
mod tests;
