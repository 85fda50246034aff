//! The local mode: the whole product in one process.
//!
//! Definitions from a file, probes from this machine, rows into the bridge in this process, the
//! bridge and a status page on loopback. This module puts the parts together and takes them
//! apart again; what they do is theirs.

mod access;
mod agenda;
pub(crate) mod alerts;
mod announcer;
mod board;
mod capacity;
mod clock;
mod console;
mod counters;
mod definitions;
mod evaluation;
mod lapse;
mod listen;
mod logging;
mod periodic;
mod reader;
mod restore;
mod rollups;
mod runner;
mod sink;
mod told;
mod writer;

pub(crate) use board::{Board, Card, HISTORY, Point};
pub(crate) use clock::SystemClock;
pub(crate) use sink::BridgeSink;
pub(crate) use told::{LastTold, Told};

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tidewatch_bridge::{Bridge, Transport};
use tidewatch_domain::assess::Ledger;
use tidewatch_probe::Engine;
use tidewatch_store::Store;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::rules::Alerting;
use crate::settings::{Settings, UpArgs};
use crate::status::{self, Findings, Places, StatusState};
use crate::terminal::Terminal;
use access::Access;
use alerts::Alerts;
use capacity::Capacity;
use console::Console;
use counters::Counters;
use definitions::Loaded;
use evaluation::{Evaluation, Parts};
use periodic::Periodic;
use reader::Reader;
use restore::Restore;
use rollups::Rollups;
use runner::{Runner, World};
use told::TellingSink;

/// The local mode cannot start, or did not end well: a sentence with the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct UpError {
    message: String,
}

/// How the local mode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything that was measured is stored.
    Orderly,
    /// A second signal of this number ended it before that.
    AtOnce(u8),
}

/// Runs the local mode until it is interrupted.
pub(crate) async fn up(args: UpArgs, terminal: &Terminal) -> Result<Ended, UpError> {
    let settings = Settings::resolve(args).map_err(sentence)?;
    let console = Arc::new(Console::new(terminal));
    logging::start(Arc::clone(&console));
    let source = definitions::Source::open(&settings.definitions, &settings.cloud).await;
    let mut source = source.map_err(sentence)?;
    let loaded = source.load().await.map_err(sentence)?;
    let status_listener = listen::bind(settings.listen, "status page", "--listen").await;
    let status_listener = status_listener.map_err(sentence)?;
    let status_address = status_listener.local_addr().map_err(sentence)?;
    let bridge_listener = listen::bind(settings.bridge_listen, "bridge", "--bridge-listen").await;
    let bridge_listener = bridge_listener.map_err(sentence)?;
    let access = Access::load(&settings.access)?;
    let transport = access.transport(settings.bridge_listen);
    let mut addresses = Addresses {
        status: local_url("http", &status_listener)?,
        bridge: local_url(transport.scheme(), &bridge_listener)?,
        alerts: None,
    };

    let (bridge, store) = open_bridge(&settings, transport).await?;
    access.guard(&bridge)?;
    if transport == Transport::Open {
        console.warn(&[
            "the bridge listens beyond this machine without TLS: others on the way can read what \
             is asked and answered; name a certificate with --tls-cert and --tls-key"
                .to_owned(),
        ]);
    }
    let sink = BridgeSink::new(
        bridge.clone(),
        settings.database.clone(),
        settings.table.clone(),
    );
    let clock = Arc::new(SystemClock);
    let now = tidewatch_domain::ports::Clock::now(clock.as_ref());
    let is_new = store.stats().tables == 0;
    match store.stats().read_only {
        None => sink.create_tables(now).await.map_err(|error| UpError {
            message: format!("the tables cannot be created: {error}"),
        })?,
        // What was stored can be asked for, and alerts tell what is measured.
        Some(reason) => console.warn(&[format!("nothing is stored: {reason}")]),
    }
    let wanted: HashSet<_> = loaded
        .monitors
        .iter()
        .map(|monitor| monitor.key.clone())
        .collect();
    let reader = Reader::new(bridge.clone());
    let restore = Restore {
        reader: &reader,
        database: &settings.database,
        table: &settings.table,
        now,
    };
    let restored = if is_new {
        HashMap::new()
    } else {
        restore.last_verdicts(&wanted).await
    };

    let told = Arc::new(LastTold::default());
    let telling = TellingSink {
        sink: sink.clone(),
        last: Arc::clone(&told),
    };
    let warn = |warning: String| console.warn(&[warning]);
    let alerts = Alerts::open(&settings, Arc::clone(&clock) as _, Arc::new(telling), warn).await?;
    let parts = Parts {
        settings: &settings,
        links: links(&settings, &addresses),
        bridge: &bridge,
        queue: alerts.queue(),
        clock: Arc::clone(&clock) as _,
    };
    let evaluation = Evaluation::open(parts, warn)?;
    let desk = evaluation.as_ref().map(Evaluation::desk);
    let alerting = Alerting {
        source: settings.alerts.source,
        desk: desk.clone(),
        heartbeat: alerts.last_call(),
    };

    let capacity = Capacity::of_machine(settings.max_in_flight);
    let counters = Arc::new(Counters::default());
    let board = Arc::new(Board::default());
    let ledger = Arc::new(Mutex::new(Ledger::new(settings.attempt_rows)));
    let findings = Arc::new(RwLock::new(Findings::default()));
    let give_up = CancellationToken::new();
    let (queue, writing) = writer::start(Arc::new(sink), Arc::clone(&counters), give_up.clone());
    let world = World {
        location: settings.location.clone(),
        ledger: Arc::clone(&ledger),
        prober: Arc::new(prober(&settings, &capacity, Arc::clone(&clock))?),
        queue: queue.clone(),
        board: Arc::clone(&board),
        findings: Arc::clone(&findings),
        clock: Arc::clone(&clock) as _,
        counters: Arc::clone(&counters),
        in_flight: Arc::new(Semaphore::new(capacity.in_flight as usize)),
        per_host: settings.max_per_host as usize,
        listener: Arc::clone(&console) as _,
        announcer: alerts.announcer(desk),
    };
    let rollups = Rollups {
        reader,
        queue: queue.clone(),
        clock: Arc::clone(&clock) as _,
        database: settings.database.clone(),
        table: settings.table.clone(),
    };
    let periodic = Periodic {
        clock: Arc::clone(&clock) as _,
        board: Arc::clone(&board),
        ledger,
        counters,
        queue,
        store: store.clone(),
        location: settings.location.clone(),
    };

    addresses.alerts = alerts.url();
    console.started(&addresses, &settings, &loaded);
    let demand = Demand {
        capacity,
        wanted: settings.max_in_flight,
        console: Arc::clone(&console),
    };
    demand.compare(&loaded);
    let stop_probing = CancellationToken::new();
    let stop_telling = CancellationToken::new();
    let stop_serving = CancellationToken::new();
    let status = StatusState {
        board: Arc::clone(&board),
        clock: Arc::clone(&clock) as _,
        findings,
        told,
        alerting,
        places: Arc::new(Places {
            listen: status_address,
            bridge_url: addresses.bridge.clone(),
            database: settings.database.clone(),
            table: settings.table.clone(),
            definitions: settings.definitions.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
    };
    let alerts = alerts.start(stop_telling.clone(), stop_serving.clone());
    let mut servers = vec![
        listen::serve(
            status_listener,
            status::router(status),
            stop_serving.clone(),
        ),
        access.serve(bridge_listener, bridge.router(), stop_serving.clone())?,
    ];
    servers.extend(alerts.server);
    access.follow(bridge.clone(), stop_serving.clone())?;
    let periodic = tokio::spawn(periodic.run(stop_telling.clone()));
    let rollups = tokio::spawn(rollups.run(stop_telling.clone()));
    let evaluating = evaluation.map(|evaluation| {
        let monitors = loaded.monitors.len();
        evaluation.start(Arc::clone(&board), monitors, stop_telling.clone())
    });
    let updates = updates(source, loaded, demand);
    let probing = tokio::spawn(Runner::new(world, restored).run(updates, stop_probing.clone()));

    let mut signals = Signals::new()?;
    tokio::select! {
        _ = signals.received() => {}
        () = console.keep_current(&board) => {}
    }
    stop_probing.cancel();
    console.stopping();
    let finish = async {
        // In this order: whoever probes, whoever tells of it, then the writer, then whoever reads.
        let _ = probing.await;
        stop_telling.cancel();
        let _ = periodic.await;
        let _ = rollups.await;
        if let Some(evaluating) = evaluating {
            let _ = evaluating.await;
        }
        if let Some(heartbeat) = alerts.heartbeat {
            let _ = heartbeat.await;
        }
        let _ = alerts.telling.await;
        let _ = writing.await;
        stop_serving.cancel();
        bridge.stop_queries();
        for server in servers {
            let _ = server.await;
        }
        store.close().await
    };
    tokio::select! {
        closed = finish => closed.map_err(|error| UpError {
            message: format!("the store did not close well: {error}; nothing acknowledged is lost"),
        })?,
        signal = signals.received() => {
            give_up.cancel();
            console.ended_at_once();
            return Ok(Ended::AtOnce(signal));
        }
    }
    console.ended();
    Ok(Ended::Orderly)
}

/// Where the servers can be reached.
#[derive(Clone, Debug)]
struct Addresses {
    status: String,
    bridge: String,
    /// `None` where no alerts are taken in.
    alerts: Option<String>,
}

/// What links of alerts begin with: the Grafana of the settings, else the status page, which leads
/// on from there.
fn links(settings: &Settings, addresses: &Addresses) -> String {
    let grafana = settings.alerts.telling.grafana.as_ref();
    let url = grafana.unwrap_or(&addresses.status);
    format!("{}/", url.trim_end_matches('/'))
}

fn local_url(scheme: &str, listener: &tokio::net::TcpListener) -> Result<String, UpError> {
    Ok(format!(
        "{scheme}://{}",
        listener.local_addr().map_err(sentence)?
    ))
}

async fn open_bridge(
    settings: &Settings,
    transport: Transport,
) -> Result<(Bridge, Store), UpError> {
    let folder = settings.data_dir.as_path();
    prepare_folder(folder)?;
    let clock: Arc<dyn tidewatch_store::Clock> = Arc::new(SystemClock);
    let options = tidewatch_store::Options::new(Arc::clone(&clock));
    let store = Store::open(folder, options).await.map_err(sentence)?;
    let limits = tidewatch_sql::Limits {
        spill_dir: Some(folder.join("spill")),
        ..tidewatch_sql::Limits::default()
    };
    let engine = tidewatch_sql::Engine::new(limits).map_err(sentence)?;
    let mut bridge_settings = tidewatch_bridge::Settings::new(folder);
    bridge_settings.transport = transport;
    bridge_settings.advertised_url = settings.access.url.clone();
    let bridge = Bridge::new(store.clone(), engine, clock, bridge_settings).map_err(sentence)?;
    Ok((bridge, store))
}

fn prepare_folder(folder: &Path) -> Result<(), UpError> {
    let unusable = |error: std::io::Error| UpError {
        message: format!(
            "data folder {} cannot be written: {error}; choose another with --data-dir",
            folder.display()
        ),
    };
    std::fs::create_dir_all(folder).map_err(unusable)?;
    let probe = folder.join(".writable");
    std::fs::write(&probe, b"")
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(unusable)
}

fn prober(
    settings: &Settings,
    capacity: &Capacity,
    clock: Arc<SystemClock>,
) -> Result<Engine, UpError> {
    let options = settings.probing.engine_options(settings.location.clone());
    let mut options = options.map_err(sentence)?;
    options.max_in_flight = capacity.in_flight as usize;
    let secrets = Arc::new(crate::secrets::EnvironmentSecrets);
    Engine::new(options, secrets, clock).map_err(sentence)
}

/// Says what the definitions need that this machine does not have.
#[derive(Debug)]
struct Demand {
    capacity: Capacity,
    wanted: u32,
    console: Arc<Console>,
}

impl Demand {
    fn compare(&self, loaded: &Loaded) {
        let monitors = loaded.monitors.iter().map(Arc::as_ref);
        self.console
            .warn(&self.capacity.shortages(self.wanted, monitors));
    }
}

/// The definitions as loaded at start, followed by every edit.
fn updates(source: definitions::Source, first: Loaded, demand: Demand) -> mpsc::Receiver<Loaded> {
    let mut edits = source.watch();
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        if sender.send(first).await.is_err() {
            return;
        }
        while let Some(loaded) = edits.recv().await {
            demand.console.reloaded(&loaded);
            demand.compare(&loaded);
            if sender.send(loaded).await.is_err() {
                return;
            }
        }
        // Nothing more to come: keep the channel open as long as somebody listens.
        sender.closed().await;
    });
    receiver
}

/// Ctrl-C, or the request of a service manager to end.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, UpError> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt()).map_err(sentence)?,
            terminate: signal(SignalKind::terminate()).map_err(sentence)?,
        })
    }

    /// Waits for the next one; returns its number.
    async fn received(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}

/// An error with its sources as one sentence.
fn sentence(error: impl std::error::Error) -> UpError {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    UpError { message }
}
