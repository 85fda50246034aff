//! What differs, for people and for programs.

use serde::Serialize;
use serde_json::Value as Json;
use tidewatch_aws::monitors_table::{Difference, Pushed};

use crate::terminal::{Look, Tone, clean};

/// A difference, and what was done about it.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    added: Vec<String>,
    changed: Vec<Changed>,
    removed: Vec<String>,
    unchanged: usize,
    written: Option<usize>,
    deleted: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Changed {
    monitor: String,
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    field: String,
    before: Json,
    after: Json,
}

impl Told {
    /// `pushed` is `None` where nothing was to be written.
    pub(super) fn of(difference: &Difference, pushed: Option<Pushed>) -> Self {
        let changed = difference.changed.iter().map(|(push, fields)| Changed {
            monitor: push.key.to_string(),
            fields: fields
                .iter()
                .map(|change| Field {
                    field: change.field.clone(),
                    before: change.before.clone(),
                    after: change.after.clone(),
                })
                .collect(),
        });
        Told {
            added: difference
                .added
                .iter()
                .map(|push| push.key.to_string())
                .collect(),
            changed: changed.collect(),
            removed: difference.removed.iter().map(ToString::to_string).collect(),
            unchanged: difference.unchanged,
            written: pushed.map(|pushed| pushed.written),
            deleted: pushed.map(|pushed| pushed.deleted),
        }
    }

    /// As JSON or as lines.
    pub(super) fn text(&self, json: bool, look: Look) -> String {
        if json {
            let text = serde_json::to_string_pretty(self);
            return text.expect("a structure of texts and numbers always has a JSON form") + "\n";
        }
        let mut text = String::new();
        let line =
            |sign: &str, tone, key: &str| format!("{} {}\n", look.paint(tone, sign), clean(key));
        for key in &self.added {
            text.push_str(&line("+", Tone::Good, key));
        }
        for changed in &self.changed {
            text.push_str(&line("~", Tone::Warn, &changed.monitor));
            for field in &changed.fields {
                let (before, after) = (field.before.to_string(), field.after.to_string());
                let told = format!("{}: {before} → {after}", field.field);
                text.push_str(&format!("    {}\n", clean(&told)));
            }
        }
        for key in &self.removed {
            text.push_str(&line("-", Tone::Bad, key));
        }
        text.push_str(&format!(
            "{} added, {} changed, {} only in the table, {} the same\n",
            self.added.len(),
            self.changed.len(),
            self.removed.len(),
            self.unchanged
        ));
        if let (Some(written), Some(deleted)) = (self.written, self.deleted) {
            text.push_str(&format!("{written} written, {deleted} deleted\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told() -> Told {
        Told {
            added: vec!["demo/new".to_owned()],
            changed: vec![Changed {
                monitor: "demo/edited".to_owned(),
                fields: vec![Field {
                    field: "interval".to_owned(),
                    before: json!("1m"),
                    after: json!("2m"),
                }],
            }],
            removed: vec!["demo/\u{1b}[2Jold".to_owned()],
            unchanged: 3,
            written: Some(2),
            deleted: Some(0),
        }
    }

    #[test]
    fn a_difference_for_people() {
        let text = told().text(false, Look::plain(80));
        assert_eq!(
            text,
            "+ demo/new\n\
             ~ demo/edited\n    interval: \"1m\" → \"2m\"\n\
             - demo/\\u{1b}[2Jold\n\
             1 added, 1 changed, 1 only in the table, 3 the same\n\
             2 written, 0 deleted\n"
        );
    }

    #[test]
    fn a_difference_for_programs() {
        let document: Json = serde_json::from_str(&told().text(true, Look::plain(80))).unwrap();
        assert_eq!(document["changed"][0]["fields"][0]["after"], "2m");
        assert_eq!(document["written"], 2);
    }
}
