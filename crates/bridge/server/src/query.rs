//! Queries: first pages, further pages, cancelling.

mod cancel;
mod catalog;
mod client_tokens;
mod cursor;
mod cursors;
mod run;
mod shape;
mod threads;
mod work;

pub(crate) use client_tokens::ClientTokens;
pub(crate) use cursors::Cursors;
pub(crate) use run::describe;
pub(crate) use shape::column_type;
pub(crate) use threads::QueryThreads;

use std::sync::Arc;

use tidewatch_wire::{ApiError, QueryRequest, QueryResponse, Request};

use crate::Bridge;
use cursor::{Cursor, Page};
use run::{Event, start};

impl Bridge {
    /// Runs a statement and answers the first page of its result, or answers a further page of a
    /// statement that runs already.
    ///
    /// A page ends at `MaxRows`, at a mebibyte, or when the client has waited long enough; only a
    /// page without `NextToken` is the last one. A repeated call with the same `ClientToken` gets
    /// the same first page as long as further ones are kept for it. Insights are not given.
    pub async fn query(&self, request: QueryRequest) -> Result<QueryResponse, ApiError> {
        request.validate()?;
        let statement = request.query_string.unwrap_or_default();
        let page = Page {
            rows: request
                .max_rows
                .and_then(|rows| usize::try_from(rows).ok())
                .unwrap_or(usize::MAX),
            bytes: self.settings().page_bytes,
            patience: self.settings().query_patience,
        };
        match request.next_token {
            None => match request.client_token {
                None => self.first_page(statement, page).await,
                Some(token) => self.once(&token, statement, page).await,
            },
            Some(token) => self.further_page(&statement, &token, page).await,
        }
    }

    /// The first page of a call that may have been sent before.
    async fn once(
        &self,
        token: &str,
        statement: String,
        page: Page,
    ) -> Result<QueryResponse, ApiError> {
        let now = self.shared.clock.now();
        let tokens = &self.shared.client_tokens;
        let call = client_tokens::fingerprint(&statement, page.rows);
        if let Some(id) = tokens.note(&self.caller, token, call, now)?
            && let Some(cursor) = self.shared.cursors.get(&id, now)
            && let Some(page) = cursor.first_again().await
        {
            return Ok(page);
        }
        let response = self.first_page(statement, page).await?;
        if response.next_token.is_some() {
            tokens.keep(&self.caller, token, &response.query_id);
        }
        Ok(response)
    }

    async fn first_page(&self, statement: String, page: Page) -> Result<QueryResponse, ApiError> {
        let mut events = start(&self.shared, &self.caller, statement.clone());
        let (kind, columns) = match events.recv().await {
            Some(Ok(Event::Started { kind, columns })) => (kind, columns),
            Some(Err(error)) => return Err(error),
            _ => return Err(run::vanished()),
        };
        let cursor = Arc::new(Cursor::new(
            self.caller.clone(),
            statement,
            kind,
            columns,
            events,
        ));
        let response = cursor.first_page(page, self.shared.clock.now()).await?;
        if response.next_token.is_some() {
            self.shared.cursors.insert(cursor, self.shared.clock.now());
        }
        Ok(response)
    }

    async fn further_page(
        &self,
        statement: &str,
        token: &str,
        page: Page,
    ) -> Result<QueryResponse, ApiError> {
        let now = self.shared.clock.now();
        let cursor = cursor::query_id_of(token).and_then(|id| self.shared.cursors.get(id, now));
        match cursor {
            Some(cursor) if cursor.belongs_to(&self.caller) && cursor.is_for(statement) => {
                cursor
                    .further_page(token, page, now, self.settings().token_lifetime)
                    .await
            }
            _ => Err(cursor::invalid_token()),
        }
    }
}
