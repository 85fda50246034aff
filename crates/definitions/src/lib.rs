//! The outside shapes of monitor entries, and the one validator behind them.
//!
//! Whatever a definition is written as (the file that `aws dynamodb batch-write-item` takes, a
//! DynamoDB item, YAML, JSON), it first becomes a [`Tree`]; one decoder turns trees into
//! [`tidewatch_domain::Monitor`]s and reports everything that is wrong with an entry at once, each
//! as a [`Fault`] with place and remedy. An entry with faults is left out, the others load.
//!
//! This crate opens no files and reads no clock: callers bring the text. The format is described
//! for its users in `docs/monitors.md`.

mod address;
mod cron;
mod decode;
mod dynamo_json;
mod encode;
mod fault;
mod fields;
mod item;
mod json;
mod load;
mod node;
mod plain;
mod quantity;
mod relations;
mod report;
mod single;
mod suggest;
mod tree;
mod yaml;

pub use encode::encode;
pub use fault::Fault;
pub use item::{ANNOTATIONS, request_file};
pub use load::{Definitions, Entries, Entry, Format, Mode, Source, check, entries, read, read_all};
pub use single::{read_document, read_duration, read_value};
pub use tree::{Position, Tree, Value};
