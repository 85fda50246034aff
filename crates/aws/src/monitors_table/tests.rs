use super::*;
use serde_json::json;
use tidewatch_definitions::Mode;

fn stored(item: Json) -> StoredEntry {
    StoredEntry::of_item(&item, "monitors").unwrap()
}

fn item(monitor_id: &str) -> Json {
    json!({
        "tenant": {"S": "demo"},
        "monitor_id": {"S": monitor_id},
        "target": {"S": "https://shop.example/"},
        "bucket": {"N": "7"},
        "status": {"S": "ok"},
    })
}

#[test]
fn attribute_values_survive_the_way_to_the_sdk_and_back() {
    let mut item = item("shop");
    item["labels"] = json!({"M": {"group": {"S": "web"}, "n": {"NULL": true}}});
    item["is"] = json!({"L": [{"N": "1.50"}, {"BOOL": false}]});
    item["sets"] = json!({"L": [{"SS": ["a"]}, {"NS": ["1"]}, {"B": "AAE="}, {"BS": ["AAE="]}]});
    assert_eq!(to_json(&from_json(&item)), {
        let mut sorted: Vec<_> = item.as_object().unwrap().clone().into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        Json::Object(sorted.into_iter().collect())
    });
}

#[test]
fn an_item_keeps_what_was_noted_apart_from_the_entry() {
    let stored = stored(item("shop"));
    assert_eq!(stored.key.to_string(), "demo/shop");
    assert_eq!(stored.annotations.bucket, Some(7));
    assert_eq!(stored.annotations.status.as_deref(), Some("ok"));
    assert_eq!(stored.annotations.schedule_bucket, None);
    assert!(stored.entry.to_item().get("bucket").is_none());
    assert!(StoredEntry::of_item(&json!({"tenant": {"S": "demo"}}), "monitors").is_none());
}

#[test]
fn faults_find_their_entry_and_leave_the_others_alone() {
    let long_id = "x".repeat(100);
    let mut bad = item(&long_id);
    bad["interval"] = json!({"N": "1"});
    bad["labels"] = json!({"S": "web"});
    let odd = json!({"tenant": {"S": "no tenant"}, "monitor_id": {"S": "a"}});
    let all = [stored(item("fine")), stored(bad), stored(odd)];
    let checked = check(&all, |_| Mode::Aws);
    assert_eq!(checked.monitors.len(), 1);
    let of_bad = &checked.faults[&all[1].key];
    assert_eq!(of_bad.len(), 2);
    let status = Annotations::status_of(of_bad);
    assert!(
        status
            .starts_with("invalid: interval: is shorter than 10s in AWS (1); use 10s or longer | "),
        "{status}"
    );
    assert!(!checked.faults[&all[2].key].is_empty());
    assert!(all[2].key.monitor_key().is_none());
}

#[test]
fn a_status_is_never_too_long_for_a_reader() {
    let status = Annotations::invalid_status(&"é".repeat(5_000));
    assert_eq!(status.chars().count(), 1_000);
}
