//! Serves a bridge on a loopback address until it is interrupted:
//! `cargo run -p tidewatch-bridge --example serve -- FOLDER [ADDRESS]`.

#![expect(
    clippy::print_stdout,
    reason = "whoever starts the example reads the address from its output"
)]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tidewatch_bridge::{Bridge, Settings};
use tidewatch_sql::{Engine, Limits};
use tidewatch_store::{Clock, Options, Store};
use tokio::net::TcpListener;

/// The machine's clock.
#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that reads the machine's time"
    )]
    fn now(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: serve FOLDER [ADDRESS]")?);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(&folder, Options::new(clock.clone())).await?;
    let bridge = Bridge::new(
        store.clone(),
        Engine::new(Limits::default())?,
        clock,
        Settings::new(&folder),
    )?;

    let listener = TcpListener::bind(address).await?;
    println!("bridge  http://{}", listener.local_addr()?);
    let interrupted = async {
        // Without a handler for the signal there is nothing to wait for; the process then ends.
        let _ = tokio::signal::ctrl_c().await;
    };
    axum::serve(listener, bridge.router())
        .with_graceful_shutdown(interrupted)
        .await?;
    bridge.stop_queries();
    store.close().await?;
    Ok(())
}
