//! Any sequence of writes, flushes and crashes against a map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::support::*;
use crate::files::simulated::Crash;
use crate::{Measures, Record, Value};

#[derive(Debug, Clone)]
enum Step {
    Write(Vec<Write>),
    Flush,
    Crash(bool),
    /// Days go by, so that files are merged.
    Wait,
}

#[derive(Debug, Clone)]
struct Write {
    monitor: u8,
    slot: i64,
    version: i64,
    value: u8,
    /// Comes with a second column.
    more: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let write = (0..3u8, 0..6i64, 1..4i64, 0..3u8, any::<bool>());
    let write = write.prop_map(|(monitor, slot, version, value, more)| Write {
        monitor,
        slot,
        version,
        value,
        more,
    });
    prop_oneof![
        6 => proptest::collection::vec(write, 1..6).prop_map(Step::Write),
        2 => Just(Step::Flush),
        1 => any::<bool>().prop_map(Step::Crash),
        1 => Just(Step::Wait),
    ]
}

impl Write {
    fn record(&self) -> Record {
        let mut measures = vec![("value".to_owned(), Value::Double(f64::from(self.value)))];
        if self.more {
            measures.push(("more".to_owned(), Value::Bigint(1)));
        }
        Record {
            measures: Measures::Multi(measures),
            ..probe(
                &format!("m{}", self.monitor),
                -self.slot * 40 * MINUTE,
                self.version,
                0.0,
            )
        }
    }

    fn key(&self) -> (u8, i64) {
        (self.monitor, self.slot)
    }
}

/// Identity to version, value and whether there is more.
type Model = BTreeMap<(u8, i64), (i64, u8, bool)>;

/// What the rules say about a write: whether it is accepted.
fn apply(model: &mut Model, write: &Write) -> bool {
    let incoming = (write.version, write.value, write.more);
    match model.get(&write.key()) {
        Some(existing) if *existing == incoming => true,
        Some((version, ..)) if write.version <= *version => false,
        _ => {
            model.insert(write.key(), incoming);
            true
        }
    }
}

async fn run(steps: &[Step]) {
    let machine = Machine::new();
    let mut store = machine.start().await;
    let mut model = Model::new();
    for step in steps {
        match step {
            Step::Write(writes) => {
                let records = writes.iter().map(Write::record).collect();
                let written = write(&store, records).await.unwrap();
                let refused: Vec<usize> = (0..writes.len())
                    .filter(|index| !apply(&mut model, &writes[*index]))
                    .collect();
                let rejected = written.rejected.iter().map(|rejected| rejected.index);
                assert_eq!(rejected.collect::<Vec<_>>(), refused);
            }
            Step::Flush => store.flush().await.unwrap(),
            Step::Crash(power) => {
                drop(store);
                let crash = if *power { Crash::Power } else { Crash::Process };
                machine.files.crash(crash);
                store = machine.open().await.unwrap();
            }
            Step::Wait => machine
                .clock
                .set(crate::Clock::now(machine.clock.as_ref()) + DAY),
        }
        let expected: Vec<String> = model
            .iter()
            .map(|((monitor, slot), (_, value, _))| format!("m{monitor} {} {value}.0", -slot * 40))
            .collect();
        let mut found = rows(&store).await;
        let mut expected = expected;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "after {step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn the_store_is_a_map(steps in proptest::collection::vec(step(), 1..14)) {
        Runtime::new().unwrap().block_on(run(&steps));
    }
}
