//! The answers to a rule's queries, from a bridge or Timestream over the network.

use async_trait::async_trait;
use parking_lot::Mutex;
use tidewatch_alerting::source::{Answer, Source};

use crate::cli::exit::Complaint;
use crate::cli::query::{Bridge, Failure};
use crate::rules::{columns, row};

/// The most rows of a page.
const PAGE: usize = 1_000;

/// Asks an endpoint, whatever data source a rule names.
pub(super) struct RemoteSource {
    bridge: Bridge,
    /// Why nothing usable came back, where it did not: that is no finding about the rule.
    unusable: Mutex<Option<Complaint>>,
}

impl RemoteSource {
    pub(super) fn new(bridge: Bridge) -> Self {
        RemoteSource {
            bridge,
            unusable: Mutex::default(),
        }
    }

    /// Why the endpoint could not be asked, if it could not.
    pub(super) fn into_complaint(self) -> Option<Complaint> {
        self.unusable.into_inner()
    }
}

#[async_trait]
impl Source for RemoteSource {
    async fn query(&self, _datasource_uid: &str, sql: &str) -> Result<Answer, String> {
        let mut answer = Answer::default();
        let mut token = None;
        loop {
            let page = match self.bridge.query(sql, token, PAGE).await {
                Ok(page) => page,
                Err(Failure::Refused(message)) => return Err(message),
                Err(Failure::Unusable(complaint)) => {
                    let message = complaint.to_string();
                    self.unusable.lock().get_or_insert(complaint);
                    return Err(message);
                }
            };
            if answer.columns.is_empty() {
                answer.columns = columns(page.column_info);
            }
            answer.rows.extend(page.rows.into_iter().map(row));
            token = page.next_token;
            if token.is_none() {
                return Ok(answer);
            }
        }
    }
}
