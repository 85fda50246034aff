//! Definitions of monitors: from the text of a file to monitors, and back.
//!
//! The first byte of an input says how the rest is written, and for which mode it is read.

use libfuzzer_sys::Corpus;
use tidewatch_definitions::{Format, Mode, encode, read};

use super::Target;
use crate::repository;

const YAML: u8 = b'y';
const JSON: u8 = b'j';
const YAML_IN_AWS: u8 = b'Y';
const JSON_IN_AWS: u8 = b'J';

/// What stands for a credential in clear text, which is not shown again.
const HIDDEN: &str = "(hidden)";

pub(crate) struct Definitions;

impl Target for Definitions {
    fn run(&self, input: &[u8]) -> Corpus {
        let Some((kind, text)) = input.split_first() else {
            return Corpus::Reject;
        };
        let Ok(text) = std::str::from_utf8(text) else {
            return Corpus::Reject;
        };
        let (format, mode) = match *kind {
            YAML => (Format::Yaml, Mode::Local),
            JSON => (Format::Json, Mode::Local),
            YAML_IN_AWS => (Format::Yaml, Mode::Aws),
            JSON_IN_AWS => (Format::Json, Mode::Aws),
            _ => return Corpus::Reject,
        };
        for monitor in read(text, "monitors", format, mode).monitors {
            // A parent is in another entry, so that the monitor alone would be refused.
            let encoded = encode(&monitor);
            let alone = serde_json::json!([encoded]).to_string();
            if alone.contains(HIDDEN) || !encoded["parent"].is_null() {
                continue;
            }
            let again = read(&alone, "again", Format::Json, mode);
            assert_eq!(again.monitors, [monitor], "{alone}\n{:#?}", again.faults);
        }
        Corpus::Keep
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let of = |kind: u8, text: &str| [&[kind], text.as_bytes()].concat();
        let mut seeds = vec![of(JSON, &repository::text("dynamo_entries.json"))];
        for block in repository::text("docs/monitors.md")
            .split("```")
            .skip(1)
            .step_by(2)
        {
            if let Some((language, text)) = block.split_once('\n') {
                match language {
                    "yaml" => seeds.extend([of(YAML, text), of(YAML_IN_AWS, text)]),
                    "json" => seeds.extend([of(JSON, text), of(JSON_IN_AWS, text)]),
                    _ => {}
                }
            }
        }
        for file in repository::files("crates/definitions/tests/invalid", &[".yaml", ".json"]) {
            let kind = if file.ends_with(".json") { JSON } else { YAML };
            seeds.push(of(kind, &repository::text(&file)));
        }
        seeds
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let text = repository::text("docs/monitors.md");
        let mut words: Vec<Vec<u8>> = text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| (2..40).contains(&word.len()))
            .map(|word| word.as_bytes().to_vec())
            .collect();
        words.sort();
        words.dedup();
        words
    }
}
