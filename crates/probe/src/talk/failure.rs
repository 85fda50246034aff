//! Why a conversation broke off.

use std::io;

use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Cause, ErrorClass};

use super::Talk;
use crate::budget::Budget;
use crate::failure::{Failure, local};
use crate::tls;

/// How reading ended without what was waited for.
pub(super) enum End {
    /// In order.
    Closed,
    /// By an error.
    Broken(io::Error),
    /// By the clock.
    Time(Budget),
    /// By the limit of what is read.
    Limit,
}

/// How much of a reply there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    Nothing,
    /// Less than a line.
    Part,
    /// At least one line: an answer, though not the wanted one.
    Lines,
}

/// The kernel or TLS refused to take what was to be sent.
pub(super) fn while_sending(talk: &Talk<'_>, error: &io::Error) -> Failure {
    let peer = talk.peer;
    let cause = foreign(error).unwrap_or_else(|| {
        let text = format!("{peer} closed the connection before everything was sent: {error}");
        Cause::new(ErrorClass::SendFailed, text)
    });
    Failure::new(PhaseReached::Send, cause)
}

/// The server did not read.
pub(super) fn sending_took_too_long(talk: &Talk<'_>, budget: Budget) -> Failure {
    let doing = format!("sending to {}", talk.peer);
    Failure::new(
        PhaseReached::Send,
        budget.over(ErrorClass::SendFailed, &doing),
    )
}

/// The server said `what`, which ends the hope for what was `wanted`.
pub(super) fn unwanted(talk: &Talk<'_>, wanted: &str, what: &str) -> Failure {
    let text = format!("waiting for {wanted} from {}: {what}", talk.peer);
    Failure::new(
        PhaseReached::Transfer,
        Cause::new(ErrorClass::ProtocolError, text),
    )
}

/// Reading ended without what was `wanted`.
pub(super) fn without(talk: &Talk<'_>, wanted: &str, end: &End) -> Failure {
    let got = if talk.unread().is_empty() {
        Got::Nothing
    } else if talk.unread().contains(&b'\n') || matches!(end, End::Limit) {
        Got::Lines
    } else {
        Got::Part
    };
    let reached = match got {
        Got::Nothing => PhaseReached::Wait,
        Got::Part | Got::Lines => PhaseReached::Transfer,
    };
    Failure::new(reached, cause(talk, wanted, end, got))
}

fn cause(talk: &Talk<'_>, wanted: &str, end: &End, got: Got) -> Cause {
    let peer = talk.peer;
    let said = said(talk);
    match end {
        End::Time(budget) => {
            let class = match got {
                Got::Nothing => ErrorClass::ReadTimeoutHeader,
                Got::Part => ErrorClass::ReadTimeoutBody,
                Got::Lines => ErrorClass::BodyMismatch,
            };
            budget.over(
                class,
                &format!("waiting for {wanted} from {peer}, which said {said},"),
            )
        }
        End::Broken(error) => {
            if let Some(cause) = foreign(error) {
                return cause;
            }
            let class = match got {
                Got::Nothing => ErrorClass::ClosedBeforeResponse,
                Got::Part => ErrorClass::ResetInBody,
                Got::Lines => ErrorClass::BodyMismatch,
            };
            let text = format!("{peer} said {said} and broke the connection: {error}");
            Cause::new(class, format!("waiting for {wanted}: {text}"))
        }
        End::Closed => {
            let class = match got {
                Got::Nothing => ErrorClass::ClosedBeforeResponse,
                Got::Part => ErrorClass::BodyTruncated,
                Got::Lines => ErrorClass::BodyMismatch,
            };
            let text = format!("{peer} said {said} and closed the connection");
            Cause::new(class, format!("waiting for {wanted}: {text}"))
        }
        End::Limit => Cause::new(
            ErrorClass::BodyMismatch,
            format!(
                "waiting for {wanted}: {peer} said {said}, and it was not in the first {} bytes",
                talk.limit
            ),
        ),
    }
}

/// What TLS or this machine has to say about an error.
fn foreign(error: &io::Error) -> Option<Cause> {
    // A server that closes without TLS's own farewell has closed all the same.
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return None;
    }
    tls::after_handshake(error).or_else(|| local(error))
}

/// What came and does not fit, as it may be shown: without secrets, on one line, shortened.
fn said(talk: &Talk<'_>) -> String {
    if talk.unread().is_empty() {
        return "nothing".to_owned();
    }
    format!("`{}`", talk.redactor.line(talk.unread()))
}
