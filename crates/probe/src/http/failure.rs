//! Why an exchange failed: from what hyper, h2, TLS and the kernel say to one class.

use std::error::Error;
use std::{fmt, io};

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
    /// The body, of which so much was read already.
    Body(Progress),
}

/// How far a body has come, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) read: u64,
    /// How long the header says that it is.
    pub(super) announced: Option<u64>,
}

/// `after 5 of 10 bytes`.
impl fmt::Display for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.announced {
            Some(announced) => write!(formatter, "after {} of {announced} bytes", self.read),
            None => write!(formatter, "after {} bytes", self.read),
        }
    }
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
        (Part::Body(progress), _) => (
            ErrorClass::ReadTimeoutBody,
            format!("reading the response body from {origin}, which came to a stop {progress},"),
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
    if matches!(part, Part::Body(_)) || timeline.first_byte.is_some() {
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
        return of_http2(error, part, origin);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return ended(How::Closed, reached, part, origin);
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
        io::ErrorKind::UnexpectedEof => ended(How::Closed, reached, part, origin),
        // Not the kernel's: so h2 calls the orderly end of a connection with open streams.
        io::ErrorKind::BrokenPipe if error.raw_os_error().is_none() => {
            ended(How::Closed, reached, part, origin)
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => ended(How::Reset, reached, part, origin),
        io::ErrorKind::TimedOut if reached == PhaseReached::Send => Cause::new(
            ErrorClass::SendFailed,
            format!("the kernel gave up the connection to {origin} while the request was sent"),
        ),
        io::ErrorKind::TimedOut if matches!(part, Part::Body(_)) => Cause::new(
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

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// In order, as far as TCP is concerned.
    Closed,
    Reset,
}

impl How {
    fn word(self) -> &'static str {
        match self {
            How::Closed => "closed",
            How::Reset => "reset",
        }
    }
}

/// The connection ended where it should not have.
fn ended(how: How, reached: PhaseReached, part: Part, origin: &Origin) -> Cause {
    let (class, when) = match (part, reached) {
        (Part::Body(progress), _) => {
            let class = match how {
                How::Closed => ErrorClass::BodyTruncated,
                How::Reset => ErrorClass::ResetInBody,
            };
            (class, format!("before the body was complete, {progress}"))
        }
        (Part::Header, PhaseReached::Send) => (
            ErrorClass::SendFailed,
            "before the whole request was sent".to_owned(),
        ),
        (Part::Header, PhaseReached::Transfer) => (
            ErrorClass::ProtocolError,
            "within the response header".to_owned(),
        ),
        (Part::Header, _) => (
            ErrorClass::ClosedBeforeResponse,
            "without any response".to_owned(),
        ),
    };
    let how = how.word();
    Cause::new(class, format!("{origin} {how} the connection {when}"))
}

fn of_http2(error: &h2::Error, part: Part, origin: &Origin) -> Cause {
    let reason = error
        .reason()
        .map_or_else(|| error.to_string(), |reason| format!("{reason:?}"));
    let what = match (error.is_remote(), error.is_go_away(), error.is_reset()) {
        (true, true, _) => format!("{origin} ended the HTTP/2 connection (GOAWAY)"),
        (true, _, true) => format!("{origin} reset the HTTP/2 stream (RST_STREAM)"),
        _ => format!("{origin} broke the rules of HTTP/2"),
    };
    let when = match part {
        Part::Header => String::new(),
        Part::Body(progress) => format!(", {progress} of the body"),
    };
    Cause::new(ErrorClass::ProtocolError, format!("{what}: {reason}{when}"))
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
