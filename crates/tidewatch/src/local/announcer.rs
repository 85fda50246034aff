//! Verdicts as alerts: how people hear of outages without a Grafana.
//!
//! Whoever judges hands every verdict in. What is news to people goes into the durable queue of
//! alerts, where the consumer takes over; a repeat, as after a restart, is one that it recognises.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_alerting::evaluate::Labels;
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::rows::Overlays;
use tidewatch_domain::{Monitor, MonitorKey, Timestamp};
use tidewatch_notify::envelope::Source;
use tidewatch_notify::queue::AlertQueue;
use tidewatch_notify::state_change::{calls, envelope_of_change, labels_of_outage};

use crate::rules::Desk;

/// Tells of outages.
pub(crate) struct Announcer {
    queue: Arc<dyn AlertQueue>,
    /// Knows what people do not want to hear of.
    desk: Option<Arc<Desk>>,
    /// What was told of each monitor; nothing is as good as "unknown".
    told: Mutex<HashMap<MonitorKey, Told>>,
}

/// A verdict with what lay over it.
type Told = (Verdict, Overlays);

impl Announcer {
    /// Tells through `queue` what is not silenced at `desk`.
    pub(crate) fn new(queue: Arc<dyn AlertQueue>, desk: Option<Arc<Desk>>) -> Self {
        Announcer {
            queue,
            desk,
            told: Mutex::default(),
        }
    }

    /// Tells what is news in the verdict on `monitor` at `at`.
    ///
    /// What the queue does not take, or somebody has silenced, is told with a later verdict.
    pub(crate) async fn observe(
        &self,
        monitor: &Monitor,
        verdict: &Verdict,
        overlays: Overlays,
        at: Timestamp,
    ) {
        let before = {
            let mut told = self.told.lock();
            if let Some((before, over)) = told.get(&monitor.key)
                && *over == overlays
                && before.same_state(verdict)
            {
                return;
            }
            told.insert(monitor.key.clone(), (verdict.clone(), overlays))
        };
        let (before, over) = before.unwrap_or_else(|| (Verdict::unknown(), Overlays::default()));
        if !self
            .tell(monitor, (&before, over), (verdict, overlays), at)
            .await
        {
            self.told.lock().insert(monitor.key.clone(), (before, over));
        }
    }

    /// Says that nobody looks at `monitor` any more.
    pub(crate) async fn forget(&self, monitor: &Monitor, at: Timestamp) {
        let before = self.told.lock().remove(&monitor.key);
        let Some((verdict, overlays)) = before else {
            return;
        };
        let paused = Overlays {
            paused: true,
            ..overlays
        };
        self.tell(monitor, (&verdict, overlays), (&verdict, paused), at)
            .await;
    }

    /// Whether there was nothing to tell, or the queue has taken it.
    async fn tell(
        &self,
        monitor: &Monitor,
        before: (&Verdict, Overlays),
        after: (&Verdict, Overlays),
        at: Timestamp,
    ) -> bool {
        let Some(envelope) = envelope_of_change(Source::Local, monitor, before, after, at) else {
            return true;
        };
        // The end of what people were told is no noise, so that only beginnings wait.
        if calls(after.0, after.1) && self.is_silenced(&labels_of_outage(monitor, after.0)) {
            return false;
        }
        let put = self.queue.put(&envelope, Duration::ZERO).await;
        if let Err(error) = &put {
            tracing::error!(monitor = %monitor.key, "an alert is not taken, it is told again: {error}");
        }
        put.is_ok()
    }

    fn is_silenced(&self, labels: &Labels) -> bool {
        self.desk.as_ref().is_some_and(|desk| desk.silences(labels))
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Announcer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use tidewatch_domain::judge::State;
    use tidewatch_notify::envelope::Envelope;
    use tidewatch_notify::queue::QueueError;
    use tidewatch_testkit::a_monitor;

    use super::*;

    /// Takes envelopes, unless it is told to refuse.
    #[derive(Default)]
    struct Shelf {
        taken: Mutex<Vec<Envelope>>,
        refuses: Mutex<bool>,
    }

    #[async_trait]
    impl AlertQueue for Shelf {
        async fn put(&self, envelope: &Envelope, _delay: Duration) -> Result<(), QueueError> {
            if *self.refuses.lock() {
                return Err(QueueError("the disk is full".to_owned()));
            }
            self.taken.lock().push(envelope.clone());
            Ok(())
        }
    }

    impl Shelf {
        /// The status of each alert since the last look.
        fn alerts(&self) -> Vec<String> {
            let taken = std::mem::take(&mut *self.taken.lock());
            let alerts = taken.iter().flat_map(|envelope| {
                let payload: serde_json::Value = envelope.payload().unwrap();
                let alerts = payload["alerts"].as_array().unwrap();
                let statuses = alerts.iter().map(|alert| alert["status"].as_str().unwrap());
                statuses.map(str::to_owned).collect::<Vec<_>>()
            });
            alerts.collect()
        }
    }

    fn verdict(state: State, epoch: u64) -> Verdict {
        Verdict {
            state,
            epoch,
            ..Verdict::unknown()
        }
    }

    const NOW: Timestamp = Timestamp::from_secs(1_795_330_800);
    const OPEN: Overlays = Overlays {
        maintenance: true,
        paused: false,
    };

    #[tokio::test]
    async fn outages_are_told_once_and_their_ends_too() {
        let shelf = Arc::new(Shelf::default());
        let announcer = Announcer::new(Arc::clone(&shelf) as _, None);
        let monitor = a_monitor("https://shop.example/").build();
        let none = Overlays::default();
        for (state, epoch, overlays, alerts) in [
            (State::Up, 0, none, vec![]),
            (State::Down, 1, none, vec!["firing"]),
            (State::Down, 1, none, vec![]),
            (State::Recovering, 1, none, vec![]),
            (State::Up, 1, none, vec!["resolved"]),
            // Nobody is called during maintenance, but when it ends.
            (State::Down, 2, OPEN, vec![]),
            (State::Down, 2, none, vec!["firing"]),
        ] {
            let verdict = verdict(state, epoch);
            announcer.observe(&monitor, &verdict, overlays, NOW).await;
            assert_eq!(shelf.alerts(), alerts, "{state:?} {epoch}");
        }
        announcer.forget(&monitor, NOW).await;
        assert_eq!(shelf.alerts(), ["resolved"]);
    }

    #[tokio::test]
    async fn what_the_queue_refuses_is_told_with_the_next_verdict() {
        let shelf = Arc::new(Shelf::default());
        let announcer = Announcer::new(Arc::clone(&shelf) as _, None);
        let monitor = a_monitor("https://shop.example/").build();
        let down = verdict(State::Down, 1);
        *shelf.refuses.lock() = true;
        announcer
            .observe(&monitor, &down, Overlays::default(), NOW)
            .await;
        *shelf.refuses.lock() = false;
        announcer
            .observe(&monitor, &down, Overlays::default(), NOW)
            .await;
        assert_eq!(shelf.alerts(), ["firing"]);
    }
}
