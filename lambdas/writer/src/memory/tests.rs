use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::FutureExt;
use tidewatch_aws::environment::Environment;
use tidewatch_domain::judge::State;
use tidewatch_domain::{Tenant, Timestamp};

use super::*;
use crate::scene::tenants;

/// A store with prepared answers, by a word of the statement.
#[derive(Clone, Default)]
struct Store {
    answers: Vec<(&'static str, QueryResult)>,
    statements: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Questions for Store {
    async fn ask(&self, statement: &str) -> Result<QueryResult, QueryError> {
        self.statements.lock().unwrap().push(statement.to_owned());
        let found = self
            .answers
            .iter()
            .find(|(word, _)| statement.contains(word));
        found
            .map(|(_, answer)| answer.clone())
            .ok_or(QueryError::Service {
                reason: "down".to_owned(),
            })
    }
}

const STATES: &str = "measure_name = 'state'";
const DELETIONS: &str = "measure_name = 'monitor'";

fn key(tenant: &str, name: &str) -> MonitorKey {
    MonitorKey {
        tenant: Tenant::try_new(tenant).unwrap(),
        monitor_id: MonitorId::try_new(name).unwrap(),
    }
}

/// Rows of tenant, name, second, state and number of the outage.
fn answer(rows: &[(&str, &str, i64, &str, i64)]) -> QueryResult {
    let text = |text: &str| Some(Value::Varchar(text.to_owned()));
    let columns = ["tenant", "monitor_id", "last", "state", "epoch"];
    QueryResult {
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|(tenant, name, second, state, epoch)| {
                let last = Value::Timestamp(Timestamp::from_secs(*second));
                let epoch = Value::Bigint(*epoch);
                vec![
                    text(tenant),
                    text(name),
                    Some(last),
                    text(state),
                    Some(epoch),
                ]
            })
            .collect(),
    }
}

fn asked(store: &Store, tenants: Tenants, wanted: &[MonitorKey]) -> HashMap<MonitorKey, Verdict> {
    let memory = Memory::new(Box::new(store.clone()), tenants);
    memory.last_verdicts(wanted).now_or_never().unwrap()
}

#[test]
fn a_monitor_goes_on_from_its_last_row_unless_it_was_deleted_after_it() {
    let rows = [
        ("demo", "shop", 100, "down", 3),
        ("demo", "home", 100, "down", 5),
        ("demo", "back", 100, "up", 1),
        // Another tenant's monitor with the same name.
        ("acme", "shop", 100, "down", 9),
    ];
    let deletions = [
        ("demo", "home", 100, "", 0),
        ("demo", "back", 99, "", 0),
        ("acme", "shop", 200, "", 0),
    ];
    let store = Store {
        answers: vec![(STATES, answer(&rows)), (DELETIONS, answer(&deletions))],
        ..Store::default()
    };
    let wanted = ["shop", "home", "back", "new"].map(|name| key("demo", name));
    let verdicts = asked(&store, tenants(), &wanted);
    let found = |name: &str| {
        let verdict = verdicts.get(&key("demo", name))?;
        Some((verdict.state, verdict.epoch))
    };
    assert_eq!(found("shop"), Some((State::Down, 3)));
    assert_eq!(found("home"), Some((State::Unknown, 5)));
    assert_eq!(found("back"), Some((State::Up, 1)));
    assert_eq!(found("new"), None);
    assert_eq!(verdicts.len(), 3, "{verdicts:?}");
}

#[test]
fn each_store_is_asked_for_the_monitors_of_its_tenants() {
    let lookup = |name: &str| {
        (name == "TIDEWATCH_TENANTS").then(|| r#"{"acme":{"table":"Acme"}}"#.to_owned())
    };
    let tenants = Environment::new(&lookup).tenants().unwrap();
    let store = Store {
        answers: vec![(STATES, QueryResult::default())],
        ..Store::default()
    };
    asked(&store, tenants, &[key("acme", "shop"), key("demo", "home")]);
    let statements = store.statements.lock().unwrap();
    // Of monitors without any row nobody asks when they were deleted.
    assert_eq!(statements.len(), 2, "{statements:?}");
    for (table, name) in [
        ("\"Acme\"", "IN ('shop')"),
        ("\"WebsiteMonitoringData\"", "IN ('home')"),
    ] {
        let fits = |statement: &&String| statement.contains(table) && statement.contains(name);
        assert_eq!(statements.iter().filter(fits).count(), 1, "{statements:?}");
    }
}

#[test]
fn a_store_that_cannot_be_asked_lets_monitors_begin_as_unknown() {
    let store = Store::default();
    assert!(asked(&store, tenants(), &[key("demo", "shop")]).is_empty());
}
