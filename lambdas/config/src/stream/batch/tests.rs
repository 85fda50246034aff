use super::*;
use serde_json::json;

fn image(more: Json) -> Json {
    let mut image = json!({
        "tenant": {"S": "demo"},
        "monitor_id": {"S": "shop"},
        "target": {"S": "dns:shop.example"},
    });
    for (name, value) in more.as_object().unwrap() {
        image[name] = value.clone();
    }
    image
}

fn record(name: &str, sequence: &str, monitor_id: &str, old: Json, new: Json) -> Json {
    let mut change = json!({
        "ApproximateCreationDateTime": 1_795_330_800.0,
        "Keys": {"tenant": {"S": "demo"}, "monitor_id": {"S": monitor_id}},
        "SequenceNumber": sequence,
        "SizeBytes": 100,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    if !old.is_null() {
        change["OldImage"] = old;
    }
    if !new.is_null() {
        change["NewImage"] = new;
    }
    json!({
        "awsRegion": "eu-west-1",
        "eventID": sequence,
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": change,
    })
}

fn batch(records: Vec<Json>) -> Batch {
    Batch::of(serde_json::from_value(json!({ "Records": records })).unwrap())
}

fn key(monitor_id: &str) -> ItemKey {
    ItemKey {
        tenant: "demo".to_owned(),
        monitor_id: monitor_id.to_owned(),
    }
}

#[test]
fn what_the_function_noted_itself_says_nothing() {
    let noted = image(json!({"status": {"S": "ok"}, "bucket": {"N": "7"}}));
    let edited = image(json!({"interval": {"N": "300"}, "bucket": {"N": "7"}}));
    let batch = batch(vec![
        record("MODIFY", "1", "shop", image(json!({})), noted.clone()),
        record("MODIFY", "2", "shop", noted, edited),
    ]);
    assert_eq!(batch.keys(), BTreeSet::from([key("shop")]));
    assert_eq!(batch.first_of([&key("shop")]), Some("2"));
}

#[test]
fn a_failure_names_the_first_record_of_its_entry() {
    let batch = batch(vec![
        record("INSERT", "10", "a", Json::Null, image(json!({}))),
        record("INSERT", "11", "b", Json::Null, image(json!({}))),
        record(
            "MODIFY",
            "12",
            "b",
            image(json!({})),
            image(json!({"name": {"S": "B"}})),
        ),
    ]);
    assert_eq!(batch.first_of([&key("b")]), Some("11"));
    assert_eq!(batch.first_of([&key("b"), &key("a")]), Some("10"));
    assert_eq!(batch.first_of([]), None);
    // One that no record names was reached from those that are named.
    assert_eq!(batch.first_of([&key("child-of-b")]), Some("10"));
}

#[test]
fn a_changed_parent_moves_the_family() {
    let under = |parent: &str| image(json!({"parent": {"S": parent}}));
    let moved = |old: Json, new: Json| {
        let batch = batch(vec![record("MODIFY", "1", "shop", old, new)]);
        !batch.moved().is_empty()
    };
    assert!(moved(under("a"), under("b")));
    assert!(moved(Json::Null, under("a")));
    assert!(moved(under("a"), Json::Null));
    // A stream without images tells nothing: anything may have changed.
    assert!(moved(Json::Null, Json::Null));
    assert!(!moved(Json::Null, image(json!({}))));
    assert!(!moved(
        under("a"),
        image(json!({"parent": {"S": "a"}, "name": {"S": "n"}}))
    ));
}

#[test]
fn what_is_gone_keeps_its_kind_and_parent() {
    let old = image(json!({"parent": {"S": "gateway"}}));
    let batch = batch(vec![record("REMOVE", "1", "shop", old, Json::Null)]);
    assert_eq!(batch.former_kind(&key("shop")), Kind::Dns);
    assert_eq!(batch.former_kind(&key("other")), Kind::Http);
    assert_eq!(batch.former_parents()[&key("shop")], "gateway");
}

#[test]
fn a_record_without_a_key_is_counted() {
    let mut odd = record("INSERT", "1", "shop", Json::Null, Json::Null);
    odd["dynamodb"]["Keys"] = json!({"id": {"N": "1"}});
    let batch = batch(vec![odd]);
    assert_eq!(batch.unreadable, 1);
    assert!(batch.keys().is_empty());
}
