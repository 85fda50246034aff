//! A cursor fed by hand: events in, pages out.

use super::*;
use tidewatch_wire::{Datum, ErrorCode};
use tokio::sync::mpsc;

const LIFETIME: Duration = Duration::from_secs(3600);

type Sender = mpsc::Sender<Result<Event, ApiError>>;

fn cursor(kind: StatementKind) -> (Cursor, Sender) {
    let (sender, events) = mpsc::channel(16);
    (
        Cursor::new(Caller::Owner, "SELECT 1".into(), kind, Vec::new(), events),
        sender,
    )
}

/// A page of so many rows; rows count 10 bytes each.
fn page(rows: usize) -> Page {
    Page {
        rows,
        bytes: usize::MAX,
        patience: Duration::from_secs(20),
    }
}

/// Rows whose only cell is their number.
async fn rows(sender: &Sender, numbers: std::ops::Range<u32>) {
    let row = |number: u32| {
        (
            Row {
                data: vec![Datum::ScalarValue(number.to_string())],
            },
            10,
        )
    };
    let scanned = u64::from(numbers.end) * 100;
    sender
        .send(Ok(Event::Rows {
            rows: numbers.map(row).collect(),
            scanned,
        }))
        .await
        .unwrap();
}

async fn end(sender: &Sender) {
    sender
        .send(Ok(Event::Ended {
            scanned: 20_000_000,
        }))
        .await
        .unwrap();
}

fn numbers(page: &QueryResponse) -> Vec<u32> {
    let number = |row: &Row| match &row.data[0] {
        Datum::ScalarValue(text) => text.parse().unwrap(),
        other => panic!("{other:?}"),
    };
    page.rows.iter().map(number).collect()
}

#[track_caller]
fn token(page: &QueryResponse) -> &str {
    page.next_token.as_deref().unwrap()
}

#[tokio::test]
async fn a_result_that_fits_is_one_page() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..3).await;
    end(&sender).await;
    let only = cursor.first_page(page(3), 0).await.unwrap();
    assert_eq!((numbers(&only), only.next_token), (vec![0, 1, 2], None));
}

#[tokio::test]
async fn pages_are_cut_by_rows_across_chunks() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..3).await;
    rows(&sender, 3..5).await;
    end(&sender).await;
    let first = cursor.first_page(page(2), 0).await.unwrap();
    let second = cursor
        .further_page(token(&first), page(2), 0, LIFETIME)
        .await
        .unwrap();
    let third = cursor
        .further_page(token(&second), page(2), 0, LIFETIME)
        .await
        .unwrap();
    assert_eq!(
        (numbers(&first), numbers(&second), numbers(&third)),
        (vec![0, 1], vec![2, 3], vec![4])
    );
    assert_eq!(third.next_token, None);
    assert_eq!(
        (&first.query_id, &second.query_id),
        (&third.query_id, &third.query_id)
    );
}

#[tokio::test]
async fn pages_are_cut_by_bytes_but_hold_a_row_at_least() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..5).await;
    end(&sender).await;
    let bytes = |bytes| Page {
        bytes,
        ..page(1000)
    };
    let first = cursor.first_page(bytes(25), 0).await.unwrap();
    let second = cursor
        .further_page(token(&first), bytes(5), 0, LIFETIME)
        .await
        .unwrap();
    let third = cursor
        .further_page(token(&second), bytes(20), 0, LIFETIME)
        .await
        .unwrap();
    assert_eq!(
        (numbers(&first), numbers(&second), numbers(&third)),
        (vec![0, 1], vec![2], vec![3, 4])
    );
    assert_eq!(third.next_token, None);
}

#[tokio::test]
async fn a_token_gives_the_same_page_five_times() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..3).await;
    end(&sender).await;
    let first = cursor.first_page(page(1), 0).await.unwrap();
    let second = cursor
        .further_page(token(&first), page(1), 0, LIFETIME)
        .await
        .unwrap();
    for _ in 1..5 {
        let again = cursor
            .further_page(token(&first), page(1), 0, LIFETIME)
            .await
            .unwrap();
        assert_eq!(again, second);
    }
    let worn_out = cursor
        .further_page(token(&first), page(1), 0, LIFETIME)
        .await
        .unwrap_err();
    assert_eq!(worn_out, invalid_token());
    let third = cursor
        .further_page(token(&second), page(1), 0, LIFETIME)
        .await
        .unwrap();
    assert_eq!(numbers(&third), [2]);
}

#[tokio::test]
async fn a_newer_token_invalidates_the_older() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..4).await;
    end(&sender).await;
    let first = cursor.first_page(page(1), 0).await.unwrap();
    let second = cursor
        .further_page(token(&first), page(1), 0, LIFETIME)
        .await
        .unwrap();
    cursor
        .further_page(token(&second), page(1), 0, LIFETIME)
        .await
        .unwrap();
    let stale = cursor
        .further_page(token(&first), page(1), 0, LIFETIME)
        .await
        .unwrap_err();
    assert_eq!(stale, invalid_token());
}

#[tokio::test]
async fn a_token_expires() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..2).await;
    end(&sender).await;
    let hour = 3_600_000_000_000;
    let first = cursor.first_page(page(1), 5).await.unwrap();
    let late = cursor
        .further_page(token(&first), page(1), hour + 6, LIFETIME)
        .await
        .unwrap_err();
    assert_eq!(late, invalid_token());
    assert!(
        cursor
            .further_page(token(&first), page(1), hour + 5, LIFETIME)
            .await
            .is_ok()
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_statement_is_answered_with_what_is_there() {
    let (cursor, sender) = cursor(StatementKind::Data);
    let first = cursor.first_page(page(2), 0).await.unwrap();
    assert_eq!(numbers(&first), [0; 0]);
    rows(&sender, 0..1).await;
    let second = cursor
        .further_page(token(&first), page(2), 0, LIFETIME)
        .await
        .unwrap();
    assert_eq!(numbers(&second), [0]);
    end(&sender).await;
    let last = cursor
        .further_page(token(&second), page(2), 0, LIFETIME)
        .await
        .unwrap();
    assert_eq!((numbers(&last), &last.next_token), (vec![], &None));
}

#[tokio::test(start_paused = true)]
async fn a_slow_show_is_waited_for() {
    let (cursor, sender) = cursor(StatementKind::Metadata);
    let feed = async {
        tokio::time::sleep(Duration::from_secs(200)).await;
        rows(&sender, 0..1).await;
        end(&sender).await;
    };
    let (only, ()) = tokio::join!(cursor.first_page(page(10), 0), feed);
    let only = only.unwrap();
    assert_eq!((numbers(&only), &only.next_token), (vec![0], &None));
    assert_eq!(only.query_status.unwrap().cumulative_bytes_metered, Some(0));
}

#[tokio::test]
async fn the_status_tells_progress_and_bytes() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..2).await;
    let first = cursor.first_page(page(1), 0).await.unwrap();
    end(&sender).await;
    let last = cursor
        .further_page(token(&first), page(1), 0, LIFETIME)
        .await
        .unwrap();
    let status = |progress, scanned, metered| {
        Some(QueryStatus {
            progress_percentage: Some(progress),
            cumulative_bytes_scanned: Some(scanned),
            cumulative_bytes_metered: Some(metered),
        })
    };
    assert_eq!(first.query_status, status(0.0, 200, 10_000_000));
    assert_eq!(last.query_status, status(100.0, 20_000_000, 20_000_000));
}

#[tokio::test]
async fn a_failure_on_the_way_is_told_again_and_again() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..2).await;
    let first = cursor.first_page(page(1), 0).await.unwrap();
    let failure = ApiError::new(ErrorCode::QueryExecution, "Division by zero");
    sender.send(Err(failure.clone())).await.unwrap();
    for _ in 0..2 {
        let error = cursor
            .further_page(token(&first), page(1), 0, LIFETIME)
            .await
            .unwrap_err();
        assert_eq!(error, failure);
    }
}

#[tokio::test]
async fn a_statement_that_dies_silently_is_an_internal_error() {
    let (cursor, sender) = cursor(StatementKind::Data);
    drop(sender);
    let error = cursor.first_page(page(1), 0).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InternalServer);
}

#[tokio::test]
async fn cancelling_stops_the_statement_and_whoever_waits() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..2).await;
    let first = cursor.first_page(page(1), 0).await.unwrap();
    // One row is at hand and a page of two needs more, so the reader waits until it is cancelled.
    let (waiting, cancelled) = tokio::join!(
        cursor.further_page(token(&first), page(2), 0, LIFETIME),
        cursor.cancel()
    );
    assert_eq!(
        waiting.unwrap_err(),
        ApiError::conflict("The query has been cancelled.")
    );
    assert!(cancelled);
    assert!(sender.is_closed(), "the statement goes on");
    assert!(!cursor.cancel().await, "cancelling is idempotent");
    let later = cursor
        .further_page(token(&first), page(1), 0, LIFETIME)
        .await
        .unwrap_err();
    assert_eq!(later.code, ErrorCode::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_goes_away_loses_no_rows() {
    let (cursor, sender) = cursor(StatementKind::Data);
    rows(&sender, 0..1).await;
    let first = cursor
        .first_page(Page { rows: 0, ..page(0) }, 0)
        .await
        .unwrap();
    rows(&sender, 1..2).await;
    let gone = tokio::time::timeout(
        Duration::from_secs(1),
        cursor.further_page(token(&first), page(5), 0, LIFETIME),
    );
    assert!(gone.await.is_err());
    end(&sender).await;
    let again = cursor
        .further_page(token(&first), page(5), 0, LIFETIME)
        .await
        .unwrap();
    assert_eq!(numbers(&again), [0, 1]);
}
