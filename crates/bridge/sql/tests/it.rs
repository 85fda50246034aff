//! Tests of the crate's public surface, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod it {
    mod errors;
    mod fixture;
    mod functions;
    mod metadata;
    mod parameters;
    mod plugin;
    mod pruning;
    mod resources;
    mod results;
}
