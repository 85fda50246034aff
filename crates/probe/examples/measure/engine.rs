//! The check engine, asked directly, on one thread.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;
use tidewatch_domain::monitor::{Check, Endpoint, Network, TcpCheck};
use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_domain::{Attempt, Location, Monitor};
use tidewatch_probe::{Engine, EngineOptions};
use tidewatch_testkit::{FakeSecrets, ManualClock, a_monitor};
use url::{Host, Url};

use crate::report::{Report, errors};
use crate::serve::own_delays;
use crate::usage::{cpu, peak_memory_kib};
use crate::{Outcome, Task};

/// Attempts before the measured ones, for what is built once.
const WARM_UP: usize = 50;

/// Makes the attempts and prints what they cost.
pub(crate) async fn run(task: &Task, root: &Path) -> Outcome<()> {
    let mut options = EngineOptions::new(Location::try_new("bench")?);
    options.trust_pem(&std::fs::read(root)?)?;
    let clock = Arc::new(ManualClock::default());
    let engine = Engine::new(options, Arc::new(FakeSecrets::default()), clock.clone())?;
    let url = Url::parse(&task.target)?;
    let numbered = url.scheme() == "http" && url.path() != "/0";
    // One monitor for all, unless the target is to tell the attempts apart.
    let monitors: Vec<Monitor> = if numbered {
        (0..task.attempts)
            .map(|number| a_monitor(&format!("{url}/{number}")).build())
            .collect()
    } else {
        vec![monitor(&url)?]
    };
    let slot = clock.now();
    for _ in 0..WARM_UP {
        engine.probe(&monitor(&url)?, slot).await;
    }

    let next = Cell::new(0);
    let found: RefCell<Vec<(usize, Attempt)>> = RefCell::default();
    let (next, found, monitors, engine) = (&next, &found, &monitors, &engine);
    let worker = |number| async move {
        tokio::time::sleep(task.start_of(number)).await;
        while next.get() < task.attempts {
            let number = next.replace(next.get() + 1);
            let monitor = &monitors[number % monitors.len()];
            let result = engine.probe(monitor, slot).await;
            let attempt = result.samples.into_iter().next();
            found
                .borrow_mut()
                .extend(attempt.map(|attempt| (number, attempt)));
        }
    };
    let (begun, cpu_before) = (Instant::now(), cpu("self")?);
    join_all((0..task.in_flight).map(worker)).await;
    let (elapsed, cpu_after) = (begun.elapsed(), cpu("self")?);

    let found = found.take();
    let succeeded = || found.iter().filter(|(_, attempt)| attempt.succeeded());
    let errors = if numbered {
        let latencies: Vec<_> = succeeded()
            .map(|(number, attempt)| (*number, attempt.phases.total))
            .collect();
        errors(&latencies, &own_delays(&url).await?)?
    } else {
        Vec::new()
    };
    Report {
        succeeded: succeeded().count(),
        failed: found.len() - succeeded().count(),
        tainted: succeeded()
            .filter(|(_, attempt)| attempt.is_tainted())
            .count(),
        elapsed,
        cpu: cpu_after - cpu_before,
        peak_memory_kib: peak_memory_kib("self")?,
        errors,
    }
    .print();
    Ok(())
}

/// A monitor of one attempt on `target`; of TCP, the connection itself is the check.
fn monitor(target: &Url) -> Outcome<Monitor> {
    if target.scheme() != "tcp" {
        return Ok(a_monitor(target.as_str()).build());
    }
    let mut monitor = a_monitor("http://localhost/").build();
    monitor.check = Check::Tcp(TcpCheck {
        endpoint: Endpoint {
            host: Host::parse(target.host_str().unwrap_or_default())?,
            port: target.port().ok_or("the target has no port")?,
        },
        encryption: None,
        dialogue: Vec::new(),
        reply_limit: 0,
        network: Network::default(),
    });
    Ok(monitor)
}
