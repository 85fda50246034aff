//! From results and rows to messages that the queue takes.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use tidewatch_domain::MonitorKey;

use super::{Results, Row, VERSION, result, row};

/// How long a message is at most, in bytes, unless a single item is longer.
pub const MESSAGE_LIMIT: usize = 256 * 1024;
/// The longest message that SQS takes, in bytes.
pub const SINGLE_LIMIT: usize = 1024 * 1024;

/// Messages, ready to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// The texts.
    pub messages: Vec<String>,
    /// What fits into no message at all.
    pub too_large: Vec<TooLarge>,
}

/// An item that is longer than a message can be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{item} takes {bytes} bytes, and a message holds {SINGLE_LIMIT}; shorten the definition's \
     bodies, certificates and assertions"
)]
pub struct TooLarge {
    /// What it is: `the result of demo/shop with its definition`.
    pub item: String,
    /// Its place in what was to be packed.
    pub index: usize,
    /// How long it is.
    pub bytes: usize,
}

/// Packs results, in their order, each message with the definitions that its results need; then
/// the rows that travel along. The index of what is too large is its place among results and rows
/// together.
pub fn pack_results(results: &Results) -> Packed {
    let definitions: HashMap<&MonitorKey, String> = results
        .monitors
        .iter()
        .map(|monitor| {
            let text = tidewatch_definitions::encode(monitor).to_string();
            (&monitor.key, storable(text))
        })
        .collect();
    let head = json!({
        "v": VERSION,
        "kind": "results",
        "location": results.location.as_str(),
        "bucket": results.bucket,
    });
    let mut packer = Packer::new(&head, &["monitors", "results", "rows"]);
    let mut here: HashSet<&MonitorKey> = HashSet::new();
    for (index, result) in results.results.iter().enumerate() {
        let text = written(result::write(result));
        let definition = definitions.get(&result.key).map_or("", String::as_str);
        let definition_length = |here: &HashSet<&MonitorKey>| {
            if here.contains(&result.key) {
                0
            } else {
                definition.len() + 1
            }
        };
        if !packer.has_room(text.len() + 1 + definition_length(&here)) {
            packer.flush();
            here.clear();
        }
        let bytes = packer.length + text.len() + 1 + definition_length(&here);
        if bytes > SINGLE_LIMIT {
            packer.packed.too_large.push(TooLarge {
                item: format!("the result of {} with its definition", result.key),
                index,
                bytes,
            });
            continue;
        }
        if here.insert(&result.key) && !definition.is_empty() {
            packer.push(0, definition);
        }
        packer.push(1, &text);
    }
    packer.push_rows(2, &results.rows, results.results.len());
    packer.finish()
}

/// Packs rows, in their order.
pub fn pack_rows(rows: &[Row]) -> Packed {
    let mut packer = Packer::new(&json!({ "v": VERSION, "kind": "rows" }), &["rows"]);
    packer.push_rows(0, rows, 0);
    packer.finish()
}

fn written(text: Result<String, serde_json::Error>) -> String {
    storable(text.expect("texts, numbers and lists of them can be written as JSON"))
}

/// SQS refuses a message with one of the two characters that XML has no place for.
fn storable(text: String) -> String {
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        text.replace('\u{fffe}', "\\ufffe")
            .replace('\u{ffff}', "\\uffff")
    } else {
        text
    }
}

/// Puts items into messages of a head and lists, one message after another.
struct Packer {
    head: String,
    names: &'static [&'static str],
    empty: usize,
    lists: Vec<String>,
    length: usize,
    packed: Packed,
}

impl Packer {
    fn new(head: &Value, names: &'static [&'static str]) -> Self {
        let head = head.to_string();
        let head = head.trim_end_matches('}').to_owned();
        // `,"name":[]` for each list, and the brace at the end.
        let around: usize = names.iter().map(|name| name.len() + 6).sum();
        let empty = head.len() + around + 1;
        Packer {
            head,
            names,
            empty,
            lists: vec![String::new(); names.len()],
            length: empty,
            packed: Packed::default(),
        }
    }

    fn is_empty(&self) -> bool {
        self.length == self.empty
    }

    /// Whether `bytes` more fit; into an empty message they always do.
    fn has_room(&self, bytes: usize) -> bool {
        self.is_empty() || self.length + bytes <= MESSAGE_LIMIT
    }

    fn push(&mut self, list: usize, item: &str) {
        let list = &mut self.lists[list];
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(item);
        self.length += item.len() + 1;
    }

    /// Adds rows to a list. `before` counts what was packed before them.
    fn push_rows(&mut self, list: usize, rows: &[Row], before: usize) {
        for (index, row) in rows.iter().enumerate() {
            let text = written(row::write(row));
            if !self.has_room(text.len() + 1) {
                self.flush();
            }
            let bytes = self.length + text.len() + 1;
            if bytes > SINGLE_LIMIT {
                self.packed.too_large.push(TooLarge {
                    item: format!("a `{}` row of {}", row.record.measure_name, row.tenant),
                    index: before + index,
                    bytes,
                });
                continue;
            }
            self.push(list, &text);
        }
    }

    fn flush(&mut self) {
        if self.is_empty() {
            return;
        }
        let mut message = String::with_capacity(self.length);
        message.push_str(&self.head);
        for (name, list) in self.names.iter().zip(&mut self.lists) {
            message.push_str(",\"");
            message.push_str(name);
            message.push_str("\":[");
            message.push_str(list);
            message.push(']');
            list.clear();
        }
        message.push('}');
        self.packed.messages.push(message);
        self.length = self.empty;
    }

    fn finish(mut self) -> Packed {
        self.flush();
        self.packed
    }
}
