//! One result that is read page by page.

use std::collections::VecDeque;
use std::time::Duration;

use tidewatch_sql::StatementKind;
use tidewatch_wire::{ApiError, ColumnInfo, QueryResponse, QueryStatus, Row};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::run::{self, Event, Events};
use crate::auth::Caller;
use crate::identifiers::{self, QUERY_ID_LENGTH};

/// How often one token may be used.
const USES: u32 = 5;
/// The least that the service bills for a statement on data.
const METERED_FLOOR: u64 = 10_000_000;
/// How long `SHOW` and `DESCRIBE` wait at most; their own time limit ends them before.
const NO_HURRY: Duration = Duration::from_secs(24 * 60 * 60);

/// How large a page may get and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    pub(crate) patience: Duration,
}

/// A running or finished statement whose result has pages left.
///
/// A token belongs to the page that it leads to. Using it again gives the same page again, until
/// the token of that page is used: only the latest page is kept. An error is kept as well.
#[derive(Debug)]
pub(crate) struct Cursor {
    id: String,
    /// Who started the statement.
    owner: Caller,
    statement: String,
    kind: StatementKind,
    columns: Vec<ColumnInfo>,
    cancelled: CancellationToken,
    reading: Mutex<Reading>,
}

#[derive(Debug)]
struct Reading {
    /// `None` once the statement ended.
    events: Option<Events>,
    /// Rows that came and are not in a page yet, with their sizes.
    pending: VecDeque<(Row, usize)>,
    pending_bytes: usize,
    scanned: u64,
    failed: Option<ApiError>,
    /// The first page, until the next one is asked for.
    first: Option<QueryResponse>,
    /// The latest page that a token led to.
    served: Option<Served>,
    /// The token that leads to the page after it.
    next: Option<Token>,
}

#[derive(Debug)]
struct Served {
    token: Token,
    uses: u32,
    page: QueryResponse,
}

#[derive(Clone, Debug)]
struct Token {
    text: String,
    issued_at: i64,
}

impl Token {
    fn leads(&self, token: &str, now: i64, lifetime: Duration) -> bool {
        self.text == token && u128::from(now.abs_diff(self.issued_at)) <= lifetime.as_nanos()
    }
}

/// The query id in a pagination token.
pub(crate) fn query_id_of(token: &str) -> Option<&str> {
    token.get(..QUERY_ID_LENGTH)
}

/// The service's answer to a token that is unknown, expired, worn out, or used with another
/// statement.
pub(crate) fn invalid_token() -> ApiError {
    ApiError::validation("Invalid pagination token.")
}

impl Cursor {
    /// A cursor on a statement that was just started.
    pub(crate) fn new(
        owner: Caller,
        statement: String,
        kind: StatementKind,
        columns: Vec<ColumnInfo>,
        events: Events,
    ) -> Cursor {
        Cursor {
            id: identifiers::query_id(),
            owner,
            statement,
            kind,
            columns,
            cancelled: CancellationToken::new(),
            reading: Mutex::new(Reading {
                events: Some(events),
                pending: VecDeque::new(),
                pending_bytes: 0,
                scanned: 0,
                failed: None,
                first: None,
                served: None,
                next: None,
            }),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the result may be read, or the statement cancelled, by `caller`.
    pub(crate) fn belongs_to(&self, caller: &Caller) -> bool {
        self.owner.is(caller)
    }

    pub(crate) fn is_for(&self, statement: &str) -> bool {
        self.statement == statement
    }

    /// The page that no token leads to.
    pub(crate) async fn first_page(&self, page: Page, now: i64) -> Result<QueryResponse, ApiError> {
        let mut reading = self.reading.lock().await;
        let page = self.compose(&mut reading, page, now).await?;
        reading.first = page.next_token.is_some().then(|| page.clone());
        Ok(page)
    }

    /// The first page once more, unless a further one was asked for already.
    pub(crate) async fn first_again(&self) -> Option<QueryResponse> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => None,
            reading = self.reading.lock() => reading.first.clone(),
        }
    }

    /// The page that `token` leads to.
    pub(crate) async fn further_page(
        &self,
        token: &str,
        page: Page,
        now: i64,
        lifetime: Duration,
    ) -> Result<QueryResponse, ApiError> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => Err(ApiError::conflict("The query has been cancelled.")),
            response = self.read(token, page, now, lifetime) => response,
        }
    }

    /// Stops the statement and every wait for its rows, and lets go of them. False when that was
    /// done before.
    pub(crate) async fn cancel(&self) -> bool {
        let first = !self.cancelled.is_cancelled();
        self.stop();
        // Whoever was waiting for rows with the lock held has just been told to stop.
        let mut reading = self.reading.lock().await;
        reading.events = None;
        reading.pending = VecDeque::new();
        reading.first = None;
        reading.served = None;
        first
    }

    /// Ends every wait for rows; the statement stops with the last reference to the cursor.
    pub(crate) fn stop(&self) {
        self.cancelled.cancel();
    }

    async fn read(
        &self,
        token: &str,
        page: Page,
        now: i64,
        lifetime: Duration,
    ) -> Result<QueryResponse, ApiError> {
        let mut reading = self.reading.lock().await;
        if let Some(served) = &mut reading.served
            && served.token.leads(token, now, lifetime)
            && served.uses < USES
        {
            served.uses += 1;
            return Ok(served.page.clone());
        }
        let Some(token) = reading
            .next
            .clone()
            .filter(|next| next.leads(token, now, lifetime))
        else {
            return Err(invalid_token());
        };
        reading.first = None;
        let page = self.compose(&mut reading, page, now).await?;
        reading.served = Some(Served {
            token,
            uses: 1,
            page: page.clone(),
        });
        Ok(page)
    }

    /// Waits for enough rows and makes a page of them. When this future is dropped while it waits
    /// (the client went away), the rows that came stay in `pending` and no token was used.
    async fn compose(
        &self,
        reading: &mut Reading,
        page: Page,
        now: i64,
    ) -> Result<QueryResponse, ApiError> {
        let patience = match self.kind {
            StatementKind::Metadata => NO_HURRY,
            StatementKind::Data => page.patience,
        };
        reading.fill(page, Instant::now() + patience).await?;
        let rows = reading.take(page);
        let last = reading.pending.is_empty() && reading.events.is_none();
        reading.next = (!last).then(|| Token {
            text: format!("{}{}", self.id, identifiers::nonce()),
            issued_at: now,
        });
        Ok(QueryResponse {
            query_id: self.id.clone(),
            next_token: reading.next.as_ref().map(|token| token.text.clone()),
            rows,
            column_info: self.columns.clone(),
            query_status: Some(self.status(reading)),
        })
    }

    fn status(&self, reading: &Reading) -> QueryStatus {
        let metered = match self.kind {
            StatementKind::Metadata => 0,
            StatementKind::Data => reading.scanned.max(METERED_FLOOR),
        };
        QueryStatus {
            progress_percentage: Some(if reading.events.is_none() { 100.0 } else { 0.0 }),
            cumulative_bytes_scanned: Some(i64::try_from(reading.scanned).unwrap_or(i64::MAX)),
            cumulative_bytes_metered: Some(i64::try_from(metered).unwrap_or(i64::MAX)),
        }
    }
}

impl Reading {
    /// Waits until there are more rows than the page takes, or no more to come, or the time is up.
    async fn fill(&mut self, page: Page, until: Instant) -> Result<(), ApiError> {
        while self.pending.len() <= page.rows && self.pending_bytes <= page.bytes {
            if let Some(error) = &self.failed {
                return Err(error.clone());
            }
            let Some(events) = &mut self.events else {
                break;
            };
            let Ok(event) = timeout_at(until, events.recv()).await else {
                break;
            };
            match event {
                Some(Ok(Event::Rows { rows, scanned })) => {
                    self.pending_bytes += rows.iter().map(|(_, size)| size).sum::<usize>();
                    self.pending.extend(rows);
                    self.scanned = scanned;
                }
                Some(Ok(Event::Ended { scanned })) => {
                    self.scanned = scanned;
                    self.events = None;
                }
                // The columns were taken before the cursor was made.
                Some(Ok(Event::Started { .. })) => {}
                Some(Err(error)) => self.failed = Some(error),
                None => self.failed = Some(run::vanished()),
            }
        }
        Ok(())
    }

    /// The rows of a page: at least one if there is any.
    fn take(&mut self, page: Page) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        while rows.len() < page.rows {
            match self.pending.front() {
                Some((_, size)) if rows.is_empty() || bytes + size <= page.bytes => bytes += size,
                _ => break,
            }
            rows.extend(self.pending.pop_front().map(|(row, _)| row));
        }
        self.pending_bytes -= bytes;
        rows
    }
}

#[cfg(test)]
mod tests;
