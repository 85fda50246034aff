//! Why an exchange failed: from what hyper, h2, TLS and the kernel say to one class.

use std::error::Error;
use std::io;

use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Cause, ErrorClass};

use super::origin::Origin;
use crate::budget::Budget;
use crate::failure::{Failure, local};
use crate::timeline::Timeline;
use crate::tls;

/// Which part of the response was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Header,
    Body,
}

/// The response did not come in time.
pub(super) fn timed_out(
    budget: Budget,
    part: Part,
    timeline: &Timeline,
    origin: &Origin,
) -> Failure {
    let reached = reached(part, timeline);
    let (class, doing) = match (part, reached) {
        (Part::Body, _) => (
            ErrorClass::ReadTimeoutBody,
            format!("reading the response body from {origin}"),
        ),
        (Part::Header, PhaseReached::Send) => (
            ErrorClass::SendFailed,
            format!("sending the request to {origin}"),
        ),
        (Part::Header, PhaseReached::Transfer) => (
            ErrorClass::ReadTimeoutHeader,
            format!("reading the response header from {origin}"),
        ),
        (Part::Header, _) => (
            ErrorClass::ReadTimeoutHeader,
            format!("waiting for a response from {origin}"),
        ),
    };
    Failure::new(reached, budget.over(class, &doing))
}

/// The exchange broke off.
pub(super) fn broken(
    error: &hyper::Error,
    part: Part,
    timeline: &Timeline,
    origin: &Origin,
) -> Failure {
    let reached = reached(part, timeline);
    Failure::new(reached, cause(error, reached, part, origin))
}

fn reached(part: Part, timeline: &Timeline) -> PhaseReached {
    if part == Part::Body || timeline.first_byte.is_some() {
        PhaseReached::Transfer
    } else if timeline.sent.is_some() {
        PhaseReached::Wait
    } else {
        PhaseReached::Send
    }
}

fn cause(error: &hyper::Error, reached: PhaseReached, part: Part, origin: &Origin) -> Cause {
    let http2 = in_chain::<h2::Error>(error);
    if let Some(io) = http2
        .and_then(h2::Error::get_io)
        .or_else(|| in_chain::<io::Error>(error))
    {
        return tls::after_handshake(io)
            .or_else(|| local(io))
            .unwrap_or_else(|| of_stream(io, reached, part, origin));
    }
    if let Some(error) = http2 {
        return of_http2(error, origin);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return ended("closed", reached, part, origin);
    }
    let text = if error.is_parse_too_large() {
        format!("the response header of {origin} is longer than 64 KiB or has more than 100 lines")
    } else {
        format!("{origin} did not answer with HTTP: {error}")
    };
    Cause::new(ErrorClass::ProtocolError, text)
}

fn of_stream(error: &io::Error, reached: PhaseReached, part: Part, origin: &Origin) -> Cause {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ended("closed", reached, part, origin),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => ended("reset", reached, part, origin),
        io::ErrorKind::TimedOut if part == Part::Body => Cause::new(
            ErrorClass::ReadTimeoutBody,
            format!("the kernel gave up the connection to {origin} while the body was read"),
        ),
        io::ErrorKind::TimedOut => Cause::new(
            ErrorClass::ReadTimeoutHeader,
            format!("the kernel gave up the connection to {origin} before there was a response"),
        ),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Cause::new(
            ErrorClass::ProtocolError,
            format!("the response body of {origin} is not well-formed: {error}"),
        ),
        _ => Cause::new(
            ErrorClass::ProtocolError,
            format!("the connection to {origin} failed: {error}"),
        ),
    }
}

/// The connection ended where it should not have.
fn ended(how: &str, reached: PhaseReached, part: Part, origin: &Origin) -> Cause {
    match (part, reached) {
        (Part::Body, _) if how == "reset" => Cause::new(
            ErrorClass::ResetInBody,
            format!("{origin} reset the connection while the body was read"),
        ),
        (Part::Body, _) => Cause::new(
            ErrorClass::BodyTruncated,
            format!("{origin} closed the connection before the body was complete"),
        ),
        (Part::Header, PhaseReached::Send) => Cause::new(
            ErrorClass::SendFailed,
            format!("{origin} {how} the connection before the whole request was sent"),
        ),
        (Part::Header, PhaseReached::Transfer) => Cause::new(
            ErrorClass::ProtocolError,
            format!("{origin} {how} the connection within the response header"),
        ),
        (Part::Header, _) => Cause::new(
            ErrorClass::ClosedBeforeResponse,
            format!("{origin} {how} the connection without any response"),
        ),
    }
}

fn of_http2(error: &h2::Error, origin: &Origin) -> Cause {
    let reason = error
        .reason()
        .map_or_else(|| error.to_string(), |reason| format!("{reason:?}"));
    let what = match (error.is_remote(), error.is_go_away(), error.is_reset()) {
        (true, true, _) => format!("{origin} ended the HTTP/2 connection"),
        (true, _, true) => format!("{origin} reset the HTTP/2 stream"),
        _ => format!("{origin} broke the rules of HTTP/2"),
    };
    Cause::new(ErrorClass::ProtocolError, format!("{what}: {reason}"))
}

/// The first `E` among `error`'s sources.
fn in_chain<E: Error + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        source = error.source();
    }
    None
}
