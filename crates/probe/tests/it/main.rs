//! The engine against real servers on loopback, good and bad ones.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should end where it fails"
)]

mod assertions;
mod certificates;
mod connections;
mod dns_checks;
mod names;
mod phases;
mod policy;
mod redaction;
mod redirects;
mod requests;
mod resolvers;
mod support;
mod taxonomy;
