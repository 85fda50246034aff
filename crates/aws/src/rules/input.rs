//! The inputs of targets: what the monitor function is called with.
//!
//! They are templates of an input transformer. `<slot>` stands for the instant of the tick, and
//! EventBridge puts a text there with its quotes; the rest is constant JSON:
//!
//! ```text
//! {"v":1,"kind":"monitor","slot":<slot>,"interval":60,"bucket":7,"monitor":{...entry...}}
//! {"v":1,"kind":"monitor","slot":<slot>,"interval":60,"bucket":7,"key":{"tenant":"demo","monitor_id":"shop"}}
//! {"v":1,"kind":"bucket","slot":<slot>,"interval":60,"bucket":"60#7"}
//! ```
//!
//! The second form is for entries that a template cannot hold: too long, with an angle bracket,
//! which templates cannot escape, or with a credential in clear text, which is not to be shown to
//! whoever may read rules. The function then reads the entry from the table.

use serde_json::{Map, Value, json};
use tidewatch_definitions::encode;
use tidewatch_domain::Monitor;
use tidewatch_domain::plan::{Inputs, limits};

/// The version of inputs.
const VERSION: u32 = 1;
/// What the encoder writes in place of a credential in clear text.
const HIDDEN: &str = "\"(hidden)\"";

/// Writes the inputs of the monitor function.
#[derive(Clone, Copy, Debug, Default)]
pub struct TargetInputs;

impl Inputs for TargetInputs {
    fn monitor(&self, monitor: &Monitor, bucket: u32) -> String {
        let interval = monitor.interval.as_secs();
        let with = |name: &str, value: Value| {
            let bucket = json!(bucket);
            template("monitor", interval, [("bucket", bucket), (name, value)])
        };
        let entry = encode(monitor);
        let text = entry.to_string();
        if !text.contains(['<', '>']) && !text.contains(HIDDEN) {
            let whole = with("monitor", entry);
            if whole.chars().count() <= limits::INPUT {
                return whole;
            }
        }
        let key = &monitor.key;
        with(
            "key",
            json!({"tenant": key.tenant.as_str(), "monitor_id": key.monitor_id.as_str()}),
        )
    }

    fn bucket(&self, schedule_bucket: &str, interval_s: u64) -> String {
        template("bucket", interval_s, [("bucket", json!(schedule_bucket))])
    }
}

fn template<'n>(
    kind: &str,
    interval: u64,
    fields: impl IntoIterator<Item = (&'n str, Value)>,
) -> String {
    let constant: Map<String, Value> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let constant = Value::Object(constant).to_string();
    // Everything but the slot is JSON; without quotes around it, EventBridge writes them.
    format!(
        r#"{{"v":{VERSION},"kind":"{kind}","slot":<slot>,"interval":{interval},{}"#,
        constant.trim_start_matches('{')
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewatch_definitions::{Format, Mode, read};

    fn monitor(more: &str) -> Monitor {
        let text = format!(
            r#"[{{"tenant":"demo","monitor_id":"shop","target":"https://shop.example/"{more}}}]"#
        );
        let read = read(&text, "test", Format::Json, Mode::Aws);
        assert_eq!(read.faults, []);
        read.monitors.into_iter().next().unwrap()
    }

    /// What EventBridge makes of a template.
    fn filled(template: &str) -> Value {
        assert!(template.chars().count() <= limits::INPUT);
        assert_eq!(template.matches(['<', '>']).count(), 2, "{template}");
        serde_json::from_str(&template.replace("<slot>", "\"2026-11-22T13:00:00Z\"")).unwrap()
    }

    #[test]
    fn the_whole_entry_goes_along() {
        let monitor = monitor(r#","assertions":[{"on":"body","matches":"\"a\\s\""}]"#);
        let input = filled(&TargetInputs.monitor(&monitor, 7));
        assert_eq!(
            input,
            json!({
                "v": 1, "kind": "monitor", "slot": "2026-11-22T13:00:00Z",
                "interval": 60, "bucket": 7, "monitor": encode(&monitor),
            })
        );
    }

    #[test]
    fn what_no_template_holds_is_named_by_its_key() {
        let long = format!(
            r#","request":{{"method":"POST","body":"{}"}}"#,
            "x".repeat(9_000)
        );
        for more in [
            long.as_str(),
            r#","assertions":[{"on":"body","contains":"<title>"}]"#,
            r#","request":{"headers":{"x-api-key":"k"}}"#,
        ] {
            let input = filled(&TargetInputs.monitor(&monitor(more), 7));
            assert_eq!(
                input,
                json!({
                    "v": 1, "kind": "monitor", "slot": "2026-11-22T13:00:00Z",
                    "interval": 60, "bucket": 7,
                    "key": {"tenant": "demo", "monitor_id": "shop"},
                }),
                "{more}"
            );
        }
    }

    #[test]
    fn a_bucket_is_named() {
        assert_eq!(
            filled(&TargetInputs.bucket("60#7", 60)),
            json!({
                "v": 1, "kind": "bucket", "slot": "2026-11-22T13:00:00Z",
                "interval": 60, "bucket": "60#7",
            })
        );
    }
}
