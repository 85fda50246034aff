use tidewatch_aws::environment::{Store, Tenants};
use tidewatch_aws::message::{Message, Results, decode};
use tidewatch_definitions::{Fault, encode};
use tidewatch_domain::schema::{measure, measure_name};
use tidewatch_domain::{Location, Monitor, Value as Measure};
use tidewatch_testkit::a_monitor;

use super::*;
use crate::fakes::{Entries, Post, Probing, RunningClock, here};
use crate::outlet::QueueOutlet;

/// A function, and the queues that it sends to.
struct Stage {
    function: Function,
    results: Arc<Post>,
    slots: Arc<Post>,
}

impl Stage {
    fn new(definitions: Entries) -> Self {
        let clock = Arc::new(RunningClock::default());
        let (results, slots) = (Arc::new(Post::default()), Arc::new(Post::default()));
        let store = Store {
            database: "db".to_owned(),
            table: "table".to_owned(),
        };
        let function = Function {
            place: Place {
                location: here(),
                tenants: Tenants::new(store),
            },
            definitions: Arc::new(definitions),
            round: Round {
                probes: Arc::new(Probing::taking(Duration::from_millis(200))),
                clock: clock.clone(),
                location: here(),
            },
            outlet: Arc::new(QueueOutlet::new(results.clone(), here())),
            slots: Some(slots.clone()),
            clock,
            metrics: Metrics::default(),
            tally: Tally::default(),
        };
        Stage {
            function,
            results,
            slots,
        }
    }

    /// Lets the function answer within a minute.
    async fn call(&self, payload: Value) -> Result<Value, HandlerError> {
        let deadline = self.function.clock.now().plus(Duration::from_secs(60));
        self.function.handle(payload, deadline).await
    }

    /// The results that were sent, and the rows that came along.
    fn sent(&self) -> Vec<Results> {
        let taken = self.results.taken.lock();
        let decoded = taken.iter().map(|message| decode(&message.body).unwrap());
        let results = decoded.filter_map(|decoded| match decoded.message {
            Message::Results(results) => Some(results),
            Message::Rows(_) => None,
        });
        results.collect()
    }
}

fn shop(name: &str) -> Monitor {
    a_monitor("https://shop.example/").named(name).build()
}

fn entries(monitors: Vec<Monitor>) -> Entries {
    Entries {
        monitors: monitors
            .into_iter()
            .map(|monitor| (Arc::new(monitor), None))
            .collect(),
        ..Entries::default()
    }
}

const SLOT: &str = "2026-11-22T13:00:00Z";

fn for_bucket() -> Value {
    json!({"v": 1, "kind": "bucket", "slot": SLOT, "interval": 60, "bucket": "60#7"})
}

fn for_entry(entry: Value) -> Value {
    json!({"v": 1, "kind": "monitor", "slot": SLOT, "interval": 60, "bucket": 7, "monitor": entry})
}

fn records(bodies: &[String]) -> Value {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| json!({"messageId": index.to_string(), "body": body}))
        .collect();
    json!({"Records": records})
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_probed_and_handed_on_with_its_definition() {
    let stage = Stage::new(Entries::default());
    let monitor = shop("shop");
    let answer = stage.call(for_entry(encode(&monitor))).await.unwrap();
    assert_eq!(answer, json!({"probes": 1, "missed": 0, "messages": 1}));
    let [sent] = <[_; 1]>::try_from(stage.sent()).unwrap();
    assert_eq!(sent.bucket, 7);
    assert_eq!(*sent.monitors[0], monitor);
    assert_eq!(sent.results[0].slot, SLOT.parse().unwrap());
    // The first invocation of an environment has a row about the function itself.
    let [row] = <[_; 1]>::try_from(sent.rows).unwrap();
    assert_eq!(row.record.measure_name, measure_name::OPS);
    assert_eq!(
        row.record.measure(measure::PROBES),
        Some(&Measure::Bigint(1))
    );
    assert_eq!(stage.function.metrics.value(Metric::Probes), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn a_bucket_is_probed_but_for_those_that_are_not_due_here() {
    let paused = Monitor {
        enabled: false,
        ..shop("paused")
    };
    let elsewhere = Monitor {
        locations: vec![Location::try_new("us-east-1").unwrap()],
        ..shop("elsewhere")
    };
    let mut definitions = entries(vec![shop("a"), paused, elsewhere, shop("b")]);
    definitions.monitors[3].1 = Some(2);
    definitions.faults = vec![Fault {
        file: "monitors".to_owned(),
        line: None,
        column: None,
        entry: Some("demo/c".to_owned()),
        field: Some("interval".to_owned()),
        value: None,
        problem: "is a text".to_owned(),
        remedy: "write a number".to_owned(),
    }];
    let stage = Stage::new(definitions);
    let answer = stage.call(for_bucket()).await.unwrap();
    assert_eq!(answer, json!({"probes": 2, "missed": 0, "messages": 2}));
    let mut buckets: Vec<_> = stage
        .sent()
        .into_iter()
        .map(|sent| (sent.bucket, sent.results[0].key.to_string()))
        .collect();
    buckets.sort();
    assert_eq!(
        buckets,
        [(2, "test/b".to_owned()), (7, "test/a".to_owned())]
    );
    assert_eq!(stage.function.metrics.value(Metric::Refused), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_looked_up_and_one_that_is_gone_is_nothing_to_do() {
    let stage = Stage::new(entries(vec![shop("a"), shop("b")]));
    let call = |name: &str| {
        json!({
            "v": 1, "kind": "monitor", "slot": SLOT, "interval": 60, "bucket": 7,
            "key": {"tenant": "test", "monitor_id": name},
        })
    };
    let answer = stage.call(call("b")).await.unwrap();
    assert_eq!(answer, json!({"probes": 1, "missed": 0, "messages": 1}));
    assert_eq!(stage.sent()[0].results[0].key.to_string(), "test/b");
    let answer = stage.call(call("gone")).await.unwrap();
    assert_eq!(answer, json!({"probes": 0, "missed": 0, "messages": 0}));
}

#[tokio::test(start_paused = true)]
async fn a_slot_that_comes_too_late_is_a_row_that_says_so() {
    let stage = Stage::new(entries(vec![shop("a")]));
    tokio::time::advance(Duration::from_secs(61)).await;
    let answer = stage.call(for_bucket()).await.unwrap();
    assert_eq!(answer, json!({"probes": 0, "missed": 1, "messages": 1}));
    let body = stage.results.taken.lock()[0].body.clone();
    let Message::Rows(rows) = decode(&body).unwrap().message else {
        panic!("{body}");
    };
    let outcome = rows[0].record.measure(measure::OUTCOME);
    assert_eq!(outcome, Some(&Measure::Varchar("missed".to_owned())));
    assert_eq!(rows[0].record.time, SLOT.parse().unwrap());
}

#[tokio::test(start_paused = true)]
async fn below_a_minute_the_other_slots_come_back_through_a_queue() {
    let fast = a_monitor("https://shop.example/")
        .interval(Duration::from_secs(15))
        .build();
    let stage = Stage::new(Entries::default());
    tokio::time::advance(Duration::from_millis(1_300)).await;
    let answer = stage.call(for_entry(encode(&fast))).await.unwrap();
    assert_eq!(answer["probes"], 1);
    let sent = stage.slots.taken.lock().clone();
    let delays: Vec<u64> = sent.iter().map(|message| message.delay.as_secs()).collect();
    assert_eq!(delays, [13, 28, 43]);

    // They come back in messages, and are not expanded again.
    tokio::time::advance(Duration::from_secs(13)).await;
    let answer = stage.call(records(&[sent[0].body.clone()])).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(stage.slots.taken.lock().len(), 3);
    let slot = stage.sent()[1].results[0].slot;
    assert_eq!(slot.to_string(), "2026-11-22T13:00:15.000Z");
}

#[tokio::test(start_paused = true)]
async fn slots_that_cannot_be_sent_on_are_missed() {
    let fast = a_monitor("https://shop.example/")
        .interval(Duration::from_secs(30))
        .build();
    let mut stage = Stage::new(Entries::default());
    stage.slots.refusals.lock().push_back(vec![0]);
    let answer = stage.call(for_entry(encode(&fast))).await.unwrap();
    assert_eq!(
        (&answer["probes"], &answer["missed"]),
        (&json!(1), &json!(1))
    );
    stage.function.slots = None;
    let answer = stage.call(for_entry(encode(&fast))).await.unwrap();
    assert_eq!(
        (&answer["probes"], &answer["missed"]),
        (&json!(1), &json!(1))
    );
    let told: Vec<_> = stage
        .sent()
        .into_iter()
        .flat_map(|sent| sent.rows)
        .collect();
    let texts: Vec<String> = told
        .iter()
        .filter_map(|row| match row.record.measure(measure::ERROR_TEXT) {
            Some(Measure::Varchar(text)) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let [refused, unset] = <[String; 2]>::try_from(texts).unwrap();
    assert!(refused.contains("throttled"), "{refused}");
    assert!(unset.contains("TIDEWATCH_SLOTS_QUEUE_URL"), "{unset}");
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_an_error_with_a_stable_type() {
    let mut entry = encode(&shop("shop"));
    entry["interval"] = json!("never");
    let broken = Entries {
        broken: Some("the table is gone".to_owned()),
        ..Entries::default()
    };
    let stage = Stage::new(broken);
    for (payload, wanted) in [
        (json!({"v": 1, "kind": "dance"}), "InvalidInput"),
        (json!("hello"), "InvalidInput"),
        (json!({"Records": 5}), "InvalidInput"),
        (for_entry(entry), "InvalidEntry"),
        (for_bucket(), "EntriesUnreadable"),
    ] {
        let error = stage.call(payload).await.unwrap_err();
        assert_eq!(Diagnostic::from(error).error_type, wanted);
    }
    assert_eq!(stage.function.metrics.value(Metric::Refused), Some(4.0));
}

#[tokio::test(start_paused = true)]
async fn a_poisonous_message_is_handed_back_and_the_others_are_worked_on() {
    let stage = Stage::new(Entries::default());
    let good = for_entry(encode(&shop("shop"))).to_string();
    let bodies = [
        "no json".to_owned(),
        good,
        r#"{"v":1,"kind":"dance"}"#.to_owned(),
    ];
    let answer = stage.call(records(&bodies)).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "2"}]})
    );
    assert_eq!(stage.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn results_that_nobody_takes_fail_the_invocation() {
    let stage = Stage::new(Entries::default());
    stage.results.refusals.lock().extend(vec![vec![0]; 1_000]);
    let payload = for_entry(encode(&shop("shop")));
    let error = stage.call(payload.clone()).await.unwrap_err();
    assert_eq!(Diagnostic::from(error).error_type, "ResultsNotHandedOn");

    let stage = Stage::new(Entries::default());
    stage.results.refusals.lock().extend(vec![vec![0]; 1_000]);
    let answer = stage.call(records(&[payload.to_string()])).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "0"}]})
    );
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered() {
    let stage = Stage::new(Entries::default());
    let answer = stage.call(json!({"v": 1, "kind": "ping"})).await.unwrap();
    assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&answer["location"], &answer["results"], &answer["slots"]),
        (&json!("eu-west-1"), &json!("queue"), &json!(true))
    );
}
