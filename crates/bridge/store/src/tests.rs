//! Tests of the store as a whole. They live inside the crate because they need its simulated
//! files, and because one test binary with DataFusion in it is enough.

mod backup;
mod catalog;
mod concurrency;
mod crashes;
mod damage;
mod export;
mod faults;
mod flips;
mod flushing;
mod folder;
mod format;
mod log;
mod model;
mod restore;
mod retention;
mod row_groups;
mod scanning;
mod support;
mod versions;
