//! Answers of one instant, so that many sets of rules ask each statement once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tidewatch_domain::Timestamp;

use super::super::file::Test;
use super::super::stage::Stage;
use crate::source::{Answer, Source};

/// The stage at one instant: it fails while the test wants that, and answers a statement that it
/// has answered before as before.
pub(super) struct Memo<'a> {
    stage: &'a dyn Stage,
    failure: Option<&'a str>,
    known: Mutex<HashMap<String, Result<Answer, String>>>,
}

impl<'a> Memo<'a> {
    pub(super) fn new(stage: &'a dyn Stage, test: &'a Test, at: Timestamp) -> Self {
        let failure = test
            .failures
            .iter()
            .find(|failure| failure.from <= at && at < failure.to);
        Memo {
            stage,
            failure: failure.map(|failure| failure.message.as_str()),
            known: Mutex::default(),
        }
    }
}

#[async_trait]
impl Source for Memo<'_> {
    async fn query(&self, datasource_uid: &str, sql: &str) -> Result<Answer, String> {
        if let Some(message) = self.failure {
            return Err(message.to_owned());
        }
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = known().get(sql).cloned();
        if let Some(answer) = remembered {
            return answer;
        }
        let answer = self.stage.query(datasource_uid, sql).await;
        known().insert(sql.to_owned(), answer.clone());
        answer
    }
}
