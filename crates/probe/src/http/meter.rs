//! Takes the instants of an exchange where its bytes pass: at the stream.
//!
//! The time at which hyper hands over a response is later than the arrival of its first byte by
//! the time it took to parse the header, and hyper does not say when a request has left at all.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::connection::Protocol;
use super::frames::{Found, Frames, PREFACE};

/// The instants of the exchange that is under way; shared by the stream and whoever asks.
#[derive(Clone, Debug)]
pub(super) struct Meter(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    wire: Wire,
    /// Whether something of the request was written since the last flush.
    unflushed: bool,
    sent: Option<Instant>,
    first_byte: Option<Instant>,
    last_byte: Option<Instant>,
}

/// When bytes came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// The first of them, or one after it where that is not known.
    first: Instant,
    /// The last of them.
    last: Instant,
}

impl Arrival {
    /// The arrival of bytes that were just read, of which these stamps are known.
    pub(super) fn of(first: Option<Instant>, last: Option<Instant>) -> Self {
        let last = last.unwrap_or_else(Instant::now);
        Arrival {
            first: first.unwrap_or(last),
            last,
        }
    }
}

/// How the bytes of requests and responses are told from others.
#[derive(Debug)]
enum Wire {
    /// All bytes are of the one message under way; the request is complete once its body was
    /// handed over.
    Http1 { body_taken: bool },
    /// Messages are in frames between others.
    Http2 {
        outgoing: Frames,
        incoming: Frames,
        request_ended: bool,
    },
}

impl Meter {
    pub(super) fn new(protocol: Protocol) -> Self {
        let wire = match protocol {
            Protocol::Http1 => Wire::Http1 { body_taken: false },
            Protocol::Http2 => Wire::Http2 {
                outgoing: Frames::after(PREFACE),
                incoming: Frames::after(0),
                request_ended: false,
            },
        };
        Meter(Arc::new(Mutex::new(State {
            wire,
            unflushed: false,
            sent: None,
            first_byte: None,
            last_byte: None,
        })))
    }

    /// Forgets the exchange before.
    pub(super) fn begin(&self) {
        let mut state = self.0.lock();
        state.unflushed = false;
        state.sent = None;
        state.first_byte = None;
        state.last_byte = None;
        match &mut state.wire {
            Wire::Http1 { body_taken } => *body_taken = false,
            Wire::Http2 { request_ended, .. } => *request_ended = false,
        }
    }

    /// The request's body, or that there is none, was handed over for sending.
    pub(super) fn body_taken(&self) {
        if let Wire::Http1 { body_taken } = &mut self.0.lock().wire {
            *body_taken = true;
        }
    }

    /// When the last byte of the request was handed to the kernel; `None` before.
    pub(super) fn sent(&self) -> Option<Instant> {
        self.0.lock().sent
    }

    /// When the first byte of the response came; `None` before.
    pub(super) fn first_byte(&self) -> Option<Instant> {
        self.0.lock().first_byte
    }

    /// When the last byte read so far came; `None` before the first of the response.
    pub(super) fn last_byte(&self) -> Option<Instant> {
        self.0.lock().last_byte
    }

    /// Whether the request is out and nothing of the response has come yet.
    pub(super) fn awaits_response(&self) -> bool {
        let state = self.0.lock();
        state.sent.is_some() && state.first_byte.is_none()
    }

    /// These bytes were taken by the stream.
    pub(super) fn written(&self, bytes: &[u8]) {
        let mut state = self.0.lock();
        let State {
            wire, unflushed, ..
        } = &mut *state;
        match wire {
            Wire::Http1 { .. } => *unflushed |= !bytes.is_empty(),
            Wire::Http2 {
                outgoing,
                request_ended,
                ..
            } => {
                let mut found = Found::default();
                outgoing.take(bytes, &mut found);
                *unflushed |= found.message;
                *request_ended |= found.end;
            }
        }
    }

    /// Everything that the stream took is with the kernel.
    pub(super) fn flushed(&self) {
        let mut state = self.0.lock();
        let complete = match state.wire {
            Wire::Http1 { body_taken } => body_taken,
            Wire::Http2 { request_ended, .. } => request_ended,
        };
        if state.unflushed && complete {
            state.unflushed = false;
            state.sent = Some(Instant::now());
        }
    }

    /// These bytes came.
    ///
    /// A byte that came before the request was out, by its stamp, was most likely not: then it
    /// came when it was read.
    pub(super) fn read(&self, bytes: &[u8], arrival: Arrival) {
        let mut state = self.0.lock();
        let begins = match &mut state.wire {
            Wire::Http1 { .. } => true,
            Wire::Http2 { incoming, .. } => {
                let mut found = Found::default();
                incoming.take(bytes, &mut found);
                found.headers
            }
        };
        if begins && state.first_byte.is_none() {
            let plausible = state.sent.is_some_and(|sent| sent <= arrival.first);
            state.first_byte = Some(if plausible {
                arrival.first
            } else {
                Instant::now()
            });
        }
        state.last_byte = state.first_byte.map(|first| first.max(arrival.last));
    }
}
