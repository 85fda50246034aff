//! The engine against real servers on loopback, good and bad ones.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should end where it fails"
)]

mod assertions;
mod auth;
mod certificates;
mod compression;
mod connections;
mod dns_checks;
mod http_assertions;
mod http_versions;
mod limits;
mod names;
mod phases;
mod policy;
mod proxies;
mod redaction;
mod redirects;
mod requests;
mod resolvers;
mod retries;
mod sockets;
mod support;
mod taxonomy;
mod tcp;
mod tls;
