use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::FutureExt;
use tidewatch_aws::environment::Environment;
use tidewatch_aws::timestream::QueryResult;

use super::*;
use crate::scene::World;

/// A store that has one monitor with sixty good probes in every hour, unless it is down.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<String>>>, Option<&'static str>);

#[async_trait]
impl Questions for Store {
    async fn ask(&self, statement: &str) -> Result<QueryResult, QueryError> {
        self.0.lock().unwrap().push(statement.to_owned());
        if self.1.is_some_and(|name| statement.contains(name)) {
            return Err(QueryError::TooMany);
        }
        if !statement.contains("count(") && !statement.contains("sum(") {
            return Ok(QueryResult::default());
        }
        let text = |text: &str| Some(Value::from(text));
        let cells = [
            ("tenant", text("acme")),
            ("monitor_id", text("shop")),
            ("location", text("eu-west-1")),
            ("kind", text("http")),
            ("good", Some(Value::Bigint(60))),
        ];
        Ok(QueryResult {
            columns: cells.iter().map(|(name, _)| (*name).to_owned()).collect(),
            rows: vec![cells.into_iter().map(|(_, value)| value).collect()],
        })
    }
}

fn run(store: &Store, hour: Option<&str>) -> (World, Result<usize, RollupError>) {
    let world = World::default();
    let lookup = |name: &str| {
        (name == "TIDEWATCH_TENANTS")
            .then(|| r#"{"acme": {"table": "Acme"}, "other": {}}"#.to_owned())
    };
    let tenants = Environment::new(&lookup).tenants().unwrap();
    let rollups = Rollups::new(Box::new(store.clone()), &tenants);
    let now = "2026-11-22T13:20:00Z".parse().unwrap();
    let delivery = world.delivery();
    let run = rollups.run(&delivery, hour.map(str::to_owned), now);
    let result = run.now_or_never().unwrap();
    (world, result)
}

#[test]
fn the_last_full_hour_and_the_one_before_are_rolled_up_in_every_store() {
    let store = Store::default();
    let (world, written) = run(&store, None);
    assert_eq!(written.unwrap(), 4);
    let inside = world.inside();
    let times: std::collections::BTreeSet<String> = inside
        .rows
        .values()
        .map(|row| row.time.to_string())
        .collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    assert_eq!(
        times,
        ["2026-11-22T11:00:00.000Z", "2026-11-22T12:00:00.000Z"]
    );
    let statements = store.0.lock().unwrap();
    assert!(statements.iter().any(|one| one.contains("\"Acme\"")));
    assert!(
        statements
            .iter()
            .any(|one| one.contains("\"WebsiteMonitoringData\""))
    );
}

#[test]
fn an_hour_can_be_named() {
    let (world, written) = run(&Store::default(), Some("2026-11-20T05:30:00Z"));
    assert_eq!(written.unwrap(), 2);
    let inside = world.inside();
    let row = inside.rows.values().next().unwrap();
    assert_eq!(row.time.to_string(), "2026-11-20T05:00:00.000Z");
    let (_, refused) = run(&Store::default(), Some("five"));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "`five` is no instant; write it like 2026-11-22T13:00:00Z"
    );
}

#[test]
fn a_store_that_is_down_does_not_keep_the_others_from_theirs() {
    let (world, result) = run(&Store(Arc::default(), Some("\"Acme\"")), None);
    let fault = result.unwrap_err().to_string();
    assert!(fault.starts_with("store CPTMonitoring.Acme: "), "{fault}");
    assert_eq!(world.inside().rows.len(), 2);
}
