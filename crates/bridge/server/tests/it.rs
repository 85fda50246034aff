//! The bridge over a real socket: requests in, whole answers out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod it {
    mod account;
    mod auth;
    mod backup;
    mod corpus;
    mod databases;
    mod endpoints;
    mod hostile;
    mod metrics;
    mod paging;
    mod protocol;
    mod query;
    mod sdk;
    mod server;
    mod signed;
    mod tables;
    mod tags;
    mod tls;
    mod write;
}
