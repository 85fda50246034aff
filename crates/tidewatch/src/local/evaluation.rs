//! The alert rules of this machine: put together, begun when there is something to judge by.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_alerting::evaluate::Defaults;
use tidewatch_alerting::group::Routing;
use tidewatch_bridge::Bridge;
use tidewatch_domain::ports::Clock;
use tidewatch_notify::queue::AlertQueue;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::UpError;
use super::alerts::{FOLDER, variable};
use super::board::Board;
use crate::rules::{BridgeSource, Desk, Evaluator, Teller, load};
use crate::settings::{AlertSource, Settings};

/// Where alerts go whose rule does not say it; there is one way to people here.
const RECEIVER: &str = "tidewatch";
/// Between two looks at whether there is something to judge by.
const LOOK: Duration = Duration::from_millis(500);
/// So many looks are enough: what is not there after two minutes is missing.
const LOOKS: u32 = 240;
/// How long the last rows may be on their way into the store: a rule that is early by a moment says
/// that there is no data.
const ON_THEIR_WAY: Duration = Duration::from_secs(5);

/// What evaluation works with.
pub(super) struct Parts<'a> {
    pub(super) settings: &'a Settings,
    /// What links of alerts begin with.
    pub(super) links: String,
    pub(super) bridge: &'a Bridge,
    pub(super) queue: Arc<dyn AlertQueue>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Evaluation of rules, put together; nothing runs yet.
#[derive(Debug)]
pub(super) struct Evaluation {
    desk: Arc<Desk>,
    evaluator: Evaluator,
    teller: Teller,
}

impl Evaluation {
    /// Reads the rules and what was remembered of them; `None` where a Grafana has the rules.
    pub(super) fn open(parts: Parts<'_>, warn: impl Fn(String)) -> Result<Option<Self>, UpError> {
        let Parts {
            settings,
            links,
            bridge,
            queue,
            clock,
        } = parts;
        if settings.alerts.source == AlertSource::Grafana {
            return Ok(None);
        }
        let failed = |message: String| UpError { message };
        let routing = Routing::to(RECEIVER);
        let groups = load(&settings.alerts, &routing, &variable).map_err(failed)?;
        let folder = settings.data_dir.join(FOLDER);
        let desk = Desk::open(&folder, groups, routing, links, Arc::clone(&clock), warn);
        let desk = Arc::new(desk.map_err(failed)?);
        Ok(Some(Evaluation {
            evaluator: Evaluator {
                desk: Arc::clone(&desk),
                source: Arc::new(BridgeSource::new(bridge.clone())),
                defaults: Defaults {
                    database: format!("\"{}\"", settings.database),
                    table: format!("\"{}\"", settings.table),
                    measure: String::new(),
                },
                clock: Arc::clone(&clock),
            },
            teller: Teller {
                desk: Arc::clone(&desk),
                queue,
                clock,
            },
            desk,
        }))
    }

    /// What is remembered and shown of it.
    pub(super) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// Evaluates and tells until `stop`, from when the `monitors` on `board` have been probed.
    pub(super) fn start(
        self,
        board: Arc<Board>,
        monitors: usize,
        stop: CancellationToken,
    ) -> JoinHandle<()> {
        tokio::spawn(async move {
            let evaluating = async {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = something_to_judge_by(&board, monitors) => {
                        self.evaluator.run(stop.clone()).await;
                    }
                }
            };
            tokio::join!(evaluating, self.teller.run(stop.clone()));
        })
    }
}

/// Waits until every monitor has been probed once. Before that, rules would find nothing, and say
/// so.
async fn something_to_judge_by(board: &Board, monitors: usize) {
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK).await;
        let cards = board.cards();
        let is_judged = |card: &super::Card| !card.monitor.enabled || !card.history.is_empty();
        if cards.len() >= monitors && cards.iter().all(|card| is_judged(card)) {
            break;
        }
    }
    tokio::time::sleep(ON_THEIR_WAY).await;
}

impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Parts")
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}
