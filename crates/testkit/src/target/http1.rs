//! A target's side of HTTP/1.1.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Shared;
use super::wire::Wire;
use crate::reply::Seen;

/// Answers one HTTP/1 request after another.
pub(super) async fn converse(mut wire: Wire, shared: &Shared, number: usize) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(seen) = request(&mut wire, &mut buffer, number).await? {
        let reply = (shared.reply)(&seen);
        let last = seen.header("connection") == Some("close");
        let with_body = seen.method != "HEAD";
        shared.seen.lock().push(seen);
        if !wire.perform(reply.before).await? {
            return Ok(());
        }
        if let Some(message) = reply.message {
            wire.write_all(&message.http1(with_body)).await?;
            wire.flush().await?;
        }
        if !wire.perform(reply.after).await? {
            return Ok(());
        }
        if last {
            break;
        }
    }
    wire.shutdown().await
}

/// Reads one request; `None` when the connection ended before one.
async fn request(
    wire: &mut Wire,
    buffer: &mut Vec<u8>,
    connection: usize,
) -> io::Result<Option<Seen>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if wire.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut seen = Seen {
        method: first.next().unwrap_or_default().to_owned(),
        path: first.next().unwrap_or_default().to_owned(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: Vec::new(),
        connection,
    };
    let length: usize = seen
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or_default();
    while buffer.len() < end + length {
        if wire.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    seen.body = buffer[end..end + length].to_vec();
    buffer.drain(..end + length);
    Ok(Some(seen))
}
