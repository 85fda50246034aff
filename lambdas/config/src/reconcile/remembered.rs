//! What rules remember of entries: their inputs name them.

use serde_json::Value as Json;
use tidewatch_domain::plan::Rule;
use tidewatch_domain::{Kind, MonitorId, MonitorKey, Tenant};

/// An entry that a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    pub(super) key: MonitorKey,
    pub(super) kind: Kind,
    pub(super) bucket: u32,
}

/// The entries that the inputs of `rules` name. Those of buckets name none.
pub(super) fn entries<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Vec<Remembered> {
    let targets = rules.into_iter().flat_map(|rule| &rule.targets);
    targets.filter_map(|target| entry(&target.input)).collect()
}

fn entry(template: &str) -> Option<Remembered> {
    let input: Json = serde_json::from_str(&template.replacen("<slot>", "null", 1)).ok()?;
    let named = input.get("monitor").or_else(|| input.get("key"))?;
    let text = |name: &str| named.get(name)?.as_str();
    let kind = text("kind").and_then(|name| {
        let mut kinds = Kind::ALL.iter();
        kinds.find(|kind| kind.name() == name).copied()
    });
    Some(Remembered {
        key: MonitorKey {
            tenant: Tenant::try_new(text("tenant")?).ok()?,
            monitor_id: MonitorId::try_new(text("monitor_id")?).ok()?,
        },
        // An input that only names the entry belongs to one whose request is long: HTTP.
        kind: kind.unwrap_or(Kind::Http),
        bucket: u32::try_from(input.get("bucket")?.as_u64()?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_name_their_entries() {
        let whole = r#"{"v":1,"slot":<slot>,"bucket":7,"monitor":{"tenant":"demo","monitor_id":"a","kind":"dns"}}"#;
        let found = entry(whole).unwrap();
        assert_eq!(found.key.to_string(), "demo/a");
        assert_eq!((found.kind, found.bucket), (Kind::Dns, 7));
        let named = r#"{"v":1,"slot":<slot>,"bucket":7,"key":{"tenant":"demo","monitor_id":"b"}}"#;
        assert_eq!(entry(named).unwrap().kind, Kind::Http);
        assert_eq!(entry(r#"{"v":1,"slot":<slot>,"bucket":"60#7"}"#), None);
        assert_eq!(entry("not ours"), None);
    }
}
