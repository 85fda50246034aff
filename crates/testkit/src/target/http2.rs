//! A target's side of HTTP/2.

use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::Shared;
use super::wire::Wire;
use crate::faults::http2::{END_STREAM, HEADER, PREFACE};
use crate::reply::{Seen, Step};

pub(super) async fn converse(
    stream: TlsStream<TcpStream>,
    shared: Arc<Shared>,
    number: usize,
) -> io::Result<()> {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let shared = shared.clone();
        async move { answer(request, &shared, number).await }
    });
    hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .map_err(io::Error::other)
}

async fn answer(
    request: http::Request<Incoming>,
    shared: &Shared,
    connection: usize,
) -> Result<http::Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let mut headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    if let Some(authority) = parts.uri.authority() {
        headers.push(("host".to_owned(), authority.to_string()));
    }
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        headers,
        body: body
            .collect()
            .await
            .map_err(io::Error::other)?
            .to_bytes()
            .to_vec(),
        connection,
    };
    let reply = (shared.reply)(&seen);
    shared.seen.lock().push(seen);
    for step in reply.before {
        match step {
            Step::Pause(pause) => tokio::time::sleep(pause).await,
            Step::Wait(gate) => gate.passed().await,
            Step::Hang => std::future::pending().await,
            Step::Send(_) | Step::Drip(..) | Step::Close | Step::Cut | Step::Reset => {
                return Err(io::Error::other("the test wants the stream reset"));
            }
        }
    }
    let message = reply
        .message
        .ok_or_else(|| io::Error::other("the test wants the stream reset"))?;
    let mut response = http::Response::builder().status(message.status);
    for (name, value) in &message.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::new(message.body))
        .map_err(io::Error::other)
}

/// Waits until a whole request has come, as far as frames tell, without answering anything.
pub(super) async fn a_request(wire: &mut Wire) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    need(wire, &mut buffer, PREFACE).await?;
    buffer.advance(PREFACE);
    loop {
        need(wire, &mut buffer, HEADER).await?;
        let [a, b, c, kind, flags, ..] = *buffer else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        need(wire, &mut buffer, HEADER + length).await?;
        buffer.advance(HEADER + length);
        // Only header and data frames have the flag with this meaning.
        if kind <= 1 && flags & END_STREAM != 0 {
            return Ok(());
        }
    }
}

/// Reads until `count` bytes are there.
async fn need(wire: &mut Wire, buffer: &mut BytesMut, count: usize) -> io::Result<()> {
    while buffer.len() < count {
        if wire.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}
