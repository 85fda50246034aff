//! One request and its response over a connection that stands.

use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{Version, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tidewatch_domain::Attempt;
use tokio::time::Instant;

use super::answer::{Answer, version};
use super::body::RequestBody;
use super::connection::Connection;
use super::failure::{self, Part, Progress};
use super::origin::Origin;
use crate::budget::Budget;
use crate::failure::Failure;
use crate::timeline::Timeline;

/// What of the answer is wanted.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// How much of the body is read, in bytes.
    pub(super) limit: usize,
    /// Whether somebody will look at the body; otherwise its bytes are only counted.
    pub(super) keep_body: bool,
    /// How long the answer's header may take.
    pub(super) header_timeout: Option<Duration>,
    /// Who is asked, for texts.
    pub(super) origin: &'a Origin,
}

/// Makes the request and reads the answer; what is known of it is in `attempt` even when it
/// broke off.
pub(super) async fn run(
    connection: &mut Connection,
    message: http::Request<Option<Bytes>>,
    wanted: Wanted<'_>,
    timeline: &mut Timeline,
    budget: Budget,
    attempt: &mut Attempt,
) -> Result<Answer, Failure> {
    let Connection {
        sender,
        driver,
        meter,
        ..
    } = connection;
    meter.begin();
    let request = message.map(|data| RequestBody::new(data, meter.clone()));
    let to_header = budget.of_header(wanted.header_timeout);
    let head = to_header.cut(driver.drive(sender.send(request))).await;
    timeline.exchanged(meter.sent(), meter.first_byte());
    let response = match head {
        Some(Ok(response)) => response,
        Some(Err(error)) => {
            return Err(failure::broken(
                &error,
                Part::Header,
                timeline,
                wanted.origin,
            ));
        }
        None => {
            return Err(failure::timed_out(
                to_header,
                Part::Header,
                timeline,
                wanted.origin,
            ));
        }
    };
    let (parts, body) = response.into_parts();
    attempt.status_code = Some(parts.status.as_u16());
    attempt.http_version = Some(version(parts.version));
    let announced = body.size_hint().exact();
    let marked = end_is_marked(&parts, &body);
    let mut read = Read::default();
    let end = budget.cut(driver.drive(read.all(body, wanted))).await;
    let done = meter
        .last_byte()
        .filter(|_| marked || read.cut)
        .unwrap_or_else(Instant::now);
    attempt.body_bytes = read.bytes;
    attempt.body_cut = read.cut;
    let part = Part::Body(Progress {
        read: read.bytes,
        announced,
    });
    match end {
        Some(Ok(())) => timeline.done = Some(done),
        Some(Err(error)) => {
            return Err(failure::broken(&error, part, timeline, wanted.origin));
        }
        None => return Err(failure::timed_out(budget, part, timeline, wanted.origin)),
    }
    Ok(Answer {
        url: None,
        status: parts.status,
        headers: parts.headers,
        body: read.kept,
        body_cut: read.cut,
    })
}

/// Whether the body says itself where it ends. Otherwise the end of the connection ends it, and
/// that has no stamp.
fn end_is_marked(head: &Parts, body: &Incoming) -> bool {
    let chunked = |encodings: &[u8]| {
        encodings
            .rsplit(|byte| *byte == b',')
            .next()
            .is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"))
    };
    head.version == Version::HTTP_2
        || body.size_hint().exact().is_some()
        || head
            .headers
            .get_all(header::TRANSFER_ENCODING)
            .iter()
            .next_back()
            .is_some_and(|encodings| chunked(encodings.as_bytes()))
}

/// What was read of a body.
#[derive(Default)]
struct Read {
    kept: Vec<u8>,
    bytes: u64,
    cut: bool,
}

impl Read {
    async fn all(&mut self, mut body: Incoming, wanted: Wanted<'_>) -> hyper::Result<()> {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else {
                continue;
            };
            let left = (wanted.limit as u64).saturating_sub(self.bytes);
            let taken = usize::try_from(left).unwrap_or(usize::MAX).min(data.len());
            if wanted.keep_body {
                self.kept.extend_from_slice(&data[..taken]);
            }
            self.bytes += taken as u64;
            if taken < data.len() {
                self.cut = true;
                break;
            }
        }
        Ok(())
    }
}
