//! The sign of life to the outside: an address that is called every minute while alerting works.
//!
//! Whoever is there raises the alarm when the calls stop, which needs nothing of this machine. The
//! Watchdog is the proof: an alert that always fires, so that each arrival of it at the end of the
//! queue shows that rules are evaluated, the data is there, groups are sent and the queue is
//! worked off.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;
use tidewatch_notify::heartbeat::LastSeen;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Between two calls.
const PERIOD: Duration = Duration::from_secs(60);
/// The Watchdog comes every minute; an older one proves nothing.
const FRESH_FOR: Duration = Duration::from_secs(3 * 60);
/// How long one call may take.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// What became of the last minute's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// When.
    pub(crate) at: Timestamp,
    /// Why it was not made or not answered well.
    pub(crate) result: Result<(), String>,
}

/// The last call, for whoever shows it.
pub(crate) type LastCall = Arc<Mutex<Option<Call>>>;

/// Calls the address.
pub(crate) struct Heartbeat {
    url: reqwest::Url,
    client: reqwest::Client,
    /// The file with the time of the last Watchdog.
    seen: PathBuf,
    clock: Arc<dyn Clock>,
    last: LastCall,
}

impl Heartbeat {
    /// Calls `url`, which is a secret, while the file `seen` says that the Watchdog arrives. The
    /// error is a sentence.
    pub(crate) fn new(url: &str, seen: PathBuf, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let url = reqwest::Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or("`heartbeat-url` is not an http or https address")?;
        let client = reqwest::Client::builder()
            .timeout(TIME_LIMIT)
            .build()
            .map_err(|error| format!("`heartbeat-url` cannot be called: {error}"))?;
        Ok(Heartbeat {
            url,
            client,
            seen,
            clock,
            last: LastCall::default(),
        })
    }

    /// What became of the last call.
    pub(crate) fn last(&self) -> LastCall {
        Arc::clone(&self.last)
    }

    /// Calls every minute until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut minutes = tokio::time::interval(PERIOD);
        minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Nothing has arrived in the first moment.
        minutes.tick().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = minutes.tick() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.minute() => {}
            }
        }
    }

    /// One call, or the reason why there is none.
    async fn minute(&self) {
        let result = match self.proof() {
            Ok(()) => self.call().await,
            Err(reason) => Err(reason),
        };
        if let Err(reason) = &result {
            tracing::warn!("no sign of life was sent: {reason}");
        }
        *self.last.lock() = Some(Call {
            at: self.clock.now(),
            result,
        });
    }

    /// Whether alerting works.
    fn proof(&self) -> Result<(), String> {
        let now = self.clock.now();
        match LastSeen::last(&self.seen) {
            Ok(Some(last)) if now.since(last) <= FRESH_FOR => Ok(()),
            Ok(Some(last)) => Err(format!("the Watchdog did not arrive since {last}")),
            Ok(None) => Err("the Watchdog has not arrived yet".to_owned()),
            Err(error) => Err(format!(
                "the time of the last Watchdog cannot be read: {error}"
            )),
        }
    }

    async fn call(&self) -> Result<(), String> {
        let answer = self.client.get(self.url.clone()).send().await;
        // The address is a secret.
        let answer = answer.map_err(|error| with_sources(&error.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("the address answered {status}")),
        }
    }
}

/// Without the address.
impl std::fmt::Debug for Heartbeat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Heartbeat")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tidewatch_notify::heartbeat::Heartbeat as _;
    use tidewatch_testkit::ManualClock;
    use tokio::sync::mpsc;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_330_800);

    /// An address that answers with `status`, and every call of it.
    async fn address(status: StatusCode) -> (String, mpsc::UnboundedReceiver<()>) {
        let (calls, called) = mpsc::unbounded_channel();
        let router = Router::new().route(
            "/ping",
            get(async move || {
                calls.send(()).unwrap();
                status
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/ping", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, called)
    }

    fn heartbeat(url: &str, folder: &tempfile::TempDir) -> (Heartbeat, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(NOW));
        let seen = folder.path().join("heartbeat");
        let heartbeat = Heartbeat::new(url, seen, Arc::clone(&clock) as _).unwrap();
        (heartbeat, clock)
    }

    fn result(heartbeat: &Heartbeat) -> Result<(), String> {
        heartbeat.last.lock().clone().unwrap().result
    }

    #[tokio::test]
    async fn it_calls_while_the_watchdog_arrives_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let (url, mut called) = address(StatusCode::OK).await;
        let (heartbeat, clock) = heartbeat(&url, &folder);
        heartbeat.minute().await;
        assert_eq!(
            result(&heartbeat),
            Err("the Watchdog has not arrived yet".to_owned())
        );
        LastSeen::at(&heartbeat.seen).beat(NOW);
        heartbeat.minute().await;
        assert_eq!((result(&heartbeat), called.try_recv()), (Ok(()), Ok(())));
        clock.advance(FRESH_FOR + Duration::from_secs(1));
        heartbeat.minute().await;
        assert_eq!(
            result(&heartbeat),
            Err("the Watchdog did not arrive since 2026-11-22T07:00:00.000Z".to_owned())
        );
        assert!(called.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_refusal_is_told_without_the_address() {
        let folder = tempfile::tempdir().unwrap();
        let (url, _called) = address(StatusCode::NOT_FOUND).await;
        let (refused, _) = heartbeat(&url, &folder);
        LastSeen::at(&refused.seen).beat(NOW);
        refused.minute().await;
        assert_eq!(
            result(&refused),
            Err("the address answered 404 Not Found".to_owned())
        );
        let (nobody, _) = heartbeat("http://127.0.0.1:1/secret-path", &folder);
        nobody.minute().await;
        let text = result(&nobody).unwrap_err();
        assert!(!text.contains("secret-path"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        let clock = Arc::new(ManualClock::at(NOW));
        let error = Heartbeat::new("ftp://secret", PathBuf::new(), clock).unwrap_err();
        assert_eq!(error, "`heartbeat-url` is not an http or https address");
    }
}
