//! The status page as a browser gets it, over cards and a clock that stand still.

mod alerts;
mod cards;
mod definition;
mod json;
mod pages;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use parking_lot::RwLock;
use tidewatch_testkit::ManualClock;
use tower::ServiceExt;

use super::{Findings, Places, StatusState, router};
use crate::local::{Board, Card, LastTold};
use crate::rules::Alerting;
use crate::settings::AlertSource;

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Where each of `texts` begins; all have to be there, in this order.
    #[track_caller]
    fn shows_in_order(&self, texts: &[&str]) {
        let mut from = 0;
        for text in texts {
            let Some(at) = self.text[from..].find(text) else {
                panic!("`{text}` is not where it should be in\n{}", self.text);
            };
            from += at + text.len();
        }
    }

    #[track_caller]
    fn shows(&self, text: &str) {
        self.shows_in_order(&[text]);
    }

    #[track_caller]
    fn hides(&self, text: &str) {
        assert!(!self.text.contains(text), "`{text}` is in\n{}", self.text);
    }
}

async fn get(path: &str, cards: Vec<Card>) -> Answer {
    get_with(path, cards, Findings::default()).await
}

async fn get_with(path: &str, cards: Vec<Card>, findings: Findings) -> Answer {
    get_with_all(path, cards, findings, LastTold::default()).await
}

async fn get_with_all(path: &str, cards: Vec<Card>, findings: Findings, told: LastTold) -> Answer {
    let board = Arc::new(Board::default());
    for card in cards {
        board.put(card);
    }
    let state = StatusState {
        board,
        findings: Arc::new(RwLock::new(findings)),
        told: Arc::new(told),
        ..empty(Alerting {
            source: AlertSource::Local,
            desk: None,
            heartbeat: None,
        })
    };
    send(state, Request::get(path).body(Body::empty()).unwrap()).await
}

/// A page without monitors.
fn empty(alerting: Alerting) -> StatusState {
    let places = Places {
        listen: "127.0.0.1:8080".parse().unwrap(),
        bridge_url: "http://127.0.0.1:8086".to_owned(),
        database: "CPTMonitoring".to_owned(),
        table: "WebsiteMonitoringData".to_owned(),
        definitions: "dynamo_entries.json".to_owned(),
        version: "1.2.3".to_owned(),
    };
    StatusState {
        board: Arc::default(),
        clock: Arc::new(ManualClock::at(cards::now())),
        findings: Arc::default(),
        told: Arc::default(),
        alerting,
        places: Arc::new(places),
    }
}

async fn send(state: StatusState, request: Request<Body>) -> Answer {
    let response = router(state).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}
